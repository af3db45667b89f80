package fuzz_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// frugal is the reference with a property that Raft does not promise: only one node
// ever leads.
type frugal struct{ reference.System }

// Checkers returns the checker of that property.
func (frugal) Checkers() []models.Checker {
	return []models.Checker{&oneLeader{terms: map[raft.Term]bool{}}}
}

// oneLeader is a checker with three methods. It does not reset its memory of a run: the
// monitor restores its first state.
type oneLeader struct {
	terms map[raft.Term]bool // always empty; a map to restore
	seen  []raft.NodeID
}

func (*oneLeader) Property() models.Property {
	return models.Property{Name: "OneLeader", Source: "nobody", Inspects: true}
}

func (c *oneLeader) Observe(v *trace.View, r *trace.Record) string {
	if r.Kind == trace.Stepped && v.Nodes[r.Node].Elected() {
		c.seen = append(c.seen, r.Node)
	}
	if len(c.seen) > 1 {
		return fmt.Sprintf("%s leads after %s", c.seen[1], c.seen[0])
	}
	return ""
}

func (c *oneLeader) Finish(*trace.View) (models.Outcome, string) { return models.Held, "" }

// TestJudged_fromElsewhere: a property that a system brings is judged, counted, shrunk
// and kept like any other.
func TestJudged_fromElsewhere(t *testing.T) {
	var files []string
	c := fuzz.Campaign{
		System: frugal{}, Services: services.All(), Profile: generate.Rough, Seed: 72,
		Schedules: 30, Workers: 2,
		Found: func(f *fuzz.Finding) { files = append(files, f.FileName()) },
	}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 30, report.Verdicts["ElectionSafety"].Held)
	counts := report.Verdicts["OneLeader"]
	require.Positive(t, counts.Violated)
	require.Positive(t, counts.Held, "a run in which one node leads is forgotten before the next")
	f := report.Findings.First("OneLeader")
	require.NotNil(t, f)
	require.True(t, f.Shrunk, "the finding must be shrunk")
	require.Len(t, f.Schedule.Events, 3, f.Schedule)
	require.Contains(t, f.Verdict, "violated OneLeader after event 3: n")
	require.Contains(t, files, f.FileName())
	require.Contains(t, f.Describe("here").String(), "property  OneLeader (nobody)")
	result := trial.NewRunner(reference.System{}, services.All()).Run(f.Schedule)
	require.Equal(t, models.Held, result.Outcome(), "the system without the property")
}

// TestJudged_explorationNeedsMemory: an exploration does not judge a property whose
// checker has no memory to compare.
func TestJudged_explorationNeedsMemory(t *testing.T) {
	require.NotContains(t, explore.Judges(frugal{}), "OneLeader")
	require.Contains(t, explore.Judges(frugal{}), "ElectionSafety")
}

// named is the reference with a property of any name.
type named struct {
	reference.System
	name string
}

func (n named) Checkers() []models.Checker { return []models.Checker{&called{name: n.name}} }

type called struct {
	models.NoPanic
	name string
}

func (c *called) Property() models.Property { return models.Property{Name: c.name} }

// TestJudged_names: a property that no file or table could tell from another is refused.
func TestJudged_names(t *testing.T) {
	for name, want := range map[string]string{
		"":                "letters and digits",
		"../up":           "letters and digits",
		"ElectionSafety":  "ElectionSafety twice",
		"electionsafety":  "electionsafety twice",
		"Linearizability": "Linearizability twice",
	} {
		c := fuzz.Campaign{Services: services.All(), System: named{name: name}, Profile: generate.Calm,
			Schedules: 1, Workers: 1}
		_, err := c.Run(t.Context())
		require.ErrorContains(t, err, want, name)
	}
}
