package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// twice is the reference whose leaders reject every transfer twice.
type twice struct{ reference.System }

type twiceNode struct{ *reference.Node }

func (twice) Name() string { return "twice" }

func (p twice) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := p.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return twiceNode{n.(*reference.Node)}, nil
}

func (n twiceNode) Step(in raft.Input) raft.Output {
	if asked, ok := in.(*raft.Transfer); ok && n.Status().Role == raft.Leader {
		no := raft.Reply{Op: asked.Op, Outcome: raft.Rejected}
		return raft.Output{Replies: []raft.Reply{no, no}}
	}
	return n.Node.Step(in)
}

func (n twiceNode) Clone() raft.Node { return twiceNode{n.Node.Clone().(*reference.Node)} }

// forgetful is the reference whose nodes boot as if their disks were empty.
type forgetful struct{ reference.System }

func (forgetful) Name() string { return "forgetful" }

func (f forgetful) Boot(c raft.NodeConfig) (raft.Node, error) {
	c.Disk = nil
	return f.System.Boot(c)
}

// TestJudge_asObserved wants each judgement, which may be one of an equal step in another
// state, to be the one that the checkers give in the state at hand.
func TestJudge_asObserved(t *testing.T) {
	tests := []struct {
		name       string
		system     raft.System
		start      faults.Schedule
		bounds     Bounds
		properties []string // all if the system is sound
	}{
		{"early messages", early{}, faults.Schedule{Nodes: 3},
			Bounds{Terms: 1, Crashes: 1, Messages: 2, Writes: 1},
			[]string{"ElectionSafety", "ElectionQuorum", "LeaderCompleteness", "CommitQuorum"}},
		{"changes", reference.System{}, faults.Schedule{Nodes: 3, Voters: 2},
			Bounds{Terms: 1, Changes: 2, Messages: 3}, nil},
		{"early changes", early{}, faults.Schedule{Nodes: 3, Voters: 2},
			Bounds{Terms: 1, Changes: 1, Messages: 2, Writes: 2}, []string{"Configuration", "CommitQuorum"}},
		{"changes and lost disks", forgetful{}, faults.Schedule{Nodes: 2, Voters: 1},
			Bounds{Terms: 1, Changes: 2, Crashes: 1, Messages: 3}, []string{"Configuration"}},
		{"transfers", twice{}, faults.Schedule{Nodes: 2},
			Bounds{Terms: 2, Transfers: 1, Crashes: 1, Messages: 2}, []string{"Contract"}},
		{"compactions", reference.System{}, faults.Schedule{Nodes: 2},
			Bounds{Terms: 1, Calls: 1, Compactions: 1, Crashes: 1, Messages: 4}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := exploration(test.system, &test.start, test.bounds)
			e.Properties = test.properties
			x, err := e.begin()
			require.NoError(t, err)
			w, violated := x.workers[0], 0
			for before := 0; before < x.report.Distinct; {
				before = x.report.Distinct
				for _, rest := range x.level {
					for s := (state{}); len(rest) > 0; {
						rest = s.take(rest, x.nodes)
						violated += w.judgeAll(t, &s)
					}
				}
				require.Empty(t, x.exploreLevel(t.Context()))
				x.descend()
			}
			require.Greater(t, x.report.Distinct, 150)
			require.Equal(t, test.properties != nil, violated > 0)
		})
	}
}

// judgeAll compares the judgement on each option of a state with that of the checkers. It
// returns the number of options that violate a property.
func (w *worker) judgeAll(t *testing.T, s *state) (violated int) {
	for i := range w.options(s) {
		o := w.list[i]
		result, st := w.take(s, &o)
		if result == nothing || st == nil {
			continue
		}
		got, after := properties(w.complaints), w.next.memory
		var m *message
		if o.at != noMessage {
			m = w.parts.messages.at(s.messages[o.at])
		}
		again := w.carryOut(s, &o, m)
		if !again.private {
			want, _ := w.observe(s, o.node, again)
			require.Equal(t, want, after)
		}
		require.Equal(t, st.private, again.private)
		require.Equal(t, properties(w.complaints), got)
		if result == broken {
			violated++
		}
	}
	return violated
}

// properties returns the properties that complaints are about.
func properties(complaints []models.Verdict) (names []string) {
	for _, c := range complaints {
		names = append(names, c.Property)
	}
	return names
}
