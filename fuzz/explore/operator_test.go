package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// altering is the reference with another way to take a step.
type altering struct {
	reference.System
	name string
	step func(n *reference.Node, in raft.Input) raft.Output
}

type alteringNode struct {
	*reference.Node
	by *altering
}

func (a *altering) Name() string { return a.name }

func (a *altering) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := a.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return alteringNode{n.(*reference.Node), a}, nil
}

func (n alteringNode) Step(in raft.Input) raft.Output { return n.by.step(n.Node, in) }

func (n alteringNode) Clone() raft.Node { return alteringNode{n.Node.Clone().(*reference.Node), n.by} }

// answering is a leader that answers a request at once with an outcome, and later once more.
func answering(with raft.Outcome) func(*reference.Node, raft.Input) raft.Output {
	return func(n *reference.Node, in raft.Input) raft.Output {
		var op raft.OpID
		switch in := in.(type) {
		case *raft.Transfer:
			op = in.Op
		case *raft.Reconfigure:
			op = in.Op
		}
		out := n.Step(in)
		if op != (raft.OpID{}) && len(out.Replies) == 0 {
			out.Replies = append(out.Replies, raft.Reply{Op: op, Outcome: with})
		}
		return out
	}
}

// denying answers Rejected wherever the operator is to learn that the outcome is unknown.
func denying(n *reference.Node, in raft.Input) raft.Output {
	out := n.Step(in)
	for i := range out.Replies {
		if r := &out.Replies[i]; r.Op.Client == 0 && r.Outcome == raft.Unknown {
			r.Outcome = raft.Rejected
		}
	}
	return out
}

// supporting votes for candidates whatever their logs: it reads each RequestVote as one of the
// longest log that there can be.
func supporting(n *reference.Node, in raft.Input) raft.Output {
	if r, ok := in.(*raft.Receive); ok && r.Msg.Kind == "RequestVote" && r.Msg.Promise.Term > 1 {
		const kind, index, forced = 1, 100, 0
		m, term := r.Msg, byte(r.Msg.Promise.Term)
		m.Payload = []byte{kind, term, term - 1, index, forced}
		in = &raft.Receive{Msg: m}
	}
	return n.Step(in)
}

// TestExplore_operator wants false answers to the operator, and a vote for a candidate whose log is
// behind, to be found in as few events as the naive explorer needs, whether nodes are cloned or
// replayed, and with symmetry.
func TestExplore_operator(t *testing.T) {
	pair, joining := faults.Schedule{Nodes: 2}, faults.Schedule{Nodes: 3, Voters: 2}
	transfers := Bounds{Terms: 2, Transfers: 1, Messages: 2}
	changes := Bounds{Terms: 2, Changes: 1, Messages: 2}
	for _, test := range []struct {
		name     string
		step     func(*reference.Node, raft.Input) raft.Output
		start    faults.Schedule
		bounds   Bounds
		property string
		depth    int
	}{
		{"transfer done at once", answering(raft.Done), pair, transfers, "Contract", 4},
		{"transfer answered twice", answering(raft.Unknown), pair, transfers, "Contract", 6},
		{"transfer denied", denying, pair, transfers, "Contract", 8},
		{"change done when appended", answering(raft.Done), joining, changes, "Contract", 6},
		{"change answered twice", answering(raft.Unknown), joining, changes, "Contract", 8},
		{"change denied", denying, joining, changes, "Contract", 8},
		{"vote for a shorter log", supporting, pair, Bounds{Terms: 2, Messages: 2}, "Voting", 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := &altering{name: "altering", step: test.step}
			e := exploration(a, &test.start, test.bounds)
			e.Properties, e.KeepGoing = []string{test.property}, true
			want := map[string]int{test.property: test.depth}
			require.Equal(t, want, violated(t, e))
			require.Equal(t, want, exploreNaively(e).violated)
			e.NoReduction = true
			require.Equal(t, want, violated(t, e))
			e.System = uncloned{a}
			require.Equal(t, want, violated(t, e))
			e.System = reference.System{}
			require.Empty(t, violated(t, e))
		})
	}
}
