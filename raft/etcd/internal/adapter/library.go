package adapter

import (
	"strings"

	"raftcheck/raft"
)

// Library is a RawNode of some release, with its storage. The data of entries are
// in the library's encoding.
type Library interface {
	Tick()
	// Campaign fires the election timer.
	Campaign()
	Receive(payload []byte)
	// Propose reports whether the proposal was accepted.
	Propose(data []byte) bool
	// ReadIndex reports whether the read was accepted.
	ReadIndex(context []byte) bool
	// Reconfigure proposes to change the configuration; the entry is in the next batch.
	Reconfigure(from, to raft.Configuration) bool
	// Reconfigured applies the change in an entry. It returns the resulting
	// configuration, also in the library's encoding, and the nodes that changed.
	Reconfigured(e raft.Entry) (to raft.Configuration, conf []byte, of raft.NodeSet)
	Transfer(to raft.NodeID)
	// Compact makes a snapshot and drops the log before it, except for keep entries.
	Compact(s Snapshot, keep int)
	// Resend marks the snapshots that were sent and not acknowledged as failed.
	Resend()

	// Next returns the next batch of work; false if there is none for now.
	Next() (Batch, bool)
	// Durable reports to the library that the oldest batch with Waits is saved.
	Durable()
	// Applied reports to the library that the entries of the oldest batch are applied.
	Applied()

	State() State
	// Entry returns the entry at an index of the log.
	Entry(raft.Index) (raft.Entry, bool)
	// Base is the entry after which the log begins, and Last is its end.
	Base() raft.EntryID
	Last() raft.EntryID
	// Match returns the index up to which a node is known to have stored the log. Only a
	// leader knows it.
	Match(raft.NodeID) raft.Index
}

// State is a library's current state.
type State struct {
	Role   raft.Role
	Leader raft.NodeID
	Commit raft.Index
}

// Batch is the work that a library requests, in this order.
type Batch struct {
	Save     bool // whether Hard, Entries and Snapshot must be saved
	Hard     HardState
	Entries  []raft.Entry
	Snapshot Snapshot // of another node; replaces the log
	Sends    []raft.Message
	Promises []raft.Message // sent once this and every earlier save is durable
	Waits    bool           // the library waits for that as well
	Apply    []raft.Entry
	Reads    []ReadState
}

// HardState is the state besides the log that must survive a crash.
type HardState struct {
	Term   raft.Term
	Vote   raft.NodeID
	Commit raft.Index
}

// Snapshot is a state machine as it is after an entry, with the configuration then.
//
// A library refuses a snapshot whose configuration does not include it. So a node
// may be added to it as a guest: a learner, until it becomes a member.
type Snapshot struct {
	ID   raft.EntryID
	Conf []byte       // the configuration in the library's encoding
	All  raft.NodeSet // its members, including guests
	Data []byte       // the input of [openData]
}

// ReadState allows a read to be answered once Index is applied.
type ReadState struct {
	Index   raft.Index
	Context []byte
}

// kinds maps the library's types of message to their usual names.
var kinds = map[string]string{
	"MsgProp": "Propose", "MsgApp": "AppendEntries", "MsgAppResp": "AppendReply",
	"MsgVote": "RequestVote", "MsgVoteResp": "VoteReply",
	"MsgPreVote": "PreVote", "MsgPreVoteResp": "PreVoteReply",
	"MsgHeartbeat": "Heartbeat", "MsgHeartbeatResp": "HeartbeatReply", "MsgSnap": "InstallSnapshot",
	"MsgTimeoutNow": "TimeoutNow", "MsgReadIndex": "ReadRequest", "MsgReadIndexResp": "ReadReply",
}

// KindOf returns the usual name of a type of message.
func KindOf(library string) string { return kinds[library] }

// EntryOf converts an ordinary entry. An entry without contents opens a term.
func EntryOf(term, index uint64, data []byte) raft.Entry {
	e := raft.Entry{ID: raft.EntryID{Term: raft.Term(term), Index: raft.Index(index)}, Data: data}
	if len(data) == 0 {
		e.Kind = raft.NoOp
	}
	return e
}

// Promise sets a message's promise from its fields. Argument hard is the term of
// the hard state, and termOf looks up terms in the log.
//
// A request for a vote promises the candidate's own vote and its log. A vote in
// answer to it, however late, is for a node that has them.
func Promise(
	m *raft.Message, term, index uint64, refuses bool,
	hard raft.Term, termOf func(uint64) (uint64, error),
) {
	p := &m.Promise
	p.Term = raft.Term(term)
	if strings.HasPrefix(m.Kind, "PreVote") || term == 0 {
		p.Term = hard // pre-votes carry the next term, and reads carry none
	}
	stored := m.Kind == "AppendReply" && !refuses || m.Kind == "RequestVote"
	if t, err := termOf(index); err == nil && stored {
		p.Last = raft.EntryID{Term: raft.Term(t), Index: raft.Index(index)}
	}
	switch {
	case m.Kind == "RequestVote":
		p.Vote = m.From
	case m.Kind == "VoteReply" && !refuses:
		p.Vote = m.To
	}
}

// The times of a node, in ticks of its clock. A leader sends heartbeats each tick, which
// is a tenth of the election timeout, as the library's documentation recommends.
const (
	ElectionTicks  = 10
	HeartbeatTicks = 1
)
