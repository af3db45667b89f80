package reference

import (
	"encoding/binary"

	"raftcheck/raft"
)

// kind says which of the four messages of figure 2 a message is. Its number is
// the first byte on the wire.
type kind uint8

const (
	kindRequestVote kind = iota + 1
	kindVoteReply
	kindAppendEntries
	kindAppendReply
	kinds
)

// String is the message's name in the field.
func (k kind) String() string {
	return [kinds]string{"", "RequestVote", "VoteReply", "AppendEntries", "AppendReply"}[k]
}

// message is a decoded message. Of the bodies only the one named by kind means
// something. Who sent it is the link's business (raft.Message.From).
type message struct {
	kind kind
	term raft.Term // of the sender

	requestVote   requestVote
	voteReply     voteReply
	appendEntries appendEntries
	appendReply   appendReply
}

// requestVote asks for a vote (figure 2, RequestVote RPC).
type requestVote struct {
	last raft.EntryID // the end of the candidate's log
}

// voteReply answers requestVote.
type voteReply struct {
	granted bool
}

// appendEntries replicates entries, and is the heartbeat when it has none
// (figure 2, AppendEntries RPC).
type appendEntries struct {
	prev    raft.EntryID // the entry right before the new ones
	commit  raft.Index   // the leader's commit index
	entries entryList
}

// appendReply answers appendEntries. Replies may be lost, doubled and
// overtaken, so each says by itself what it answers.
type appendReply struct {
	matches bool
	// index is, if matches, the last entry known to equal the leader's: the
	// request's prev and its entries. Otherwise it is the prev that was refused.
	index raft.Index
	// conflict says where to look next if the logs do not match (section 5.3,
	// last paragraphs): the follower's term at index and the first index of that
	// term, or term 0 and the index after the end of a log that is too short. It
	// is zero if the request was refused for its old term.
	conflict raft.EntryID
}

// append appends the encoding of m to b.
func (m *message) append(b []byte) []byte {
	b = append(b, byte(m.kind))
	b = binary.AppendUvarint(b, uint64(m.term))
	switch m.kind {
	case kindRequestVote:
		b = appendEntryID(b, m.requestVote.last)
	case kindVoteReply:
		b = appendBool(b, m.voteReply.granted)
	case kindAppendEntries:
		b = appendEntryID(b, m.appendEntries.prev)
		b = binary.AppendUvarint(b, uint64(m.appendEntries.commit))
		b = append(b, m.appendEntries.entries.bytes...)
	case kindAppendReply:
		b = m.appendReply.append(b)
	}
	return b
}

func (a *appendReply) append(b []byte) []byte {
	b = appendBool(b, a.matches)
	b = binary.AppendUvarint(b, uint64(a.index))
	if !a.matches {
		b = appendEntryID(b, a.conflict)
	}
	return b
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// decode reads payload into m, which then borrows from it. Bodies of other
// kinds keep what they have.
func (m *message) decode(payload []byte) error {
	r := reader{rest: payload}
	m.kind = kind(r.flag(byte(kinds)))
	m.term = r.positiveTerm()
	switch m.kind {
	case kindRequestVote:
		m.requestVote.decode(&r, m.term)
	case kindVoteReply:
		m.voteReply.granted = r.flag(2) == 1
	case kindAppendEntries:
		m.appendEntries.decode(&r, m.term)
	case kindAppendReply:
		m.appendReply.decode(&r, m.term)
	default:
		r.fail(errRange)
	}
	return r.finish()
}

// decode rejects an entry of the candidate's own term: nobody led it yet.
func (v *requestVote) decode(r *reader, term raft.Term) {
	v.last = r.entryID()
	if v.last.Term >= term {
		r.fail(errRange)
	}
}

// decode rejects entries of terms that the leader has not reached.
func (a *appendEntries) decode(r *reader, term raft.Term) {
	a.prev = r.entryID()
	a.commit = r.index()
	if a.prev.Term > term {
		r.fail(errRange)
	}
	a.entries = r.entries(max(a.prev.Term, 1), term)
}

// decode rejects hints that point beyond what was refused.
func (a *appendReply) decode(r *reader, term raft.Term) {
	a.matches = r.flag(2) == 1
	a.index = r.index()
	a.conflict = raft.EntryID{}
	if a.matches {
		return
	}
	a.conflict = raft.EntryID{Term: r.term(), Index: r.index()}
	hinted := a.conflict.Index > 0 || a.conflict.Term == 0
	if !hinted || a.conflict.Index > a.index || a.conflict.Term > term {
		r.fail(errRange)
	}
}
