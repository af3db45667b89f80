package trace

import (
	"math/bits"

	"raftcheck/raft"
)

// Kind says what a Record tells.
type Kind uint8

// The kinds of record. The zero value is none of them.
const (
	// Stepped: Node took Input and wanted Out; Released messages left it.
	Stepped Kind = iota + 1
	// Booted: Node started, from what its disk holds.
	Booted
	// BootFailed: Node's disk was refused; Text has the error.
	BootFailed
	// Crashed: Node stopped; its writes up to Durable survive on its disk.
	Crashed
	// Panicked: Node panicked, with Text; it is down now, as after a crash.
	Panicked
	// BrokeContract: Node did what the contract of the seam forbids, told by Text.
	BrokeContract
	// Rotted: a durable record of Node's disk lost a bit.
	Rotted
	// Lost: the message from Node to Peer is gone.
	Lost
	// Doubled: the message from Node to Peer is on its link twice.
	Doubled
	// Faulted: a fault began or ended that changes no node at once; Text has it.
	Faulted
	// Called: a client called operation Op, told by Text, on node Node.
	Called
	// Returned: Op's client heard from Node that it is done, with the result in Text.
	Returned
	// Declined: Op's client heard from Node that this attempt is Rejected, or
	// that its outcome is Unknown; the client may try again.
	Declined
	// Abandoned: Op's client waits no longer; the outcome stays unknown.
	Abandoned
	// Expired: Op's client heard from Node that its session expired, so that
	// nobody can tell whether Op took effect; it waits no longer.
	Expired
	// Asked: the operator asked Node for what Text says, as request Op of client 0.
	Asked
	// Answered: Node answered the operator's request Op with Outcome.
	Answered
	// Wiped: Node's disk is gone for good, and Node with it.
	Wiped
	// Worked: worker Op.Client sent a write to the database, with the token of its leadership; Text has it.
	Worked
	// Landed: a write of worker Op.Client reached the database; Text says what became of it.
	Landed
	// Rewrote: Node's log differs from its shadow although nothing said so; Text says where.
	Rewrote
	// Unquiet: the cluster never became quiet while settling; Text says after how many plain events.
	Unquiet
	// Healed: every fault ended and Ticks ticks passed, of at most Bound; Stuck says what is still wrong, Text in words.
	Healed
	// Ignored: the event was not enabled and changed nothing.
	Ignored
)

// Record is one thing that happened. Its memory is used again for the next
// record: who wants to keep something copies it.
type Record struct {
	Event int   // the schedule's event it belongs to, counted from 1
	Time  int64 // its place in the run, counted from 1: the clock of the clients' history
	Kind  Kind
	Node  raft.NodeID
	Peer  raft.NodeID
	Text  string

	Input    raft.Input     // Stepped
	Out      raft.Output    // Stepped
	Released []raft.Message // messages that left Node, now that what they wait for is durable
	Durable  raft.WriteID   // the last durable write of Node since it booted

	Inspected bool        // whether Node shows what follows
	Status    raft.Status // after the record
	Kept      raft.Index  // the log is as it was up to Kept, and then holds Appended
	Appended  []Digest
	Applied   []Digest // digests of Out.Applied

	Restored uint64      // hash of Out.Restore's state
	Compact  uint64      // hash of the state that a Compact handed over
	Executed []Execution // what the state machine made of Out.Applied's commands, in order

	Token    uint64 // Worked, Landed: of the leadership under which the worker wrote
	Accepted bool   // Landed: the database took the write

	Lost    int  // Crashed: how many pending writes did not survive
	Torn    bool // Crashed: the first of them survived in part
	Op      raft.OpID
	Outcome raft.Outcome
	Ticks   int
	Bound   int
	Stuck   Stuck
}

// Execution is what a node's state machine made of a command.
type Execution struct {
	Index  raft.Index
	Op     raft.OpID
	Did    Did
	Result uint64 // hash of the answer
}

// Did says what a state machine did with a command. The zero value is nothing.
type Did uint8

// What a state machine can do with a command of a session.
const (
	Nothing   Did = iota
	Executed      // carried it out
	Repeated      // knew that it was carried out before
	OutOfTime     // could not know any more whether it was
)

// String is what was done, in a word or a few.
func (d Did) String() string {
	return [...]string{"did nothing with", "executed", "took for repeated", "took for out of time"}[d]
}

// shows reports whether the record tells what became of a running node's state.
func (r *Record) Shows() bool { return r.Inspected && (r.Kind == Stepped || r.Kind == Booted) }

// idle reports whether a step of n neither changed what n shows nor wanted
// anything, and no write was durable that a promise could rely on without the
// rest of its step.
func (r *Record) Idle(n *NodeView) bool {
	return r.Inspected && r.Status == n.Before && r.Kept == r.Status.Last.Index && len(r.Appended) == 0 &&
		len(r.Out.Writes)+len(r.Out.Sends)+len(r.Out.Replies)+len(r.Released) == 0 && !r.applies() &&
		r.Compact == 0 && !n.Begun
}

// applies reports whether something was applied or restored.
func (r *Record) applies() bool {
	return len(r.Applied)+len(r.Out.Applied)+len(r.Executed) > 0 || r.Out.Restore.ID.Index != 0
}

// Private reports whether a record of a step changed nothing of the log, of what
// is committed, applied or compacted, of the configuration and of whom terms have
// for a leader, and the step neither left one of the node's steps partly durable
// nor found one so. Then what it breaks depends on the node alone, and checkers
// remember nothing of it. N is the view of the node after the record.
//
// The node's term, its vote and its disk may have changed, on which verdicts about
// other nodes rest. And a checker may compare a step with configurations that were
// in any log: what it breaks depends on the node alone only in runs in which
// configurations never change.
func (r *Record) Private(n *NodeView) bool {
	was, is := &n.Before, &r.Status
	_, compacts := r.Input.(*raft.Compact)
	return r.Kind == Stepped && r.Inspected && !compacts && !r.applies() && !n.Ahead && !n.Elected() &&
		r.Kept == was.Last.Index && int(r.Kept) == len(n.Log) &&
		is.Commit == was.Commit && is.Applied == was.Applied && is.Base == was.Base &&
		is.Config == was.Config && is.ConfigIndex == was.ConfigIndex &&
		!n.Begun && n.Unstored.Begun() == nil && !n.guesses()
}

// Digest stands for an entry: equal entries have equal digests, and different
// ones differ unless 64-bit hashes collide.
type Digest struct {
	ID   raft.EntryID
	Hash uint64 // of kind and data
}

// DigestOf returns the digest of an entry.
func DigestOf(e *raft.Entry) Digest {
	return Digest{ID: e.ID, Hash: HashBytes(uint64(e.Kind)+1, e.Data)}
}

// The multipliers are those of wyhash (Wang Yi, public domain): odd numbers
// with as many ones as zeroes.
const (
	hashA = 0xa0761d6478bd642f
	hashB = 0xe7037ed1a0b428db
)

// Mix folds v into the hash h. It is the same on every machine.
func Mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(h^hashA, v^hashB)
	return hi ^ lo ^ bits.RotateLeft64(h, 23)
}

// HashBytes folds b into the hash h. It is the same on every machine.
func HashBytes(h uint64, b []byte) uint64 {
	h = Mix(h, uint64(len(b)))
	for ; len(b) >= 8; b = b[8:] {
		h = Mix(h, uint64(b[0])|uint64(b[1])<<8|uint64(b[2])<<16|uint64(b[3])<<24|
			uint64(b[4])<<32|uint64(b[5])<<40|uint64(b[6])<<48|uint64(b[7])<<56)
	}
	if len(b) == 0 {
		return h
	}
	var tail uint64
	for i, c := range b {
		tail |= uint64(c) << (8 * i)
	}
	return Mix(h, tail)
}
