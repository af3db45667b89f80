package explore

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestExplore_ignored wants the states that an exploration finds if it drops ignored messages to be
// those that it finds otherwise, apart from these messages. One that was lost or doubled spent a
// budget in vain.
func TestExplore_ignored(t *testing.T) {
	for _, test := range []struct {
		name   string
		start  faults.Schedule
		bounds Bounds
	}{
		{"two terms", faults.Schedule{Nodes: 2}, Bounds{Terms: 2, Calls: 1, Messages: 3}},
		{"in order", faults.Schedule{Nodes: 2}, Bounds{Terms: 3, Drops: 1, Duplicates: 1, Messages: 3}},
		{"three nodes", faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Calls: 1, Messages: 3}},
		{"lost and doubled", faults.Schedule{Nodes: 2},
			Bounds{Terms: 2, Drops: 1, Duplicates: 1, Messages: 2}},
		{"crashes", faults.Schedule{Nodes: 2}, Bounds{Terms: 2, Crashes: 2, Messages: 2}},
		{"pending writes", faults.Schedule{Nodes: 2}, Bounds{Terms: 1, Crashes: 1, Messages: 3, Writes: 2}},
		{"pre-votes", faults.Schedule{Nodes: 2, PreVote: true}, Bounds{Terms: 2, Messages: 3}},
		{"compactions", faults.Schedule{Nodes: 2},
			Bounds{Terms: 2, Calls: 1, Compactions: 1, Crashes: 1, Messages: 2}},
		{"reads", faults.Schedule{Nodes: 2, Events: lateEvents},
			Bounds{Terms: 1, Calls: 1, Reads: 1, Time: 2, Ahead: 1, Messages: 3}},
		{"changes and transfers", faults.Schedule{Nodes: 2, Voters: 1},
			Bounds{Terms: 2, Changes: 2, Transfers: 1, Messages: 2}},
		{"clocks", faults.Schedule{Nodes: 2, Events: lateEvents},
			Bounds{Terms: 1, Time: 4, Ahead: 2, Messages: 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := exploration(reference.System{}, &test.start, test.bounds)
			e.FIFO = test.name == "in order"
			fewer, kept := apartFromIgnored(t, e)
			e.heeds = true
			all, states := apartFromIgnored(t, e)
			require.Equal(t, test.bounds.Compactions == 0, kept < states)
			require.Len(t, fewer, len(all))
			for f, spends := range all {
				for _, s := range fewer[f] {
					require.Contains(t, spends, s)
				}
				for _, s := range spends {
					require.True(t, slices.ContainsFunc(fewer[f], s.covers), "no state has %v and spent %x", f, s)
				}
			}
		})
	}
}

// covers reports whether another state spent at most as much of each budget.
func (s spent) covers(o spent) bool {
	for e := range expenses {
		if o.of(e) > s.of(e) {
			return false
		}
	}
	return true
}

// apartFromIgnored explores everything. It returns the different states without their ignored
// messages, each with all that was spent to reach it, and the number of states.
func apartFromIgnored(t *testing.T, e *Exploration) (map[fingerprint][]spent, int) {
	x, err := e.begin()
	require.NoError(t, err)
	found, w := map[fingerprint][]spent{}, x.workers[0]
	for before := 0; before < x.report.Distinct; {
		before = x.report.Distinct
		for _, rest := range x.level {
			for s := (state{}); len(rest) > 0; {
				rest = s.take(rest, x.nodes)
				w.keepsPromises(t, &s)
				var bare state
				bare.become(&s)
				bare.spent = 0 // calls and requests apart, the future depends on it only as a limit
				bare.messages = slices.DeleteFunc(bare.messages, func(number uint32) bool {
					m := w.parts.messages.at(number)
					return w.ignores(s.places[m.To-1], m)
				})
				if f := w.print(&bare); !slices.Contains(found[f], s.spent) {
					found[f] = append(found[f], s.spent)
				}
			}
		}
		require.Empty(t, x.exploreLevel(t.Context()))
		x.descend()
	}
	require.Empty(t, x.first)
	return found, x.report.Distinct
}

// keepsPromises wants each message in a state that is ignored to change nothing when it arrives, and
// to be ignored after any other step of its receiver.
func (w *worker) keepsPromises(t *testing.T, s *state) {
	options := slices.Clone(w.options(s))
	for i := range options {
		o := &options[i]
		result, st := w.take(s, o)
		if result == nothing || st == nil {
			continue
		}
		for at, number := range s.messages {
			m := w.parts.messages.at(number)
			switch {
			case m.To != o.node || !w.ignores(s.places[m.To-1], m):
			case at == o.at:
				require.True(t, st.idle && len(w.complaints) == 0 && s.memory == w.next.memory, "%s acts", m.Kind)
			default:
				require.True(t, w.ignores(st.to.number, m) || w.compacts, "%s counts again", m.Kind)
			}
		}
	}
}

// relapsing is a leader that answers a vote of an earlier term with a false answer to the operator. A
// candidate ignores such votes.
func relapsing(n *reference.Node, in raft.Input) raft.Output {
	r, ok := in.(*raft.Receive)
	is := n.Status()
	if ok && r.Msg.Kind == "VoteReply" && r.Msg.Promise.Term < is.Term && is.Role == raft.Leader {
		return raft.Output{Replies: []raft.Reply{{Op: raft.OpID{Seq: 1}, Outcome: raft.Done}}}
	}
	return n.Step(in)
}

// TestExplore_ignoredInVain: an exploration notices that a node acts on a message that it said to
// ignore for good. Then it drops none, and finds as much as the naive one.
func TestExplore_ignoredInVain(t *testing.T) {
	e := exploration(&altering{name: "altering", step: relapsing}, &faults.Schedule{Nodes: 3},
		Bounds{Terms: 2, Messages: 4})
	e.Properties = []string{"Contract"}
	r := run(t, e)
	require.Regexp(t, "^n[123] ignores VoteReply of n[123] for good, and acts on it later$", r.Unkept)
	require.Contains(t, r.Lines(), "no message was dropped: "+r.Unkept)
	e.heeds = true
	require.Equal(t, r.Depths, run(t, e).Depths)
	require.Contains(t, r.Depths, "Contract")

	ctx, stop := context.WithCancel(t.Context())
	e.heeds, e.Progress = false, func(*Report) { stop() }
	r, err := e.Run(ctx)
	require.NoError(t, err)
	require.Equal(t, "interrupted", r.Stopped, "too early to notice")
	e.Properties = []string{"ElectionSafety"} // which holds
	ctx, stop = context.WithCancel(t.Context())
	e.Progress = func(r *Report) {
		if r.Distinct > 3000 {
			stop()
		}
	}
	r, err = e.Run(ctx)
	require.NoError(t, err)
	require.Regexp(t, "^interrupted, and n[123] ignores VoteReply ", r.Stopped)
	require.Equal(t, models.NotChecked, r.Outcome())

	e.Progress, e.Folder = nil, t.TempDir()
	_, err = e.Run(t.Context())
	require.ErrorContains(t, err, "altering cannot be explored: n")
	require.ErrorContains(t, err, "do Clone, AppendState, AppendCanonical and Ignores keep")

	e.Folder, e.System, e.Properties = "", reference.System{}, nil
	require.Empty(t, run(t, e).Unkept)
}

// TestExplore_ignoredInOrder: where links keep the order, a counterexample delivers the ignored messages
// that are in the way. Here node 3 votes for a leader that node 2 elected, and then hands its answer to
// the leader's entry to the same link.
func TestExplore_ignoredInOrder(t *testing.T) {
	start := &faults.Schedule{Nodes: 3, Events: []faults.Event{
		{Kind: faults.Timeout, Node: 1}, {Kind: faults.Persist, Node: 1}, {Kind: faults.Deliver, Node: 1, Peer: 2},
		{Kind: faults.Persist, Node: 2}, {Kind: faults.Deliver, Node: 2, Peer: 1}, {Kind: faults.Persist, Node: 1},
		faults.CutApart(4, 10),
	}}
	e := exploration(&altering{name: "altering", step: denying}, start,
		Bounds{Terms: 1, Transfers: 1, Messages: 4})
	e.FIFO, e.Properties = true, []string{"Contract"}
	r := run(t, e)
	events := 0
	for _, event := range r.Findings[0].Schedule.Events[len(e.Start.Events):] {
		if event.Kind != faults.Persist {
			require.Zero(t, event.K, "no message overtakes another")
			events++
		}
	}
	require.Equal(t, r.Depths["Contract"]+1, events)
	e.heeds = true
	require.Equal(t, events, run(t, e).Depths["Contract"])
}
