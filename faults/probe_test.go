package faults

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// deaf is the reference with nodes that reject some inputs, as if they could not take them.
type deaf struct {
	reference.System
	rejects func(raft.NodeID, raft.Input) (raft.OpID, bool)
}

type deafNode struct {
	raft.Node
	raft.Inspector
	deaf
	id raft.NodeID
}

func (d deaf) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := d.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return deafNode{n, n.(raft.Inspector), d, c.ID}, nil
}

func (n deafNode) Step(in raft.Input) raft.Output {
	if op, ok := n.rejects(n.id, in); ok {
		return raft.Output{Replies: []raft.Reply{{Op: op, Outcome: raft.Rejected}}}
	}
	return n.Node.Step(in)
}

// referenceStage is a cluster of the reference, or of a system like it.
func referenceStage(t *testing.T, system raft.System, nodes, voters int) *stage {
	s := &stage{t: t}
	s.World = NewWorld(new(trace.View), s)
	s.Reset(system, &Schedule{Service: store, Nodes: nodes, Voters: voters, PreVote: true, Rand: 7})
	return s
}

// last returns the last record of a list.
func last(told []trace.Record) trace.Record { return told[len(told)-1] }

func TestProbe_ofTheReference(t *testing.T) {
	for nodes := 1; nodes <= 5; nodes++ {
		for voters := max(1, nodes-2); voters <= nodes; voters++ {
			s := referenceStage(t, reference.System{}, nodes, voters)
			s.do("timeout 1", "settle", "heal k=400")
			before := s.View().Config(1)
			told := s.do("probe k=400")
			probed := last(told)
			require.Equal(t, trace.Probed, probed.Kind)
			require.Equal(t, raft.Done, probed.Outcome, probed.Text)
			require.Equal(t, trace.Well, probed.Stuck)
			require.Equal(t, 400, probed.Bound)
			var p probing
			p.World = s.World
			require.Equal(t, before, p.config(), "the change is undone")
			if voters == nodes && nodes > 2 {
				require.Len(t, about(trace.Crashed, told), 1)
				require.Len(t, about(trace.Booted, told), 1)
				require.NotZero(t, s.View().Nodes[p.leader()].Status.Base.Index, "a compaction")
				require.NotEqual(t, raft.NodeID(1), p.leader(), "a transfer")
			}
			require.NotEqual(t, trace.Ignored, last(s.do("probe k=400")).Kind, "it is well again")
		}
	}
}

// TestProbe_onlyOfAHealedCluster: a probe is enabled right after a heal that had a bound
// and kept it.
func TestProbe_onlyOfAHealedCluster(t *testing.T) {
	s := referenceStage(t, reference.System{}, 3, 3)
	probe := func() trace.Kind { return last(s.do("probe k=9")).Kind }
	require.Equal(t, trace.Ignored, probe())
	s.do("heal")
	require.Equal(t, trace.Ignored, probe(), "a heal without a bound promises nothing")
	s.do("heal k=1")
	require.Equal(t, trace.Ignored, probe(), "nobody leads yet")
	s.do("heal k=400", "expect 1 up")
	require.Equal(t, trace.Probed, probe())
	s.do("heal k=400", "cut 1->2")
	require.Equal(t, trace.Ignored, probe())
}

// TestProbe_rejected: a cluster that rejects for ever what it could take fails the probe.
func TestProbe_rejected(t *testing.T) {
	reads, transfers := 0, 0
	rejections := map[string]func(raft.NodeID, raft.Input) (raft.OpID, bool){
		"take two writes at once: n1 leads, and rejects it": func(id raft.NodeID, in raft.Input) (raft.OpID, bool) {
			p, ok := in.(*raft.Propose)
			return opOf(ok, func() raft.OpID { return p.Op }), ok && p.Op.Client == 2
		},
		"answer a read at every node: n1 leads, and rejects it": func(id raft.NodeID, in raft.Input) (raft.OpID, bool) {
			r, ok := in.(*raft.Read)
			if ok {
				reads++
			}
			return opOf(ok, func() raft.OpID { return r.Op }), ok && reads%4 != 0
		},
		"answer a read at every node: n3 leaves it to others": func(id raft.NodeID, in raft.Input) (raft.OpID, bool) {
			r, ok := in.(*raft.Read)
			return opOf(ok, func() raft.OpID { return r.Op }), ok && id == 3
		},
		"transfer the leadership: n1 leads, and rejects it": func(id raft.NodeID, in raft.Input) (raft.OpID, bool) {
			r, ok := in.(*raft.Transfer)
			return opOf(ok, func() raft.OpID { return r.Op }), ok
		},
		"change the configuration, and change it back: n2 leads, and rejects it": func(id raft.NodeID, in raft.Input) (raft.OpID, bool) {
			r, ok := in.(*raft.Reconfigure)
			return opOf(ok, func() raft.OpID { return r.Op }), ok && r.Learners == 0 && r.Voters.Len() == 3
		},
		"": func(id raft.NodeID, in raft.Input) (raft.OpID, bool) { // for a while only
			r, ok := in.(*raft.Transfer)
			if ok {
				transfers++
			}
			return opOf(ok, func() raft.OpID { return r.Op }), ok && transfers < 9
		},
	}
	for text, rejects := range rejections {
		s := referenceStage(t, deaf{rejects: rejects}, 3, 3)
		s.do("timeout 1", "settle", "heal k=400")
		probed := last(s.do("probe k=60"))
		if text == "" {
			require.Equal(t, raft.Done, probed.Outcome, probed.Text)
			continue
		}
		require.Equal(t, raft.Rejected, probed.Outcome)
		require.Equal(t, text, probed.Text)
		require.Equal(t, trace.Ignored, last(s.do("probe k=60")).Kind, "it is not known to be well")
	}
}

// careful is the reference, which rejects what leaves less than two voters, as it states.
type careful struct{ deaf }

func (careful) Limits() raft.Limits { return raft.Limits{Keeps: 2} }

// TestProbe_keepsVoters: a system is not asked to remove a voter that it states to keep.
func TestProbe_keepsVoters(t *testing.T) {
	removes := func(_ raft.NodeID, in raft.Input) (raft.OpID, bool) {
		r, ok := in.(*raft.Reconfigure)
		return opOf(ok, func() raft.OpID { return r.Op }), ok && r.Voters.Len() < 2
	}
	for system, want := range map[raft.System]raft.Outcome{
		&careful{deaf{rejects: removes}}: raft.Done, &deaf{rejects: removes}: raft.Rejected,
	} {
		s := referenceStage(t, system, 2, 2)
		s.do("timeout 1", "settle", "heal k=400")
		probed := last(s.do("probe k=60"))
		require.Equal(t, want, probed.Outcome, probed.Text)
	}
}

// final is the reference, whose removed nodes never come back, as it states.
type final struct{ deaf }

func (final) Limits() raft.Limits { return raft.Limits{Lacks: raft.Rejoins} }

// TestProbe_removedForGood: a removed node is not asked to come back if the system states that
// it cannot. A node that never was a member may join.
func TestProbe_removedForGood(t *testing.T) {
	returns := func(_ raft.NodeID, in raft.Input) (raft.OpID, bool) {
		r, ok := in.(*raft.Reconfigure)
		return opOf(ok, func() raft.OpID { return r.Op }), ok && r.Learners != 0
	}
	for system, want := range map[raft.System]raft.Outcome{
		&final{deaf{rejects: returns}}: raft.Done, &deaf{rejects: returns}: raft.Rejected,
	} {
		s := referenceStage(t, system, 3, 3)
		s.do("timeout 1", "settle", "heal k=400")
		require.Equal(t, want, last(s.do("probe k=60")).Outcome)
		if want == raft.Done {
			s.do("heal k=400")
			require.Equal(t, want, last(s.do("probe k=60")).Outcome)
			require.NotContains(t, lines(slices.Collect(s.Enabled())), "reconfigure 1 to 1 2 + 3")
		}
	}
	s := referenceStage(t, &final{deaf{rejects: func(raft.NodeID, raft.Input) (raft.OpID, bool) {
		return raft.OpID{}, false
	}}}, 2, 1)
	s.do("timeout 1", "settle", "heal k=400", "probe k=60")
	require.True(t, s.View().Joined.Has(2))
}

// opOf returns the operation of an input of the right kind.
func opOf(ok bool, op func() raft.OpID) raft.OpID {
	if !ok {
		return raft.OpID{}
	}
	return op()
}

// TestProbe_ofARottenDisk: a node that refuses its disk may be the one that a task needs.
func TestProbe_ofARottenDisk(t *testing.T) {
	s := referenceStage(t, reference.System{}, 3, 3)
	s.Reset(reference.System{}, &Schedule{Service: store, Nodes: 3, Rand: 198})
	s.do("timeout 3", "settle", "corrupt 3", "heal k=400")
	probed := last(s.do("probe k=50"))
	require.Equal(t, raft.Unknown, probed.Outcome, probed.Text)
}
