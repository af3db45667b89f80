package adapter

import (
	"encoding/binary"
	"slices"

	"raftcheck/raft"
)

// requests are the node's requests that have no answer yet.
type requests struct {
	led       lead        // the leadership when the node last answered
	proposals []raft.OpID // in the order of the calls; a retried one is there twice
	reads     []read
	change    change
	ticks     int
}

// lead is a leadership as a node sees it.
type lead struct {
	term   raft.Term
	leader raft.NodeID
}

// read waits until index is applied, which is 0 until it is known.
type read struct {
	op    raft.OpID
	index raft.Index
}

// change is a change of the configuration that this leader began.
type change struct {
	op    raft.OpID
	index raft.Index // of its entry; 0 until it is known whether the library accepted the change
}

func (n *Node) lead() lead { return lead{n.hard.Term, n.lib.State().Leader} }

func (n *Node) leads() bool { return n.lib.State().Role == raft.Leader }

func (n *Node) reply(op raft.OpID, o raft.Outcome) {
	n.out.Replies = append(n.out.Replies, raft.Reply{Op: op, Outcome: o})
}

// propose makes a proposal, which only a leader accepts.
func (n *Node) propose(in *raft.Propose) {
	if !n.lib.Propose(append(context(in.Op), in.Data...)) {
		n.reply(in.Op, raft.Rejected)
		return
	}
	n.requests.proposals = append(n.requests.proposals, in.Op)
}

// take reports whether an applied command is one that waits, and removes it.
func (r *requests) take(op raft.OpID) bool {
	i := slices.Index(r.proposals, op)
	if i < 0 {
		return false
	}
	r.proposals = slices.Delete(r.proposals, i, i+1)
	return true
}

// read requests a read index; a follower requests it from its leader. The library
// has one kind of read for all of a node's life, so a read from a lease is one too.
func (n *Node) read(in *raft.Read) {
	if n.lib.State().Leader == raft.None || !n.lib.ReadIndex(context(in.Op)) {
		n.reply(in.Op, raft.Rejected)
		return
	}
	if !slices.ContainsFunc(n.requests.reads, func(r read) bool { return r.op == in.Op }) {
		n.requests.reads = append(n.requests.reads, read{op: in.Op})
	}
}

// readable records the indexes that reads must wait for.
func (r *requests) readable(states []ReadState) {
	for _, s := range states {
		for i := range r.reads {
			if q := &r.reads[i]; q.index == 0 && string(context(q.op)) == string(s.Context) {
				q.index = max(s.Index, 1)
			}
		}
	}
}

// reconfigure asks a leader for another configuration.
func (n *Node) reconfigure(in *raft.Reconfigure) {
	to := raft.Configuration{Voters: in.Voters, Learners: in.Learners}
	pending := n.requests.change.op != (raft.OpID{})
	if pending || !n.leads() || !n.changeable(to) || !n.lib.Reconfigure(n.config, to) {
		n.reply(in.Op, raft.Rejected)
		return
	}
	n.requests.change = change{op: in.Op}
}

// changeable reports whether the library may receive a change. The library itself
// does not check whether a learner has caught up before it becomes a voter.
func (n *Node) changeable(to raft.Configuration) bool {
	if n.config.Joint() || to.Voters == 0 || to.Voters&to.Learners != 0 || to == n.config {
		return false
	}
	for id := range (to.Voters &^ n.config.Voters).All() {
		if !n.config.Learners.Has(id) || n.lib.Match(id) < n.lib.State().Commit {
			return false
		}
	}
	return true
}

// appended looks for the entry of the requested change. A change that the library
// refuses becomes an entry without contents.
func (r *requests) appended(entries []raft.Entry) {
	if c := &r.change; c.op != (raft.OpID{}) && c.index == 0 && len(entries) > 0 {
		if e := entries[len(entries)-1]; e.Kind == raft.Reconfiguration {
			c.index = e.ID.Index
		}
	}
}

// transfer asks a leader to hand over its leadership. The library never reports the
// result.
func (n *Node) transfer(in *raft.Transfer) {
	if !n.leads() || in.To == n.id || !n.config.Electors().Has(in.To) {
		n.reply(in.Op, raft.Rejected)
		return
	}
	n.lib.Transfer(in.To)
	n.reply(in.Op, raft.Unknown)
}

// answer answers requests after a step. After a change of leadership it is unknown
// whether the proposals will be committed.
func (n *Node) answer() {
	r := &n.requests
	lost := n.lead() != r.led
	r.led = n.lead()
	if lost {
		for _, op := range r.proposals {
			n.reply(op, raft.Unknown)
		}
		r.proposals = r.proposals[:0]
	}
	r.reads = slices.DeleteFunc(r.reads, func(q read) bool {
		done := q.index != 0 && q.index <= n.applied
		switch {
		case done:
			n.reply(q.op, raft.Done)
		case lost && q.index == 0:
			n.reply(q.op, raft.Rejected)
			return true
		}
		return done
	})
	n.answerChange(lost)
}

func (n *Node) answerChange(lost bool) {
	c := &n.requests.change
	switch {
	case c.op == (raft.OpID{}):
		return
	case c.index == 0:
		n.reply(c.op, raft.Rejected)
	case n.configIndex >= c.index && !n.config.Joint():
		n.reply(c.op, raft.Done)
	case lost || !n.leads():
		n.reply(c.op, raft.Unknown)
	default:
		return
	}
	*c = change{}
}

// contextBytes is the length of the OpID before a command's data.
const contextBytes = 8

// context encodes an OpID.
func context(op raft.OpID) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, op.Client), op.Seq)
}

// open separates the OpID from a command's data.
func open(e *raft.Entry) (raft.OpID, raft.Entry) {
	if e.Kind != raft.Command || len(e.Data) < contextBytes {
		return raft.OpID{}, *e
	}
	op := raft.OpID{Client: binary.BigEndian.Uint32(e.Data), Seq: binary.BigEndian.Uint32(e.Data[4:])}
	return op, raft.Entry{ID: e.ID, Kind: e.Kind, Data: e.Data[contextBytes:]}
}
