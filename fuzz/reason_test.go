package fuzz

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReasonOf: verdicts of one bug have one reason, those of others do not.
func TestReasonOf(t *testing.T) {
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
		require.Equal(t, ReasonOf(same[0]), ReasonOf(same[1]))
	}
	for _, different := range [][2]string{
		{"Leases after event 4: n1 answers", "Leases after event 4: n1 rejects"},
		{"Liveness after event 4: NoLeader within 400 ticks", "Liveness after event 4: LogBehind within 400 ticks"},
		{"Liveness after event 3: healed, and not able within 400 ticks to take two writes at once: n1 leads",
			"Liveness after event 3: healed, and not able within 400 ticks to catch up a node: n1 leads"},
		{"Voting after event 4: n1 answers", "Leases after event 4: n1 answers"},
	} {
		require.NotEqual(t, ReasonOf(different[0]), ReasonOf(different[1]))
	}
}

// TestFindings: a property has the first finding of each reason, whatever the order in which they are
// added, and of many reasons the first ones.
func TestFindings(t *testing.T) {
	verdicts := []string{
		"n1 calls t1i1 committed", "n2 calls t3i4 committed", "a leader lacks t1i1", "n3 calls t1i1 committed",
		"n1 votes", "a leader lacks t2i2", "n2 went back",
	}
	for _, order := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1, 0}, {3, 6, 5, 0, 4, 1, 2}} {
		found := Findings{"Voting": {{Property: "Voting", Number: 1}}}
		for _, number := range order {
			if found.Wants("CommitQuorum", number, verdicts[number]) {
				found.Add(&Finding{Property: "CommitQuorum", Number: number, reason: ReasonOf(verdicts[number])})
			}
		}
		var numbers []int
		for _, f := range found.InTurn() {
			numbers = append(numbers, f.Number)
		}
		require.Equal(t, []int{0, 1, 2, 4}, numbers, "that of Voting is the second")
		require.Len(t, found["CommitQuorum"], mostReasons)
		require.Equal(t, 0, found.First("CommitQuorum").Number)
		require.Nil(t, found.First("Liveness"))
	}
}

// TestFindings_compact: of findings that are alike once they are shrunk the first stays.
func TestFindings_compact(t *testing.T) {
	list := []*Finding{{Number: 3, Verdict: "n1 votes"}, {Number: 4, Verdict: "n2 went back"}, {Number: 9, Verdict: "n3 votes"}}
	found := Findings{"Voting": list}
	found.compact()
	require.Equal(t, Findings{"Voting": list[:2:2]}, found)
}
