package raft

import "io"

// Node is one running node of an implementation, driven from outside; the
// package comment has the contract.
type Node interface{ Step(Input) Output }

// System is an implementation of Raft.
type System interface {
	// Name identifies the implementation in schedules: lower-case letters, digits, '-', '+', '.'.
	Name() string
	// Boot starts a node from what its disk holds; an empty disk is a first
	// boot. A disk that no crash can leave behind is an error: a node that
	// went on without what it promised would break it.
	Boot(NodeConfig) (Node, error)
}

// Nondeterministic is a System whose nodes do not always do the same. A schedule
// that violates a property is then run several times, and what is said of it is
// in how many of them it did.
type Nondeterministic interface {
	System
	// Nondeterminism says why, in a few words.
	Nondeterminism() string
}

// NodeConfig is all that a node knows when it boots.
type NodeConfig struct {
	ID NodeID
	// Voters are those of the cluster's first configuration. A node outside of it
	// waits until a leader sends it the log.
	Voters NodeSet
	// PreVote has nodes ask whether they would be elected before they stand for
	// election, refuse those who ask while they hear from a leader, and lead only
	// as long as a quorum answers (thesis, sections 6.2, 6.4 and 9.6). Only then
	// may a leader serve reads from a lease. A system without it ignores it.
	PreVote bool
	Disk    [][]byte  // the data of the surviving writes, oldest first
	Rand    io.Reader // the only randomness the node may use; never fails
}

// Inspector is a Node that shows its state. A property that needs a view its
// node does not offer is not checked, never held.
type Inspector interface {
	Status() Status
	// EntryAt returns the log's entry at an index, and false if the log does not hold it.
	EntryAt(Index) (Entry, bool)
}

// Status is what a node believes at present.
type Status struct {
	Term    Term
	Vote    NodeID // whom it voted for in Term
	Role    Role
	Leader  NodeID  // whom it takes for the leader of Term
	Base    EntryID // its log begins after this entry; what is before is in its snapshot
	Last    EntryID // the end of its log; Base if that holds nothing
	Commit  Index
	Applied Index
	// Config is the configuration that it acts by, which is the latest in its
	// log, committed or not (Raft paper, section 6), and ConfigIndex that entry;
	// 0 is the first configuration.
	Config      Configuration
	ConfigIndex Index
}

// Cloner is a Node that is a pure value. Whoever wants to try several inputs in
// one state, and to know a state again, needs no more than this.
type Cloner interface {
	Node
	// Clone returns a node that behaves as this one does and shares no memory with it that either may change.
	Clone() Node
	// AppendState appends an encoding of everything that decides the node's
	// behaviour: equal states have equal encodings and different ones differ.
	AppendState([]byte) []byte
}

// Canonical is a Cloner that knows which of its states behave alike. Implementing
// it is a promise: payloads, records and the data of commands name no node, but
// in configurations, and two disks from which nodes of equal state boot are
// alike, whatever is written to them.
type Canonical interface {
	Cloner
	// AppendCanonical appends an encoding of what the node does and shows from now
	// on if its election timer fires by Timeout alone and only a leader's clock
	// ticks. That is less than AppendState has: the timer and the randomness to
	// come are left out, and so is how many records were ever written; writes are
	// counted back from the latest. Every node is named by as.
	AppendCanonical(b []byte, as *Renaming) []byte
}

// Stopper is a Node that owns what outlives it, such as goroutines: an
// implementation that was made to run on its own and is driven all the same.
type Stopper interface {
	Node
	// Stop ends the node and returns when nothing of it runs any more. It is the
	// last that happens to a node, when it crashes, panics or is wiped and when its
	// run is over; called again it does nothing.
	Stop()
}

// Describer is a System that can read its own bytes aloud, for traces.
type Describer interface {
	// DescribeMessage says what a message means, on one line.
	DescribeMessage(Message) string
	// DescribeWrite says what a disk record means, on one line.
	DescribeWrite(data []byte) string
}

// OpID names a client's operation across retries, or a request of the cluster's
// operator, who is client 0; it is opaque to a node.
type OpID struct{ Client, Seq uint32 }

// WriteID numbers a node's writes since it booted, from 1, without gaps.
type WriteID uint64

// Input is one thing that happens to a node. Inputs are passed by pointer, and
// the node keeps nothing of them after Step returns.
type Input interface{ input() }

type (
	// Tick says that one unit of this node's own clock passed.
	Tick struct{}
	// Timeout says that the election timer fires now.
	Timeout struct{}
	// Receive hands over a message that a link delivered.
	Receive struct{ Msg Message }
	// Persisted says that every write up to ID is durable.
	Persisted struct{ ID WriteID }
	// PersistFailed says that write ID, and every write after it, is lost:
	// the write or its fsync failed.
	PersistFailed struct{ ID WriteID }
	// Propose asks for Data to be appended to the log.
	Propose struct {
		Op   OpID
		Data []byte
	}
	// Read asks for a moment at which the node's state machine may answer a
	// read, so that the read is linearizable (thesis, section 6.4). The node
	// answers Done at that moment.
	Read struct {
		Op OpID
		// Lease allows a leader to answer without a round of messages while its
		// lease lasts, which trusts the clocks (thesis, section 6.4.1).
		Lease bool
	}
	// Compact hands over the state machine as it is after the entry at Index,
	// the last that the node applied. The node keeps State as its snapshot and
	// forgets its log up to that entry, but for the last Keep entries (Raft
	// paper, section 7).
	Compact struct {
		Index Index
		Keep  int
		State []byte
	}
	// Reconfigure asks for another configuration (Raft paper, section 6). A node
	// that becomes a voter must have been a learner that stored all that the leader
	// calls committed.
	Reconfigure struct {
		Op               OpID
		Voters, Learners NodeSet
	}
	// Transfer asks a leader to make To the leader (thesis, section 3.10). A leader
	// that gave way cannot tell who leads next, and answers Unknown.
	Transfer struct {
		Op OpID
		To NodeID
	}
)

func (*Tick) input()          {}
func (*Timeout) input()       {}
func (*Receive) input()       {}
func (*Persisted) input()     {}
func (*PersistFailed) input() {}
func (*Propose) input()       {}
func (*Read) input()          {}
func (*Compact) input()       {}
func (*Reconfigure) input()   {}
func (*Transfer) input()      {}

// Output is what a node wants done, each list in order.
type Output struct {
	Writes  []Write   // append to the disk
	Sends   []Message // give to the links
	Restore Snapshot  // if it is not zero, the state machine becomes this
	Applied []Entry   // give to the state machine
	Replies []Reply   // give to the clients
}

// Snapshot is a state machine as it is after an entry (Raft paper, section 7).
type Snapshot struct {
	ID    EntryID
	State []byte
}

// Write is one record for the disk.
type Write struct {
	ID   WriteID
	Data []byte
	// Checkpoint says that the record stands for all before it: once it is
	// durable they are gone, as when a new file takes the place of an old one.
	Checkpoint bool
}

// Message is what one node sends to another.
type Message struct {
	From, To NodeID
	Kind     string // the field's name of it (AppendEntries), for people
	Payload  []byte
	After    WriteID // it leaves the node once this write is durable; 0 is at once
	Promise  Promise
}

// Promise is what a message makes its receiver rely on: that the sender will
// never forget it, whatever crashes (Raft paper, figure 2: persistent state is
// updated on stable storage before responding to RPCs). The zero value
// promises nothing, and then durability of promises is not checked.
type Promise struct {
	Term Term    // the sender's term is at least this
	Vote NodeID  // the sender voted for this node in Term
	Last EntryID // the sender's log is stored up to this entry
}

// Reply answers a Propose, a Read, a Reconfigure or a Transfer.
type Reply struct {
	Op      OpID
	Outcome Outcome
}

// Outcome is what became of a request. The zero value is the honest one.
type Outcome uint8

const (
	// Unknown means that it may yet take effect, or have taken effect, or never.
	Unknown Outcome = iota
	// Done means that it took effect: a proposal was applied by the node that
	// replies, a read may be answered by its state machine as it is now, the
	// configuration that was asked for is committed.
	Done
	// Rejected means that this request certainly never takes effect.
	Rejected
)

// String is the outcome in one word.
func (o Outcome) String() string { return [...]string{"unknown", "done", "rejected"}[o] }
