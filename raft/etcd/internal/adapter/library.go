package adapter

import (
	"strings"

	"raftcheck/raft"
)

// Library is a RawNode of some release, with its storage. Entries have their data
// as the library has it.
type Library interface {
	Tick()
	// Campaign has the election timer fire.
	Campaign()
	Receive(payload []byte)
	// Propose reports whether the proposal was taken.
	Propose(data []byte) bool
	// ReadIndex reports whether the read was taken.
	ReadIndex(context []byte) bool
	// Reconfigure proposes to change the configuration; the entry is in the next batch.
	Reconfigure(from, to raft.Configuration) bool
	// Reconfigured applies the change in an entry, which is of some nodes, and
	// returns the configuration that it leads to, also as the library has it.
	Reconfigured(e raft.Entry) (to raft.Configuration, conf []byte, of raft.NodeSet)
	Transfer(to raft.NodeID)
	// Compact makes a snapshot and forgets the log before it but for keep entries.
	Compact(s Snapshot, keep int)
	// Resend gives up on snapshots that were sent and not acknowledged.
	Resend()

	// Next is what the library wants done; false if it wants nothing for now.
	Next() (Batch, bool)
	// Durable says that what the oldest batch with Waits wanted saved is durable.
	Durable()
	// Applied says that what the last batch had to apply is applied.
	Applied()

	State() State
	// Entry returns the entry at an index of the log.
	Entry(raft.Index) (raft.Entry, bool)
	// Base and Last are where the log begins, and its end.
	Base() raft.EntryID
	Last() raft.EntryID
	// Match is up to where a node is known to have stored the log; only a leader knows.
	Match(raft.NodeID) raft.Index
}

// State is what a library believes.
type State struct {
	Role   raft.Role
	Leader raft.NodeID
	Commit raft.Index
}

// Batch is what a library wants done, in this order.
type Batch struct {
	Save     bool // whether Hard, Entries and Snapshot are to be saved
	Hard     HardState
	Entries  []raft.Entry
	Snapshot Snapshot // of another node, in the place of the log
	Sends    []raft.Message
	Promises []raft.Message // leave when all that was ever to be saved is durable
	Waits    bool           // the library waits for that as well
	Apply    []raft.Entry
	Reads    []ReadState
}

// HardState is what must survive a crash beside the log.
type HardState struct {
	Term   raft.Term
	Vote   raft.NodeID
	Commit raft.Index
}

// Snapshot is a state machine as it is after an entry, with the configuration then.
//
// A library takes over no snapshot in whose configuration it is not. So a node may
// have been made a guest of it: a learner, until it is one.
type Snapshot struct {
	ID   raft.EntryID
	Conf []byte       // the configuration as the library has it
	All  raft.NodeSet // its members, the guests with them
	Data []byte       // what [openData] reads
}

// ReadState says that a read may be answered once Index is applied.
type ReadState struct {
	Index   raft.Index
	Context []byte
}

// kinds are the field's names for the library's types of message.
var kinds = map[string]string{
	"MsgProp": "Propose", "MsgApp": "AppendEntries", "MsgAppResp": "AppendReply",
	"MsgVote": "RequestVote", "MsgVoteResp": "VoteReply", "MsgPreVote": "PreVote", "MsgPreVoteResp": "PreVoteReply",
	"MsgHeartbeat": "Heartbeat", "MsgHeartbeatResp": "HeartbeatReply", "MsgSnap": "InstallSnapshot",
	"MsgTimeoutNow": "TimeoutNow", "MsgReadIndex": "ReadRequest", "MsgReadIndexResp": "ReadReply",
}

// KindOf is the field's name for a type of message.
func KindOf(library string) string { return kinds[library] }

// EntryOf is what the vocabulary makes of an ordinary entry; one without contents opens a term.
func EntryOf(term, index uint64, data []byte) raft.Entry {
	e := raft.Entry{ID: raft.EntryID{Term: raft.Term(term), Index: raft.Index(index)}, Data: data}
	if len(data) == 0 {
		e.Kind = raft.NoOp
	}
	return e
}

// Promise makes a message one that promises something: it has these fields, the
// hard state is of a term, and termOf knows the log. A request for a vote promises
// the candidate's own vote and its log: a vote that comes in answer, however late,
// is for a node that has them.
func Promise(m *raft.Message, term, index uint64, refuses bool, hard raft.Term, termOf func(uint64) (uint64, error)) {
	p := &m.Promise
	p.Term = raft.Term(term)
	if strings.HasPrefix(m.Kind, "PreVote") || term == 0 {
		p.Term = hard // pre-votes have the term that is to come, and reads none
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

// The times of a node, in ticks of its clock. A leader sends heartbeats each
// tick, as the library's documentation has it: a tenth of the election timeout.
const (
	ElectionTicks  = 10
	HeartbeatTicks = 1
)
