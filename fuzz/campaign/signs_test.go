package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
)

// TestKeyOf_nondeterministic: the prose has the reason, as the verdict only has numbers.
func TestKeyOf_nondeterministic(t *testing.T) {
	s := &faults.Schedule{Golden: []string{"violated Liveness in 3 of 10 runs"}}
	s.Prose = []string{reason + "violated Liveness after event 4: NoLeader within 400 ticks (in 3 of 10 runs)"}
	require.Equal(t, "Liveness: NoLeader", KeyOf(s), "as in folders of earlier versions")
	require.Empty(t, KeyOf(&faults.Schedule{Golden: []string{"held"}}))
}
