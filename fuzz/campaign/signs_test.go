package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
)

// TestSignOf: verdicts of one bug have one sign, those of others do not.
func TestSignOf(t *testing.T) {
	for _, same := range [][2]string{
		{"Linearizability: key x: no order of the operations called so far explains c1 19..21 x get -> nil @1",
			"Linearizability: key y: no order of the operations called so far explains c12 45..147 y get -> nil @2"},
		{"Configuration after event 3: n1 leads and has no vote in {2 3}, which is committed",
			"Configuration after event 9: n5 leads and has no vote in {1}+{2 3 4}, which is committed"},
		{"Liveness after event 4: NoLeader within 400 ticks of healing: n1 t1",
			"Liveness after event 12: NoLeader within 400 ticks of healing: n2 t7, n3 down"},
		{"Liveness after event 9: healed, and not able within 400 ticks to transfer the leadership to n2: n1 leads",
			"Liveness after event 7: healed, and not able within 60 ticks to transfer the leadership to n3: n2 leads"},
	} {
		require.Equal(t, signOf(same[0]), signOf(same[1]))
	}
	for _, different := range [][2]string{
		{"Leases after event 4: n1 answers", "Leases after event 4: n1 rejects"},
		{"Liveness after event 4: NoLeader within 400 ticks", "Liveness after event 4: LogBehind within 400 ticks"},
		{"Liveness after event 3: healed, and not able within 400 ticks to take two writes at once: n1 leads",
			"Liveness after event 3: healed, and not able within 400 ticks to catch up a node: n1 leads"},
		{"Voting after event 4: n1 answers", "Leases after event 4: n1 answers"},
	} {
		require.NotEqual(t, signOf(different[0]), signOf(different[1]))
	}
}

// TestKeyOf_nondeterministic: the prose has the reason, as the verdict only has numbers.
func TestKeyOf_nondeterministic(t *testing.T) {
	s := &faults.Schedule{Golden: []string{"violated Liveness in 3 of 10 runs"}}
	s.Prose = []string{reason + "violated Liveness after event 4: NoLeader within 400 ticks (in 3 of 10 runs)"}
	require.Equal(t, "Liveness: NoLeader", KeyOf(s), "as in folders of earlier versions")
	require.Empty(t, KeyOf(&faults.Schedule{Golden: []string{"held"}}))
}
