package maelstrom

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTraffic: the node that sent most lately is the busiest, and old messages do not count.
func TestTraffic(t *testing.T) {
	c := traffic{since: time.Now(), now: make([]int, 4), before: make([]int, 4)}
	require.Zero(t, c.busiest())
	for _, node := range []int{1, 2, 2, 3} {
		c.count(node)
	}
	require.Equal(t, 2, c.busiest())
	c.count(3)
	require.Zero(t, c.busiest(), "as busy as another")
	c.count(3)
	c.since = c.since.Add(-period)
	require.Equal(t, 3, c.busiest(), "of the period before")
	c.since = c.since.Add(-3 * period)
	require.Zero(t, c.busiest())
}
