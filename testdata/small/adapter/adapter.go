// Package adapter puts package small under raftcheck.
package adapter

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"example.com/small"
	"raftcheck/raft"
)

// System is package small.
type System struct{}

// Name is what schedules call it.
func (System) Name() string { return "small" }

// Boot starts a node from what its disk holds.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	state, log, err := recovered(c.Disk)
	if err != nil {
		return nil, err
	}
	var seed [16]byte
	if _, err := c.Rand.Read(seed[:]); err != nil {
		return nil, err
	}
	var peers []uint64
	for id := range c.Voters.All() {
		peers = append(peers, uint64(id))
	}
	return &node{voters: c.Voters, core: small.New(small.Config{
		ID:             uint64(c.ID),
		Peers:          peers,
		ElectionTicks:  10,
		HeartbeatTicks: 2,
		Rand:           rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:]))),
		State:          state,
		Log:            log,
	})}, nil
}

// node is a small.Node. Package small takes no input while it saves, so inputs wait
// until the harness says that the write is durable.
type node struct {
	core      *small.Node
	voters    raft.NodeSet
	waiting   []func()
	ready     small.Ready
	saving    bool
	failed    bool
	writes    raft.WriteID
	proposals []proposal
	out       raft.Output
}

// proposal is a call that has no answer yet.
type proposal struct {
	op    raft.OpID
	entry small.Entry
}

// Step takes an input and returns what is to be done.
func (n *node) Step(in raft.Input) raft.Output {
	n.out = raft.Output{}
	if n.failed {
		return n.out
	}
	n.take(in)
	n.run()
	return n.out
}

func (n *node) take(in raft.Input) {
	switch in := in.(type) {
	case *raft.Tick:
		n.waiting = append(n.waiting, n.core.Tick)
	case *raft.Timeout:
		n.waiting = append(n.waiting, n.core.Campaign)
	case *raft.Receive:
		m := decodeMessage(in.Msg.Payload)
		n.waiting = append(n.waiting, func() { n.core.Step(m) })
	case *raft.Propose:
		op, data := in.Op, slices.Clone(in.Data)
		n.waiting = append(n.waiting, func() { n.propose(op, data) })
	case *raft.Persisted:
		if n.saving && in.ID >= n.writes {
			n.finish()
		}
	case *raft.PersistFailed:
		n.failed = true
	case *raft.Read:
		n.reply(in.Op, raft.Rejected)
	case *raft.Reconfigure:
		n.reply(in.Op, raft.Rejected)
	case *raft.Transfer:
		n.reply(in.Op, raft.Rejected)
	}
}

// run does what waits, until there is a write to wait for.
func (n *node) run() {
	for !n.saving && !n.failed {
		if ready, ok := n.core.Ready(); ok {
			n.begin(ready)
		} else if len(n.waiting) > 0 {
			next := n.waiting[0]
			n.waiting = n.waiting[1:]
			next()
		} else {
			return
		}
	}
}

func (n *node) begin(ready small.Ready) {
	n.ready = ready
	var after raft.WriteID
	if ready.MustSave {
		n.writes++
		n.saving = true
		after = n.writes
		n.out.Writes = append(n.out.Writes, raft.Write{ID: n.writes, Data: encodeRecord(ready)})
	}
	for _, m := range ready.Messages {
		n.out.Sends = append(n.out.Sends, n.message(m, after))
	}
	if !n.saving {
		n.finish()
	}
}

func (n *node) finish() {
	n.saving = false
	for _, e := range n.ready.Committed {
		n.out.Applied = append(n.out.Applied, entry(e))
		n.answer(e)
	}
	n.core.Advance()
}

func (n *node) propose(op raft.OpID, data []byte) {
	e, err := n.core.Propose(data)
	if err != nil {
		n.reply(op, raft.Rejected)
		return
	}
	n.proposals = append(n.proposals, proposal{op, e})
}

// answer answers the proposals of an entry that is applied.
func (n *node) answer(e small.Entry) {
	n.proposals = slices.DeleteFunc(n.proposals, func(p proposal) bool {
		if p.entry.Index != e.Index {
			return false
		}
		if p.entry.Term == e.Term {
			n.reply(p.op, raft.Done)
		} else {
			n.reply(p.op, raft.Rejected)
		}
		return true
	})
}

func (n *node) reply(op raft.OpID, outcome raft.Outcome) {
	n.out.Replies = append(n.out.Replies, raft.Reply{Op: op, Outcome: outcome})
}

// Status shows what the node believes.
func (n *node) Status() raft.Status {
	s := n.core.Status()
	last, _ := n.EntryAt(raft.Index(s.Last))
	return raft.Status{
		Term:    raft.Term(s.Term),
		Vote:    raft.NodeID(s.Vote),
		Role:    []raft.Role{raft.Follower, raft.Candidate, raft.Leader}[s.Role],
		Leader:  raft.NodeID(s.Leader),
		Last:    last.ID,
		Commit:  raft.Index(s.Commit),
		Applied: raft.Index(s.Applied),
		Config:  raft.Configuration{Voters: n.voters},
	}
}

// EntryAt shows an entry of the log.
func (n *node) EntryAt(i raft.Index) (raft.Entry, bool) {
	e, ok := n.core.Entry(uint64(i))
	if !ok {
		return raft.Entry{}, false
	}
	return entry(e), true
}

func entry(e small.Entry) raft.Entry {
	kind := raft.Command
	if e.Blank {
		kind = raft.NoOp
	}
	return raft.Entry{ID: raft.EntryID{Term: raft.Term(e.Term), Index: raft.Index(e.Index)}, Kind: kind, Data: e.Data}
}

// message is a message for the harness, with what it promises.
func (n *node) message(m small.Message, after raft.WriteID) raft.Message {
	out := raft.Message{
		From:    raft.NodeID(m.From),
		To:      raft.NodeID(m.To),
		Kind:    m.Kind.String(),
		Payload: encode(m),
		After:   after,
		Promise: raft.Promise{Term: raft.Term(m.Term)},
	}
	switch {
	case m.Kind == small.VoteReply && m.OK:
		out.Promise.Vote = out.To
	case m.Kind == small.AppendReply && m.OK:
		last, _ := n.EntryAt(raft.Index(m.Index))
		out.Promise.Last = last.ID
	}
	return out
}
