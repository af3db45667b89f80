package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft/reference"
)

// TestBlock_reasons: a block has a finding for each reason of a property, in any order of its
// schedules, and not for each schedule. Of many reasons it has the first.
func TestBlock_reasons(t *testing.T) {
	texts := []string{
		"n1 calls t1i1 committed", "n2 calls t3i4 committed", "a leader lacks t1i1", "n3 calls t1i1 committed",
		"n1 votes", "a leader lacks t2i2", "n2 went back",
	}
	for _, down := range []bool{false, true} {
		b := newBlock(Span{0, len(texts)}, &sightings{})
		for i := range texts {
			if down {
				i = len(texts) - 1 - i
			}
			r := trial.Result{Verdicts: []models.Verdict{
				{Property: "CommitQuorum", Outcome: models.Violated, Text: texts[i]},
			}}
			b.add(i, &r, &faults.Schedule{Nodes: 1 + i}, reference.System{})
		}
		var numbers []int
		for _, f := range b.found.InTurn() {
			numbers = append(numbers, f.Number)
		}
		require.Equal(t, []int{0, 2, 4}, numbers)
	}
}
