package reference

import (
	"encoding/binary"

	"raftcheck/raft"
)

// kind identifies a kind of message. Its number is the first byte on the wire.
type kind uint8

const (
	kindRequestVote     kind = iota + 1 // figure 2
	kindVoteReply                       // figure 2
	kindAppendEntries                   // figure 2
	kindAppendReply                     // figure 2
	kindInstallSnapshot                 // figure 13
	kindInstallReply                    // figure 13
	kindPreVote                         // thesis, section 9.6
	kindPreVoteReply                    // thesis, section 9.6
	kindTimeoutNow                      // thesis, section 3.10
	kindReadRequest                     // thesis, section 6.4
	kindReadReply                       // thesis, section 6.4
	kinds
)

// String returns the message's usual name.
func (k kind) String() string {
	return [kinds]string{
		"", "RequestVote", "VoteReply", "AppendEntries", "AppendReply", "InstallSnapshot", "InstallReply",
		"PreVote", "PreVoteReply", "TimeoutNow", "ReadRequest", "ReadReply",
	}[k]
}

// message is a decoded message. Only the body named by kind is valid. The sender is
// in raft.Message.From.
type message struct {
	kind kind
	term raft.Term // of the sender

	requestVote     requestVote
	voteReply       voteReply
	appendEntries   appendEntries
	appendReply     appendReply
	installSnapshot installSnapshot
	installReply    installReply
	preVote         preVote
	preVoteReply    preVoteReply
	readRequest     readRequest
	readReply       readReply

	input reader // scratch of decode; a variable of its own would be allocated for every message
}

// body is the contents of one kind of message.
type body interface {
	// decode reads the encoding that append writes; the term is the sender's.
	decode(r *reader, term raft.Term)
	describe() string
}

// body returns the body that kind names.
func (m *message) body() body {
	switch m.kind {
	case kindRequestVote:
		return &m.requestVote
	case kindVoteReply:
		return &m.voteReply
	case kindAppendEntries:
		return &m.appendEntries
	case kindAppendReply:
		return &m.appendReply
	case kindInstallSnapshot:
		return &m.installSnapshot
	case kindInstallReply:
		return &m.installReply
	case kindPreVote:
		return &m.preVote
	case kindPreVoteReply:
		return &m.preVoteReply
	case kindReadRequest:
		return &m.readRequest
	case kindReadReply:
		return &m.readReply
	}
	return nothing{}
}

// nothing is the body of a message without contents.
type nothing struct{}

// requestVote asks for a vote (figure 2, RequestVote RPC).
type requestVote struct {
	last   raft.EntryID // the end of the candidate's log
	forced bool         // the leader itself requested this election (thesis, section 4.2.3)
}

// voteReply answers requestVote.
type voteReply struct {
	granted bool
}

// preVote asks whether a node would vote for the sender in the term after the
// sender's.
type preVote struct {
	last raft.EntryID // the end of the sender's log
}

// preVoteReply answers preVote.
type preVoteReply struct {
	asked   raft.Term // the term of the question
	granted bool
}

// appendEntries replicates entries. Without entries it is the heartbeat (figure 2,
// AppendEntries RPC).
type appendEntries struct {
	prev    raft.EntryID // the entry right before the new ones
	commit  raft.Index   // the leader's commit index
	round   round        // the leader's latest
	entries entryList
}

// appendReply answers appendEntries, and also the last part of an installSnapshot.
// Replies may be lost, duplicated and reordered, so each one identifies the request
// that it answers.
type appendReply struct {
	matches bool
	// index is, if matches, the last entry known to equal the leader's: the end of the
	// request's prev and entries. Otherwise it is the prev that was rejected.
	index raft.Index
	round round // of the request
	// conflict is the hint where to look next if the logs do not match (section 5.3,
	// last paragraphs). It is the follower's term at index and the first index of that
	// term. For a log that is too short it is term 0 and the index after its end. It is
	// zero if the request was rejected for its old term.
	conflict raft.EntryID
}

// installSnapshot carries a part of the leader's snapshot (figure 13). Every part
// describes the whole snapshot, so that it can be understood without the others.
type installSnapshot struct {
	id      raft.EntryID // the last entry that the snapshot covers
	members configured   // the configuration as of it
	size    int          // of the whole state, in bytes
	round   round        // the leader's latest
	offset  int          // of the chunk in the state
	chunk   []byte
}

// installReply answers installSnapshot as long as parts are missing.
type installReply struct {
	id    raft.EntryID // the snapshot that is arriving
	have  int          // the number of its first bytes that have arrived
	round round        // of the request
}

// readRequest asks a leader for a read index on behalf of a follower's client.
type readRequest struct {
	ctx uint64 // identifies the read at the follower
}

// readReply gives a follower the read index: the entries it must apply before it
// answers the read.
type readReply struct {
	ctx   uint64
	index raft.Index
}

// append appends the encoding of m to b.
func (m *message) append(b []byte) []byte {
	b = append(b, byte(m.kind))
	b = binary.AppendUvarint(b, uint64(m.term))
	switch m.kind { // not through body, which would move every message to the heap
	case kindRequestVote:
		return m.requestVote.append(b)
	case kindVoteReply:
		return m.voteReply.append(b)
	case kindAppendEntries:
		return m.appendEntries.append(b)
	case kindAppendReply:
		return m.appendReply.append(b)
	case kindInstallSnapshot:
		return m.installSnapshot.append(b)
	case kindInstallReply:
		return m.installReply.append(b)
	case kindPreVote:
		return m.preVote.append(b)
	case kindPreVoteReply:
		return m.preVoteReply.append(b)
	case kindReadRequest:
		return m.readRequest.append(b)
	case kindReadReply:
		return m.readReply.append(b)
	}
	return b
}

// decode reads payload into m, which then borrows from it. Bodies of other kinds
// keep their old contents.
func (m *message) decode(payload []byte) error {
	m.input = reader{rest: payload}
	r := &m.input
	m.kind = kind(r.flag(byte(kinds)))
	m.term = r.term()
	if m.kind == 0 || m.term == 0 && m.kind != kindPreVote && m.kind != kindPreVoteReply {
		r.fail(errRange) // before the first election only pre-votes are sent
	}
	m.body().decode(r, m.term)
	err := r.finish()
	m.input = reader{}
	return err
}

// release drops the memory that m borrows.
func (m *message) release() {
	m.appendEntries.entries = entryList{}
	m.installSnapshot.chunk = nil
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func (r *reader) bool() bool { return r.flag(2) == 1 }

func (nothing) decode(*reader, raft.Term) {}

func (v *requestVote) append(b []byte) []byte { return appendBool(appendEntryID(b, v.last), v.forced) }

func (v *requestVote) decode(r *reader, term raft.Term) {
	v.last = r.entryID()
	v.forced = r.bool()
	if v.last.Term >= term { // no node led the candidate's term yet, so no entry has it
		r.fail(errRange)
	}
}

func (v *voteReply) append(b []byte) []byte        { return appendBool(b, v.granted) }
func (v *voteReply) decode(r *reader, _ raft.Term) { v.granted = r.bool() }

func (v *preVote) append(b []byte) []byte { return appendEntryID(b, v.last) }

func (v *preVote) decode(r *reader, term raft.Term) {
	v.last = r.entryID()
	if v.last.Term > term {
		r.fail(errRange)
	}
}

func (v *preVoteReply) append(b []byte) []byte {
	return appendBool(binary.AppendUvarint(b, uint64(v.asked)), v.granted)
}

func (v *preVoteReply) decode(r *reader, _ raft.Term) {
	v.asked = r.term()
	v.granted = r.bool()
}

func (a *appendEntries) append(b []byte) []byte {
	b = appendEntryID(b, a.prev)
	b = binary.AppendUvarint(b, uint64(a.commit))
	b = binary.AppendUvarint(b, uint64(a.round))
	return append(b, a.entries.bytes...)
}

// decode fails on entries of terms that the leader has not reached.
func (a *appendEntries) decode(r *reader, term raft.Term) {
	a.prev = r.entryID()
	a.commit = r.index()
	a.round = round(r.number())
	if a.prev.Term > term {
		r.fail(errRange)
	}
	a.entries = r.entries(max(a.prev.Term, 1), term)
}

func (a *appendReply) append(b []byte) []byte {
	b = appendBool(b, a.matches)
	b = binary.AppendUvarint(b, uint64(a.index))
	b = binary.AppendUvarint(b, uint64(a.round))
	if !a.matches {
		b = appendEntryID(b, a.conflict)
	}
	return b
}

// decode fails on hints beyond the rejected entry.
func (a *appendReply) decode(r *reader, term raft.Term) {
	a.matches = r.bool()
	a.index = r.index()
	a.round = round(r.number())
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

func (s *installSnapshot) append(b []byte) []byte {
	b = appendConfigured(appendEntryID(b, s.id), s.members)
	for _, v := range [...]uint64{uint64(s.size), uint64(s.round), uint64(s.offset)} {
		b = binary.AppendUvarint(b, v)
	}
	return appendBytes(b, s.chunk)
}

// decode fails on a part that lies outside the snapshot.
func (s *installSnapshot) decode(r *reader, term raft.Term) {
	s.id = r.entryID()
	s.members = r.configured()
	size, rnd, offset := r.number(), r.number(), r.number()
	s.chunk = r.bytes()
	s.size, s.round, s.offset = int(size), round(rnd), int(offset)
	if s.id.Index == 0 || s.id.Term > term || s.members.index > s.id.Index ||
		offset > size || uint64(len(s.chunk)) > size-offset {
		r.fail(errRange)
	}
}

func (s *installReply) append(b []byte) []byte {
	b = binary.AppendUvarint(appendEntryID(b, s.id), uint64(s.have))
	return binary.AppendUvarint(b, uint64(s.round))
}

func (s *installReply) decode(r *reader, _ raft.Term) {
	s.id = r.entryID()
	s.have, s.round = int(r.number()), round(r.number())
}

func (q *readRequest) append(b []byte) []byte        { return binary.LittleEndian.AppendUint64(b, q.ctx) }
func (q *readRequest) decode(r *reader, _ raft.Term) { q.ctx = r.word() }

func (q *readReply) append(b []byte) []byte {
	return binary.AppendUvarint(binary.LittleEndian.AppendUint64(b, q.ctx), uint64(q.index))
}

func (q *readReply) decode(r *reader, _ raft.Term) {
	q.ctx = r.word()
	q.index = r.positiveIndex()
}
