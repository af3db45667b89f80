package apart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
)

// TestDeath_once: a data race that does not come again keeps its words.
func TestDeath_once(t *testing.T) {
	d := crash("fatal error: concurrent map writes\n\ngoroutine 7 [running]:\nmine.step(0x1)\n\tmine.go:12 +0x3\n")
	r := d.once("in one run of several")
	require.Equal(t, "the runtime ends the process: concurrent map writes (in one run of several)",
		r.Of("Survival").Text)
	require.Equal(t, "the runtime ends the process", trial.KindOfDeath(r.Of("Survival").Text))
	require.Equal(t, "at mine.step, mine.go:12\n", r.Stack)
	r = (&death{kind: hangs}).once(notTwice)
	require.Equal(t, "a call does not return: but not in a second run", r.Of("Survival").Text)
}
