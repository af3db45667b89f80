package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// TestBatch: a batch and a lag are of so many inputs, between which the operator asks for
// nothing and the node returns nothing, or applies nothing.
func TestBatch(t *testing.T) {
	s := stageOf(t, 2, &cast{batches: true})
	require.Equal(t, []Event{{Kind: Batch, Node: 1, K: 2}, {Kind: Batch, Node: 2, K: 2}}, s.EnabledOf(Batch))
	s.do("batch 1 k=3", "tick 1")
	s.ignores("transfer 1->2", "compact 1", "reconfigure 1 to 1")
	broke := s.does(1, raft.Output{Writes: writes(1, "early")})
	require.Equal(t, "output in the middle of a batch", broke[1].Text)
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{Writes: writes(2, "in time")})))
	require.NotEqual(t, []trace.Kind{trace.Ignored}, kinds(s.do("transfer 1->2")))

	s.do("call c1 2 put x 1", "lag 2 k=2")
	broke = s.applies(2, nil, entry(1, 1, 1, "put x 1"))
	require.Equal(t, "an entry was applied before the end of a lag", broke[1].Text)
	s.do("retry c1 2")
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.applies(2, nil, entry(2, 1, 1, "put x 1"))))

	s.do("batch 1 k=8", "lag 1 k=8", "crash 1", "restart 1")
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{Writes: writes(1, "new")})))
}

// TestBatch_notOffered: a system that takes no batches gets none.
func TestBatch_notOffered(t *testing.T) {
	s := newStage(t, 2)
	s.ignores("batch 1 k=2", "lag 1 k=2")
	require.Empty(t, s.EnabledOf(Lag))
}

// TestBatch_unfinished: nobody looks at a node in the middle of a batch. At the end of the
// run its log is not compared, and after a failure of its disk it stays as it was shown.
func TestBatch_unfinished(t *testing.T) {
	text := "system reference\nnodes 1\nrand 1\n\ntimeout 1\nsettle\ncall c1 1 put x 1\nbatch 1 k=2\ncall c2 1 put x 2\n"
	w := after(t, text)
	n := &w.nodes[1]
	shown, is := w.view.Nodes[1].Status, n.inspector.Status()
	require.Equal(t, shown.Last.Index+1, is.Last.Index)
	w.verify(n)
	require.NotEqual(t, trace.Rewrote, w.record.Kind)
	w.Apply(Event{Kind: Fail, Node: 1})
	w.Apply(Event{Kind: Tick, Node: 1, K: 1})
	require.Equal(t, shown, w.view.Nodes[1].Status)
}
