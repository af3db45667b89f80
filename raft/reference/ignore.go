package reference

import "raftcheck/raft"

var _ raft.Ignoring = (*Node)(nil)

// Ignores reports whether the node ignores a message for good.
//
// Requests are never ignored: a sender of an earlier term learns the later one from the answer.
// Replies of earlier terms are obsolete (figure 2, rules for servers). So are replies of the
// node's own term to a role that it has no more: no node stands for election, or leads, in one
// term twice. A refused vote has done all that it can once the node is in its term.
func (n *Node) Ignores(in *raft.Message) bool {
	var m message
	if m.decode(in.Payload) != nil || m.term > n.hard.term {
		return false
	}
	earlier := m.term < n.hard.term
	switch m.kind {
	case kindPreVoteReply:
		return !m.preVoteReply.granted || m.preVoteReply.asked < n.hard.term
	case kindVoteReply:
		return earlier || !m.voteReply.granted || n.role != raft.Candidate
	case kindAppendReply, kindInstallReply, kindReadRequest:
		return earlier || n.role != raft.Leader && n.role != raft.Candidate
	case kindTimeoutNow, kindReadReply:
		return earlier
	}
	return false
}
