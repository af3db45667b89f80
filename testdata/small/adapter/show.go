package adapter

// The methods in this file are optional. With them, more properties are judged, and
// findings are explained in words. A first verdict needs none of them.

import (
	"example.com/small"
	"raftcheck/raft"
)

var roles = [...]raft.Role{
	small.Follower: raft.Follower, small.Candidate: raft.Candidate, small.Leader: raft.Leader,
}

// Status returns the node's current state.
func (n *node) Status() raft.Status {
	s := n.core.Status()
	last, _ := n.EntryAt(raft.Index(s.Last))
	return raft.Status{
		Term: raft.Term(s.Term), Vote: raft.NodeID(s.Vote), Role: roles[s.Role], Leader: raft.NodeID(s.Leader),
		Last: last.ID, Commit: raft.Index(s.Commit), Applied: raft.Index(s.Applied),
		Config: raft.Configuration{Voters: n.voters},
	}
}

// EntryAt returns an entry of the log.
func (n *node) EntryAt(i raft.Index) (raft.Entry, bool) {
	e, ok := n.core.Entry(uint64(i))
	return entry(e), ok
}

// promise returns the promise that a message makes to its receiver.
func (n *node) promise(m small.Message) (p raft.Promise) {
	p.Term = raft.Term(m.Term)
	switch {
	case m.Kind == small.VoteReply && m.OK:
		p.Vote = raft.NodeID(m.To)
	case m.Kind == small.AppendReply && m.OK:
		last, _ := n.EntryAt(raft.Index(m.Index))
		p.Last = last.ID
	}
	return p
}

// DescribeMessage describes a message on one line.
func (System) DescribeMessage(m raft.Message) string { return m.Kind + " " + string(m.Payload) }

// DescribeWrite describes a disk record on one line.
func (System) DescribeWrite(b []byte) string {
	body, err := small.Body(b)
	if err != nil {
		return err.Error()
	}
	return string(body)
}
