package conform

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// mistake is one in taking a Batch or a Lag.
type mistake int

const (
	none mistake = iota
	ignoresBatches
	ignoresLags
	countsLags    // as inputs of a batch
	countsBatches // as inputs of a lag
)

// pacing is the reference behind an application that hands over inputs together, and applies late.
type pacing struct {
	reference.System
	mistake
}

func (pacing) Batches() bool { return true }

func (s pacing) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return &pacingNode{sound: n.(*reference.Node), mistake: s.mistake}, err
}

type pacingNode struct {
	sound      *reference.Node
	batch, lag int
	out, late  raft.Output // late has the entries and the answers that wait for a lag
	mistake
}

func (n *pacingNode) Step(in raft.Input) raft.Output {
	switch in := in.(type) {
	case *raft.Batch:
		n.batch = in.Inputs
		if n.mistake == countsBatches {
			n.lag = max(n.lag-1, 0)
		}
		return raft.Output{}
	case *raft.Lag:
		n.lag = in.Inputs
		if n.mistake == countsLags {
			n.batch = max(n.batch-1, 0)
		}
		return raft.Output{}
	}
	n.batch, n.lag = max(n.batch-1, 0), max(n.lag-1, 0)
	n.add(n.sound.Step(in))
	if n.batch > 0 && n.mistake != ignoresBatches {
		return raft.Output{}
	}
	out := n.out
	n.out = raft.Output{}
	if n.lag == 0 || n.mistake == ignoresLags {
		out.Applied, out.Replies = n.late.Applied, n.late.Replies
		n.late = raft.Output{}
	}
	return out
}

// add keeps a copy of an output.
func (n *pacingNode) add(out raft.Output) {
	for _, w := range out.Writes {
		w.Data = slices.Clone(w.Data)
		n.out.Writes = append(n.out.Writes, w)
	}
	for _, m := range out.Sends {
		m.Payload = slices.Clone(m.Payload)
		n.out.Sends = append(n.out.Sends, m)
	}
	for _, e := range out.Applied {
		e.Data = slices.Clone(e.Data)
		n.late.Applied = append(n.late.Applied, e)
	}
	n.late.Replies = append(n.late.Replies, out.Replies...)
}

func (n *pacingNode) Status() raft.Status {
	s := n.sound.Status()
	s.Applied -= raft.Index(len(n.late.Applied))
	return s
}

func (n *pacingNode) EntryAt(i raft.Index) (raft.Entry, bool) { return n.sound.EntryAt(i) }

// TestBatches wants each mistake to violate the rule, and the text to name it.
func TestBatches(t *testing.T) {
	rule := Rules()[len(Rules())-1]
	require.Equal(t, "batches", rule.Name)
	for mistake, text := range map[mistake]string{
		none: "", ignoresBatches: "output in the middle of a batch",
		ignoresLags:   "an entry was applied before the end of a lag",
		countsLags:    "output in the middle of a batch",
		countsBatches: "an entry was applied before the end of a lag",
	} {
		r := rule.Try(pacing{mistake: mistake}, services.All(), trial.Watch{})
		require.Contains(t, r.Text, text)
		require.Equal(t, mistake == none, r.Outcome == models.Held, r.Text)
		require.NotEqual(t, models.NotChecked, r.Outcome)
	}
	r := rule.Try(reference.System{}, services.All(), trial.Watch{})
	require.Equal(t, models.Held, r.Outcome, r.Text)
	r = rule.Try(struct{ raft.System }{reference.System{}}, services.All(), trial.Watch{})
	require.Equal(t, models.NotChecked, r.Outcome)
	require.True(t, r.Stated)
}
