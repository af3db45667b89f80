// Package adapter connects package small to raftcheck.
package adapter

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"

	"example.com/small"
	"raftcheck/raft"
)

// System is package small.
type System struct{}

// Name is the system's name in schedules.
func (System) Name() string { return "small" }

// Boot starts a node from the records on its disk.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	state, log, err := small.Recover(c.Disk)
	if err != nil {
		return nil, err
	}
	var peers []uint64
	for id := range c.Voters.All() {
		peers = append(peers, uint64(id))
	}
	config := small.Config{
		ID: uint64(c.ID), Peers: peers, ElectionTicks: 10, HeartbeatTicks: 2,
		Rand: random(c.Rand), State: state, Log: log,
	}
	return &node{core: small.New(config), voters: c.Voters}, nil
}

func random(r io.Reader) *rand.Rand {
	var seed [16]byte
	if _, err := io.ReadFull(r, seed[:]); err != nil {
		panic(err) // raft.NodeConfig.Rand never fails
	}
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:])))
}

// Readless declares that clients read through the log.
func (System) Readless() string { return "package small has none" }

// Limits declares what package small does not implement.
func (System) Limits() raft.Limits {
	return raft.Limits{Lacks: raft.Snapshots | raft.Membership | raft.Transfers | raft.PreVotes}
}

// node adapts a small.Node. Package small handles nothing while it saves, so inputs
// wait until the write is durable.
type node struct {
	core      *small.Node
	voters    raft.NodeSet
	waiting   []func()
	ready     small.Ready // the one that is being saved
	saving    bool
	failed    bool
	writes    raft.WriteID
	proposals []proposal
	out       raft.Output
}

// proposal is a call that has no answer yet.
type proposal struct {
	op raft.OpID
	at raft.EntryID
}

// Step handles an input and returns the work to do.
func (n *node) Step(in raft.Input) raft.Output {
	n.out = raft.Output{}
	if n.failed {
		return n.out
	}
	switch in := in.(type) {
	case *raft.Tick:
		n.waiting = append(n.waiting, n.core.Tick)
	case *raft.Timeout:
		n.waiting = append(n.waiting, n.core.Campaign)
	case *raft.Receive:
		var m small.Message
		if err := json.Unmarshal(in.Msg.Payload, &m); err != nil {
			panic(err) // links do not corrupt
		}
		n.waiting = append(n.waiting, func() { n.core.Step(m) })
	case *raft.Propose:
		op, data := in.Op, slices.Clone(in.Data) // the data belong to the caller, and must wait
		n.waiting = append(n.waiting, func() { n.propose(op, data) })
	case *raft.Persisted:
		if n.saving && in.ID >= n.writes {
			n.finish()
		}
	case *raft.PersistFailed:
		n.failed = true
		return n.out
	case *raft.Reconfigure:
		n.reply(in.Op, raft.Rejected)
	case *raft.Transfer:
		n.reply(in.Op, raft.Rejected)
	}
	n.run()
	return n.out
}

// run handles the waiting inputs, until there is a write to wait for.
func (n *node) run() {
	for !n.saving {
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
	n.ready, n.saving = ready, ready.MustSave
	after := raft.WriteID(0)
	if n.saving {
		n.writes++
		after = n.writes
		n.out.Writes = append(n.out.Writes, raft.Write{ID: after, Data: ready.Record()})
	}
	for _, m := range ready.Messages {
		n.out.Sends = append(n.out.Sends, n.message(m, after))
	}
	if !n.saving {
		n.finish()
	}
}

// finish does the rest of a Ready once it is saved.
func (n *node) finish() {
	n.saving = false
	for _, e := range n.ready.Committed {
		n.out.Applied = append(n.out.Applied, entry(e))
		n.answer(entry(e).ID)
	}
	n.core.Advance()
}

func (n *node) propose(op raft.OpID, data []byte) {
	e, err := n.core.Propose(data)
	if err != nil {
		n.reply(op, raft.Rejected)
		return
	}
	n.proposals = append(n.proposals, proposal{op, entry(e).ID})
}

// answer answers the proposals at the index of an applied entry. Before that no
// answer is known: an entry that this node lost may still be committed.
func (n *node) answer(id raft.EntryID) {
	n.proposals = slices.DeleteFunc(n.proposals, func(p proposal) bool {
		if p.at == id {
			n.reply(p.op, raft.Done)
		} else if p.at.Index == id.Index {
			n.reply(p.op, raft.Rejected)
		}
		return p.at.Index == id.Index
	})
}

func (n *node) reply(op raft.OpID, outcome raft.Outcome) {
	n.out.Replies = append(n.out.Replies, raft.Reply{Op: op, Outcome: outcome})
}

func entry(e small.Entry) raft.Entry {
	kind := raft.Command
	if e.Blank {
		kind = raft.NoOp
	}
	id := raft.EntryID{Term: raft.Term(e.Term), Index: raft.Index(e.Index)}
	return raft.Entry{ID: id, Kind: kind, Data: e.Data}
}

func (n *node) message(m small.Message, after raft.WriteID) raft.Message {
	payload, err := json.Marshal(m)
	if err != nil {
		panic(err) // JSON can encode all of its types
	}
	to := raft.NodeID(m.To)
	return raft.Message{
		From: raft.NodeID(m.From), To: to, Kind: m.Kind.String(), Payload: payload,
		After: after, Promise: n.promise(m),
	}
}
