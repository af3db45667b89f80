package explore

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models/kv"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestSymmetry_losesNothing wants the states that the reduction visits, by every
// name that their nodes can have, to be the states without the reduction.
func TestSymmetry_losesNothing(t *testing.T) {
	tests := []struct {
		name   string
		start  faults.Schedule
		bounds Bounds
		as     int
	}{
		{"three nodes", faults.Schedule{Nodes: 3}, Bounds{Terms: 2, Calls: 1, Messages: 3}, 6},
		{"crashes", faults.Schedule{Nodes: 3},
			Bounds{Terms: 1, Crashes: 1, Drops: 1, Duplicates: 1, Writes: 1, Messages: 2}, 6},
		{"pre-vote", faults.Schedule{Nodes: 3, PreVote: true},
			Bounds{Terms: 1, Calls: 1, Ticks: 2, Messages: 3}, 6},
		{"transfers and snapshots", faults.Schedule{Nodes: 3},
			Bounds{Terms: 2, Transfers: 1, Compactions: 1, Messages: 3}, 6},
		{"four nodes", faults.Schedule{Nodes: 4}, Bounds{Terms: 1, Messages: 4}, 24},
		{"two nodes that wait", faults.Schedule{Nodes: 4, Voters: 2}, Bounds{Terms: 2, Calls: 1, Messages: 3}, 4},
		{"changes", faults.Schedule{Nodes: 3, Voters: 2}, Bounds{Terms: 1, Changes: 2, Messages: 4}, 2},
		{"changes of three", faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Changes: 1, Messages: 3}, 6},
		{"changes and snapshots", faults.Schedule{Nodes: 3, Voters: 1},
			Bounds{Terms: 1, Changes: 2, Compactions: 1, Crashes: 1, Messages: 2}, 2},
		{"a leader", faults.Schedule{Nodes: 3, Events: startEvents}, Bounds{Terms: 1, Calls: 1, Messages: 3}, 6},
		{"a cut", faults.Schedule{Nodes: 3,
			Events: []faults.Event{{Kind: faults.Cut, Node: 1, Peer: 2}, {Kind: faults.Cut, Node: 1, Peer: 3}}},
			Bounds{Terms: 2, Calls: 1, Messages: 4}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := exploration(reference.System{}, &test.start, test.bounds)
			e.heeds = true
			reduced := allNames(t, e, test.as)
			e.NoReduction = true
			plain := map[fingerprint]bool{}
			for _, names := range allNames(t, e, 1) {
				plain[names[0]] = true
			}
			missing, once := maps.Clone(plain), map[fingerprint]bool{}
			for _, names := range reduced {
				once[slices.MinFunc(names, fingerprint.compare)] = true
				require.True(t, slices.ContainsFunc(names, func(f fingerprint) bool { return plain[f] }),
					"a state that is none")
				for _, f := range names {
					delete(missing, f)
				}
			}
			require.Empty(t, missing)
			require.Equal(t, len(reduced), len(once), "no two are the same by other names")
			require.Greater(t, len(plain), 500)
			require.Less(t, len(reduced), len(plain))
		})
	}
}

// allNames explores and returns the fingerprints that each state has by every name.
func allNames(t *testing.T, e *Exploration, renamings int) (all [][]fingerprint) {
	t.Helper()
	x, err := e.begin()
	require.NoError(t, err)
	require.Len(t, x.parts.as, renamings)
	w := x.workers[0]
	for before := 0; before < x.report.Distinct; {
		before = x.report.Distinct
		for _, rest := range x.level {
			for s := (state{}); len(rest) > 0; {
				rest = s.take(rest, x.nodes)
				w.arrange(&s)
				var names []fingerprint
				for r := range renamings {
					names = append(names, w.under(uint8(r)).plus(w.nameless(&s)))
				}
				all = append(all, names)
			}
		}
		require.Empty(t, x.exploreLevel(t.Context()))
		x.descend()
	}
	return all
}

// TestSymmetry_sameViolations wants the same properties violated, at the same
// depth, with and without the reduction.
func TestSymmetry_sameViolations(t *testing.T) {
	e := exploration(early{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Crashes: 1, Messages: 3, Writes: 1})
	e.KeepGoing = true
	for _, property := range []string{"ElectionSafety", "Durability", "ElectionQuorum", "NoPanic"} {
		e.Properties, e.NoReduction, e.heeds = []string{property}, false, true
		reduced := violated(t, e)
		e.NoReduction = true
		require.Equal(t, violated(t, e), reduced)
		require.Contains(t, reduced, property)
	}
}

// TestRenamings keep voters voters, learners learners and cuts cuts.
func TestRenamings(t *testing.T) {
	for _, test := range []struct {
		nodes, voters int
		learners      raft.NodeSet
		want          int
	}{
		{1, 1, 0, 1}, {3, 3, 0, 6}, {5, 5, 0, 120}, {4, 3, 0, 6}, {5, 3, 0, 12}, {7, 7, 0, 120}, {7, 5, 0, 120},
		{7, 2, 0, 12}, {5, 3, raft.NodeSetOf(4), 6}, {5, 1, raft.NodeSetOf(4, 5), 4},
	} {
		start := &faults.Schedule{Service: kv.Service{}, Nodes: test.nodes}
		stage, err := faults.NewStage(reference.System{}, start, faults.Future{})
		require.NoError(t, err)
		list := renamings(stage, test.nodes, raft.FirstNodes(test.voters), test.learners)
		require.Len(t, list, test.want)
		for id := range raft.FirstNodes(test.nodes).All() {
			require.Equal(t, id, list[0].Name(id), "the first changes nothing")
			for _, as := range list {
				require.Equal(t, int(id) <= test.voters, int(as.Name(id)) <= test.voters)
				require.Equal(t, test.learners.Has(id), test.learners.Has(as.Name(id)))
			}
		}
	}
}
