package raft

import (
	"fmt"
	"io"
)

// Node is one running node of an implementation, driven from outside. The package
// comment states its contract.
type Node interface{ Step(Input) Output }

// System is an implementation of Raft, or of another algorithm that replicates a log
// (Limits.Algorithm).
type System interface {
	// Name identifies the implementation in schedules: lower-case letters, digits, '-', '+', '.'.
	Name() string
	// Boot starts a node from the records on its disk; an empty disk is a first
	// boot. A disk that no crash can leave behind is an error: a node that went on
	// without the lost records would break its promises.
	Boot(NodeConfig) (Node, error)
}

// Nondeterministic is a System whose nodes may behave differently on the same
// inputs. A schedule that violates a property is then run several times, and the
// report counts the runs in which it did.
type Nondeterministic interface {
	System
	// Nondeterminism says why, in a few words.
	Nondeterminism() string
}

// Readless is a System without reads other than those in the log, so that no client
// asks for any. Any other system must answer reads once all faults are healed.
type Readless interface {
	System
	// Readless says why, in a few words; "" says that there are reads.
	Readless() string
}

// Learning is a System whose first configuration may have learners. No other system gets
// any in [NodeConfig].
type Learning interface {
	System
	// Learns reports whether a first configuration may have learners.
	Learns() bool
}

// Refining is a System whose steps follow the paper's algorithm (package models/paper),
// except for the liberties that it takes. Each step of it is explained by actions of that
// algorithm. No other system is judged so.
type Refining interface {
	System
	// Liberties returns the liberties that it takes.
	Liberties() Liberties
}

// Batching is a System whose nodes take a [Batch] and a [Lag]. An application that drives a
// library may hand it several inputs before it takes its output, and may apply entries later.
// No other system gets these inputs.
//
// A batch is for a node that does something else with several inputs than with one after the
// other: it writes the last of two terms alone, or appends two proposals in one write. A node
// that does each input at once, and only hands its output over later, needs none. Messages
// that arrive late and writes that are durable late are the same to it, and are events anyway.
type Batching interface {
	System
	// Batches reports whether nodes take them.
	Batches() bool
}

// Batches reports whether a system is [Batching].
func Batches(system System) bool {
	b, ok := system.(Batching)
	return ok && b.Batches()
}

// Liberties are deviations from the paper's algorithm that do no harm.
type Liberties uint8

// The liberties of a [Refining] system.
const (
	// Forwards: a leader appends commands that came in messages, and several in a step.
	Forwards Liberties = 1 << iota
	// Blanks: a leader appends blank entries at any time.
	Blanks
	// Concedes: a candidate becomes a follower in its term without a leader.
	Concedes
	// KeepsCommit: a node that boots knows the commit index that it stored.
	KeepsCommit
	// OldPreVotes: a node counts pre-votes that it was granted for an earlier term.
	OldPreVotes
	// MovesReads: a read that waits when a term ends is asked again in a later one, and a
	// read that is asked again joins its earlier round. The answers to reads are not judged.
	MovesReads
)

// Has reports whether a liberty is among l.
func (l Liberties) Has(one Liberties) bool { return l&one != 0 }

// NodeConfig is everything a node knows when it boots.
type NodeConfig struct {
	ID NodeID
	// Voters are those of the cluster's first configuration, which has index 0: the log
	// begins empty. Entries that bootstrap a cluster, as etcd's can, are not shown. A node
	// outside of it waits until a leader sends it the log.
	Voters NodeSet
	// Learners are those of the first configuration (thesis, section 4.2.1); only a
	// [Learning] system has to know them.
	Learners NodeSet
	// PreVote turns three rules on (thesis, sections 6.2, 6.4 and 9.6). A node asks
	// for pre-votes before it starts an election. A node that hears from a leader
	// grants no votes. A leader steps down when no quorum answers it. A leader may
	// serve reads from a lease only under these rules. A system that does not
	// implement them, or cannot turn them off, ignores PreVote.
	PreVote bool
	Disk    [][]byte  // the data of the surviving writes, oldest first
	Rand    io.Reader // the only randomness the node may use; never fails
}

// Inspector is a Node that shows its state. A property that needs a view which the
// node does not offer is not checked, never held.
type Inspector interface {
	Status() Status
	// EntryAt returns the log's entry at an index, and false if the log does not hold it.
	EntryAt(Index) (Entry, bool)
}

// Status is the state that a node currently believes in.
type Status struct {
	Term    Term
	Vote    NodeID // the node it voted for in Term
	Role    Role
	Leader  NodeID  // the node it believes to lead Term
	Base    EntryID // its log begins after this entry; its snapshot covers the rest
	Last    EntryID // the end of its log; Base if that holds nothing
	Commit  Index
	Applied Index // the last entry that it gave to the state machine since it booted
	// Config is the configuration that it uses: the latest in its log, committed or
	// not (Raft paper, section 6). ConfigIndex is the index of that entry; 0 is the
	// first configuration.
	Config      Configuration
	ConfigIndex Index
	// ConfigApplied deviates from the paper: the node uses a configuration only once
	// it has applied its entry, and Config is the latest one applied. It is constant
	// for an implementation.
	ConfigApplied bool
}

// Cloner is a Node that is a pure value. Exploration needs nothing more: it tries
// several inputs in one state, and recognises a state that it has seen before.
type Cloner interface {
	Node
	// Clone returns a node that behaves as this one does. They share no memory that
	// either may change.
	Clone() Node
	// AppendState appends an encoding of everything that decides the node's
	// behaviour. Two encodings are equal if and only if the states are.
	AppendState([]byte) []byte
}

// Canonical is a Cloner that knows which of its states behave alike. An
// implementation promises two things. Payloads, records and the data of commands
// contain no node names, except in configurations. Two disks from which nodes of
// equal state boot stay alike under any further writes.
type Canonical interface {
	Cloner
	// AppendCanonical appends an encoding of the node's future behaviour under two
	// limits: its election timer fires by Timeout alone, and only a leader's clock
	// ticks. The encoding omits parts of AppendState: the timer, future randomness,
	// and the number of records ever written. It counts writes back from the latest
	// one, and names every node by as.
	AppendCanonical(b []byte, as *Renaming) []byte
}

// Ignoring is a Cloner that knows which messages it will never act on. An exploration drops
// them, as two states that differ by such messages alone have the same future.
type Ignoring interface {
	Cloner
	// Ignores reports whether the node ignores a message to it for good: a Receive of it
	// leads to an empty output and to the same state. So it is now, after any other inputs,
	// and at each node that boots from a disk with all writes so far, apart from output that
	// comes with any input after a boot. The method changes nothing, not even scratch memory.
	// False claims nothing.
	Ignores(*Message) bool
}

// Recurrent is a Node that knows when it is where it was before. It lets a cluster that is
// stuck be told from a slow one.
type Recurrent interface {
	Node
	// AppendRecurrent appends an encoding of the node's future behaviour while no election
	// timer fires and no message is on the way. Numbers that only count up, such as ticks and
	// the rounds of heartbeats, are encoded by their distance from the present one.
	AppendRecurrent([]byte) []byte
}

// Renamer is a System with [Canonical] nodes that can rename nodes in configurations as
// well. Without it, exploration tells states with changed configurations apart that differ
// by the names of nodes alone.
type Renamer interface {
	System
	// AppendPayload appends the payload of a message, with every node named by as.
	AppendPayload(b []byte, m *Message, as *Renaming) []byte
	// AppendConfiguration appends the data of an entry of kind Reconfiguration, with every
	// node named by as.
	AppendConfiguration(b, data []byte, as *Renaming) []byte
}

// Stopper is a Node that owns resources which outlive it, such as goroutines. It is
// for an implementation that was made to run on its own and is driven all the same.
type Stopper interface {
	Node
	// Stop ends the node and returns when nothing of it runs any more. It is the last
	// call: after a crash, a panic or a wipe, and at the end of a run. A second call
	// does nothing.
	Stop()
}

// Describer is a System that describes its own bytes in words, for traces.
type Describer interface {
	// DescribeMessage describes a message on one line.
	DescribeMessage(Message) string
	// DescribeWrite describes a disk record on one line.
	DescribeWrite(data []byte) string
}

// OpID names a client's operation across retries. Client 0 is the cluster's
// operator. An OpID is opaque to a node.
type OpID struct{ Client, Seq uint32 }

// WriteID numbers a node's writes since it booted, from 1, without gaps.
type WriteID uint64

// Input is one thing that happens to a node. Inputs are passed by pointer, and the
// node keeps no reference to them after Step returns.
type Input interface{ input() }

type (
	// Tick reports that one unit of this node's own clock passed.
	Tick struct{}
	// Timeout reports that the election timer fires now, which uses it up.
	Timeout struct{}
	// Receive hands over a message that a link delivered.
	Receive struct{ Msg Message }
	// Persisted reports that every write up to ID is durable.
	Persisted struct{ ID WriteID }
	// PersistFailed reports that write ID, and every write after it, is lost: the
	// write or its fsync failed.
	PersistFailed struct{ ID WriteID }
	// Propose asks for Data to be appended to the log.
	Propose struct {
		Op   OpID
		Data []byte
	}
	// Read asks for a moment at which the node's state machine may answer a read
	// linearizably (thesis, section 6.4). The node answers Done at that moment.
	Read struct {
		Op OpID
		// Lease allows a leader to answer without a round of messages while its
		// lease lasts, which trusts the clocks (thesis, section 6.4.1).
		Lease bool
	}
	// Compact hands over the state machine as it is after the entry at Index, the
	// last one that the node applied. The node keeps State as its snapshot and drops
	// its log up to that entry, except for the last Keep entries (Raft paper,
	// section 7). A node that joins after Index may need the snapshot as well: if the
	// Raft refuses one whose configuration lacks its receiver, the adapter adds it.
	Compact struct {
		Index Index
		Keep  int
		State []byte
	}
	// Reconfigure asks for another configuration (Raft paper, section 6). A new voter
	// must be a learner that stored every entry the leader knows to be committed; a
	// system that lacks learners may make any node a voter. A request for the configuration in
	// force may be Rejected, or is a change like any other: a deposed leader does not know what
	// is in force. Rejected is about this request alone, so a second one, equal to one under
	// way, may be Rejected. So may a change that is committed, and that every node refuses when
	// it applies the entry, if Config is unchanged by then.
	Reconfigure struct {
		Op               OpID
		Voters, Learners NodeSet
	}
	// Transfer asks a leader to make To the leader (thesis, section 3.10). A leader
	// that stepped down cannot know the next leader, and answers Unknown. A second request,
	// equal to one under way, may be Rejected.
	Transfer struct {
		Op OpID
		To NodeID
	}
	// Batch asks the node to take its next Inputs inputs together: with the last of them it
	// returns the output of all. Until then it returns nothing, and nobody asks for its
	// Status. No Compact, Reconfigure or Transfer is among them. A Lag is no input of a batch,
	// nor a Batch one of a lag; Persisted and messages are.
	Batch struct{ Inputs int }
	// Lag asks the node to hold the entries back that it would apply: it applies them in
	// the step of its Inputs-th input after this one, and answers what depends on them then.
	Lag struct{ Inputs int }
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
func (*Batch) input()         {}
func (*Lag) input()           {}

// Output is the list of actions that a node requests, each field in order.
type Output struct {
	Writes  []Write   // append to the disk
	Sends   []Message // give to the links
	Restore Snapshot  // if not zero, replaces the state machine
	Applied []Entry   // give to the state machine
	Replies []Reply   // give to the clients
}

// Snapshot is the state of a state machine after an entry (Raft paper, section 7).
type Snapshot struct {
	ID    EntryID
	State []byte
}

// Write is one record for the disk.
type Write struct {
	ID   WriteID
	Data []byte
	// Checkpoint marks a record that replaces all records before it. They are gone
	// once it is durable, as when a new file is renamed over an old one.
	Checkpoint bool
}

// Message is sent from one node to another.
type Message struct {
	From, To NodeID
	// Kind is the message's usual name, such as AppendEntries. It is for people, but
	// goals recognise InstallSnapshot and TimeoutNow by it.
	Kind    string
	Payload []byte
	After   WriteID // it leaves the node once this write is durable; 0 is at once
	Promise Promise
}

// Promise states what the receiver of a message may rely on: the sender never
// forgets it, through any crash. The rule is that of figure 2 of the Raft paper:
// persistent state is updated on stable storage before responding to RPCs.
//
// Every message promises its Term. A granted vote also promises Vote, and an
// accepted AppendEntries promises Last. The zero value promises nothing; durability
// of promises is then not checked.
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

// Outcome is the result of a request. The zero value claims nothing.
type Outcome uint8

const (
	// Unknown means that the request may have taken effect, may do so later, or never
	// will.
	Unknown Outcome = iota
	// Done means that the request took effect. The replying node applied the
	// proposal; or its state machine may answer the read as it is now; or the
	// requested configuration is committed.
	Done
	// Rejected means that this request certainly never takes effect.
	Rejected
)

// String returns the outcome in one word, or "outcome 7" for a number that is none.
func (o Outcome) String() string {
	if o > Rejected {
		return fmt.Sprintf("outcome %d", uint8(o))
	}
	return [...]string{"unknown", "done", "rejected"}[o]
}
