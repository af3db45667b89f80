package adapter

// What is shown here has more judged, and findings told in words: a first verdict
// takes none of it.

import (
	"example.com/small"
	"raftcheck/raft"
)

var roles = [...]raft.Role{small.Follower: raft.Follower, small.Candidate: raft.Candidate, small.Leader: raft.Leader}

// Status shows what the node believes.
func (n *node) Status() raft.Status {
	s := n.core.Status()
	last, _ := n.EntryAt(raft.Index(s.Last))
	return raft.Status{
		Term: raft.Term(s.Term), Vote: raft.NodeID(s.Vote), Role: roles[s.Role], Leader: raft.NodeID(s.Leader),
		Last: last.ID, Commit: raft.Index(s.Commit), Applied: raft.Index(s.Applied),
		Config: raft.Configuration{Voters: n.voters},
	}
}

// EntryAt shows an entry of the log.
func (n *node) EntryAt(i raft.Index) (raft.Entry, bool) {
	e, ok := n.core.Entry(uint64(i))
	return entry(e), ok
}

// promise is what a message has its receiver rely on.
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

// DescribeMessage says what a message means.
func (System) DescribeMessage(m raft.Message) string { return m.Kind + " " + string(m.Payload) }

// DescribeWrite says what a record means.
func (System) DescribeWrite(b []byte) string {
	body, err := small.Body(b)
	if err != nil {
		return err.Error()
	}
	return string(body)
}
