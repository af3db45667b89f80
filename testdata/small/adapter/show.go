package adapter

import (
	"encoding/json"

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

func entry(e small.Entry) raft.Entry {
	kind := raft.Command
	if e.Blank {
		kind = raft.NoOp
	}
	return raft.Entry{ID: raft.EntryID{Term: raft.Term(e.Term), Index: raft.Index(e.Index)}, Kind: kind, Data: e.Data}
}

// message is a message, with what it promises.
func (n *node) message(m small.Message, after raft.WriteID) raft.Message {
	payload, err := json.Marshal(m)
	if err != nil {
		panic(err) // there is nothing in it that JSON does not have
	}
	out := raft.Message{From: raft.NodeID(m.From), To: raft.NodeID(m.To), Kind: m.Kind.String(), Payload: payload, After: after}
	out.Promise.Term = raft.Term(m.Term)
	switch {
	case m.Kind == small.VoteReply && m.OK:
		out.Promise.Vote = out.To
	case m.Kind == small.AppendReply && m.OK:
		last, _ := n.EntryAt(raft.Index(m.Index))
		out.Promise.Last = last.ID
	}
	return out
}
