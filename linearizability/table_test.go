package linearizability

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTable_grow: a table finds each config again after it has grown.
func TestTable_grow(t *testing.T) {
	table, used := newTable(slotSet{0}), newUsedSets(0)
	add := func(state int32) bool {
		_, added, _ := table.add(&config{state: state, done: slotSet{0}, placed: slotSet{0}}, used)
		return added
	}
	for state := range int32(100) {
		require.True(t, add(state), state)
		require.False(t, add(state), state)
	}
}
