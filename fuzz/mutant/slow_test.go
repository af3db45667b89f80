package mutant

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// slowCorpus has the bugs that only make a cluster slow.
const slowCorpus = corpus + "/slow"

// heals is how long the heals of a campaign took, in ticks; 99% of them within the tail.
type heals struct {
	Verdict            string
	Median, Tail, Most int
}

// TestSlow wants each bug that only makes a cluster slow to be seen in the tail of heal times:
// no property is violated, and 99% of the heals take a sixth longer, and the longest a quarter.
func TestSlow(t *testing.T) {
	measure := func(name string) (h heals) {
		out := together(t, name, "heals", "800")
		require.NoError(t, json.Unmarshal(out, &h), "%s", out)
		require.NotEqual(t, "violated", h.Verdict)
		return h
	}
	mutants, err := Read(slowCorpus)
	require.NoError(t, err)
	require.NotEmpty(t, mutants)
	sound := measure("")
	for _, m := range mutants {
		slow := measure(m.Name)
		t.Logf("%s: 99%% of heals within %d ticks, most %d; without it %d and %d",
			m.Name, slow.Tail, slow.Most, sound.Tail, sound.Most)
		require.Greater(t, 6*slow.Tail, 7*sound.Tail, m.Name)
		require.Greater(t, 4*slow.Most, 5*sound.Most, m.Name)
		require.Less(t, slow.Median, 2*sound.Median, "%s: the tail moves, and not the median", m.Name)
	}
}

// allMutants returns those of the corpus, the slow ones, and those of batches and of Paxos.
func allMutants(t *testing.T) []*Mutant {
	t.Helper()
	mutants, err := readAll()
	require.NoError(t, err)
	return mutants
}

func readAll() ([]*Mutant, error) {
	var all []*Mutant
	for _, folder := range []string{corpus, slowCorpus, batchCorpus, paxosCorpus} {
		mutants, err := Read(folder)
		if err != nil {
			return nil, err
		}
		all = append(all, mutants...)
	}
	return all, nil
}
