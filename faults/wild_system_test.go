package faults

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/session"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// requireSound requires that what the world keeps twice agrees.
func requireSound(t require.TestingT, w *World) {
	require.Zero(t, w.paused&^w.up, "a paused node is up")
	require.Zero(t, w.wiped&w.up)
	require.Zero(t, w.Compactable()&^w.up)
	require.Zero(t, (w.up|w.dirty)&^w.all)
	for id := range w.all.All() {
		n := &w.nodes[id]
		require.Equal(t, n.running != nil, w.up.Has(id))
		require.Equal(t, w.up.Has(id), w.view.Nodes[id].Up)
		require.Equal(t, n.disk.pending() > 0, w.dirty.Has(id))
		require.GreaterOrEqual(t, n.disk.pending(), 0)
		require.GreaterOrEqual(t, n.disk.durable, n.disk.boot)
		require.GreaterOrEqual(t, n.disk.held(), 0)
		require.False(t, w.wiped.Has(id) && len(n.disk.ends) > 0)
		require.True(t, w.up.Has(id) || n.applied == 0)
		require.True(t, w.up.Has(id) || n.held.len() == 0, "a node that is down holds nothing")
		for i := range n.held.packets {
			require.Greater(t, n.held.packets[i].msg.After, n.disk.written())
		}
		for to := range w.links[id] {
			require.LessOrEqual(t, w.links[id][to].len(), maxInFlight)
			require.Equal(t, w.links[id][to].len() > 0, w.loaded[id].Has(raft.NodeID(to)))
		}
	}
	open := 0
	for i := range w.clients {
		if w.clients[i].open {
			open++
		}
	}
	require.Len(t, w.view.Open, open)
	require.NoError(t, w.History().Validate())
}

func TestWorld_staysSound(t *testing.T) {
	w := newWatched()
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 5).Draw(t, "nodes")
		w.start(&Schedule{Service: store, Nodes: nodes, Rand: 1})
		for _, e := range aptEvents(nodes).Draw(t, "events") {
			w.Apply(e)
			requireSound(t, w.World)
		}
	})
}

// A node may answer anything, show anything and panic anywhere: the world
// tells what it broke, and goes on.
func TestWorld_survivesAnySystem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 4).Draw(t, "nodes")
		c := &cast{shows: rapid.Bool().Draw(t, "shows")}
		view := new(trace.View)
		w := NewWorld(view)
		w.Reset(c, &Schedule{Service: store, Nodes: nodes, Rand: 1})
		plain := aptEvent(nodes).Filter(func(e Event) bool { return !e.Kind.Macro() })
		for _, e := range rapid.SliceOfN(plain, 0, 20).Draw(t, "events") {
			for id := range w.All().All() {
				c.puppets[id].goWild(t)
			}
			w.Apply(e)
			requireSound(t, w)
		}
		w.Finish()
		requireSound(t, w)
	})
}

// goWild has a node do the same at each step to come, whatever that may be.
func (p *puppet) goWild(t *rapid.T) {
	p.fault = rapid.SampledFrom([]string{"", "", "", "", "", "", "step", "status", "entry"}).Draw(t, "fault")
	p.status = wildStatus(t)
	p.log = rapid.SliceOfN(rapid.Custom(wildEntry), 0, 4).Draw(t, "log")
	out := wildOutput(t)
	p.acts = func(raft.Input) raft.Output { return out }
}

func wildStatus(t *rapid.T) raft.Status {
	small := rapid.Uint64Range(0, 4)
	return raft.Status{
		Base: raft.EntryID{
			Term:  raft.Term(small.Draw(t, "base term")),
			Index: raft.Index(rapid.SampledFrom([]uint64{0, 0, 0, 1, 2, 1 << 63}).Draw(t, "base index")),
		},
		Term: raft.Term(small.Draw(t, "term")),
		Vote: raft.NodeID(rapid.Uint8().Draw(t, "vote")),
		Role: raft.Role(rapid.Uint8().Draw(t, "role")),
		Last: raft.EntryID{
			Term:  raft.Term(small.Draw(t, "last term")),
			Index: raft.Index(rapid.OneOf(small, rapid.Just[uint64](1<<63)).Draw(t, "last index")),
		},
		Commit:  raft.Index(rapid.OneOf(small, rapid.Uint64()).Draw(t, "commit")),
		Applied: raft.Index(rapid.Uint64().Draw(t, "applied")),
	}
}

func wildEntry(t *rapid.T) raft.Entry {
	small := rapid.Uint64Range(0, 4)
	e := raft.Entry{
		ID:   raft.EntryID{Term: raft.Term(small.Draw(t, "term")), Index: raft.Index(small.Draw(t, "index"))},
		Kind: raft.EntryKind(rapid.Uint8Range(0, 2).Draw(t, "kind")),
		Data: rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"),
	}
	if rapid.Bool().Draw(t, "command") {
		client := rapid.Uint32Range(1, 20).Draw(t, "client")
		e.Data = session.AppendCommand(nil, client, rapid.Uint32Range(1, 3).Draw(t, "seq"), 0, 0, "put x 1")
	}
	return e
}

func wildOutput(t *rapid.T) raft.Output {
	node := rapid.Uint8Range(0, 10)
	write := rapid.Custom(func(t *rapid.T) raft.Write {
		return raft.Write{ID: raft.WriteID(rapid.Uint64Range(0, 4).Draw(t, "write")), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "record"),
			Checkpoint: rapid.Bool().Draw(t, "checkpoint")}
	})
	message := rapid.Custom(func(t *rapid.T) raft.Message {
		return raft.Message{
			From: raft.NodeID(node.Draw(t, "from")), To: raft.NodeID(node.Draw(t, "to")),
			After:   raft.WriteID(rapid.OneOf(rapid.Uint64Range(0, 4), rapid.Uint64()).Draw(t, "after")),
			Payload: rapid.SliceOf(rapid.Byte()).Draw(t, "payload"),
		}
	})
	reply := rapid.Custom(func(t *rapid.T) raft.Reply {
		return raft.Reply{
			Op:      raft.OpID{Client: rapid.Uint32Range(0, 20).Draw(t, "client"), Seq: rapid.Uint32Range(0, 3).Draw(t, "seq")},
			Outcome: raft.Outcome(rapid.Uint8().Draw(t, "outcome")),
		}
	})
	return raft.Output{
		Restore: raft.Snapshot{
			ID:    raft.EntryID{Index: raft.Index(rapid.SampledFrom([]uint64{0, 0, 1, 3, 1 << 63}).Draw(t, "restored"))},
			State: rapid.SliceOf(rapid.Byte()).Draw(t, "state"),
		},
		Writes:  rapid.SliceOfN(write, 0, 3).Draw(t, "writes"),
		Sends:   rapid.SliceOfN(message, 0, 3).Draw(t, "sends"),
		Applied: rapid.SliceOfN(rapid.Custom(wildEntry), 0, 3).Draw(t, "applied"),
		Replies: rapid.SliceOfN(reply, 0, 3).Draw(t, "replies"),
	}
}
