package trace

import (
	"math/bits"
	"slices"

	"raftcheck/raft"
)

// Kind is the kind of a Record: the sort of thing that happened.
type Kind uint8

// The kinds of record. The zero value is none of them.
const (
	// Stepped: Node handled Input and returned Out. The messages in Released left it.
	Stepped Kind = iota + 1
	// Booted: Node started from the content of its disk.
	Booted
	// BootFailed: Node refused its disk; Text has the error.
	BootFailed
	// Crashed: Node stopped; its writes up to Durable survive on its disk.
	Crashed
	// Panicked: Node panicked, with Text. It is down now, as after a crash.
	Panicked
	// BrokeContract: Node broke a rule of the seam's contract (package raft); Text has it.
	BrokeContract
	// Rotted: one bit of a durable record on Node's disk flipped; Text says where.
	Rotted
	// Lost: the message from Node to Peer was dropped.
	Lost
	// Doubled: the message from Node to Peer is on its link twice.
	Doubled
	// Faulted: a fault began or ended that changes no node at once; Text describes it.
	Faulted
	// Called: a client called operation Op on Node; Text has the operation.
	Called
	// Returned: Node answered the client that operation Op is done; Text has the result.
	Returned
	// Declined: Node answered that this attempt of Op is Rejected, or that its outcome
	// is Unknown. The client may try again.
	Declined
	// Abandoned: the client of Op stopped waiting. The outcome stays unknown.
	Abandoned
	// Expired: Node answered that the client's session expired. It is unknown whether
	// Op took effect, and the client stopped waiting.
	Expired
	// Asked: the operator sent a request to Node. Its identifier is Op, with client 0,
	// and Text describes it.
	Asked
	// Answered: Node answered the operator's request Op with Outcome.
	Answered
	// Wiped: Node's disk is gone for good, and Node never boots again.
	Wiped
	// Worked: worker Op.Client sent a write to the database, under the token of its
	// leadership; Text describes it.
	Worked
	// Landed: a write of worker Op.Client reached the database; Text has the result.
	Landed
	// Rewrote: Node's log changed outside of a step; Text says where.
	Rewrote
	// Unquiet: the cluster never became quiet while settling; Text has the number of
	// plain events that were tried.
	Unquiet
	// Healed: every fault ended, and Ticks ticks passed, at most Bound. Stuck is the
	// reason why the cluster is not well yet, and Text has it in words.
	Healed
	// Ignored: the event was not enabled, and changed nothing.
	Ignored
	// Expected: the schedule expected a state. Outcome is Done if it was there, Rejected if
	// another one was, and Unknown if a node does not show it. Text says so in words.
	Expected
	// Probed: a healed cluster was asked for something new. Ticks ticks passed, at most
	// Bound for each task. Outcome is Done if it did everything, Rejected if it failed at the
	// task that Text describes, and Unknown if too few nodes can run.
	Probed
	// Stalled: Text, at a core of nodes without faults, took Ticks ticks while the other
	// nodes went on failing. It may take Bound.
	Stalled
)

// BatchPart is the part of an input in a batch ([raft.Batch]).
type BatchPart uint8

// The parts. The zero value is outside of a batch.
const (
	Alone  BatchPart = iota
	Amid             // with no output, and no view of the node
	Ending           // with the output of all, and the state that all lead to
)

// Record is one thing that happened. The world reuses its memory for the next record, so
// an observer copies any part that it keeps. A field that names kinds is set for those only.
type Record struct {
	Event int   // the event of the schedule that it belongs to, counted from 1
	Time  int64 // its place in the run, from 1, the clock of histories; Expected: of the record before it
	Kind  Kind
	Node  raft.NodeID // the node that it happened to, or that acted; None if there is none
	Peer  raft.NodeID // Lost, Doubled: the receiver
	Text  string      // more words, as the kind says

	Input    raft.Input     // Stepped
	Batch    BatchPart      // Stepped: the part of Input in a batch
	Lags     bool           // Stepped: Node applies nothing until a later input ([raft.Lag])
	Out      raft.Output    // Stepped
	Released []raft.Message // the messages that left Node, as the writes that they wait for are durable
	Durable  raft.WriteID   // the last durable write of Node since it booted

	Inspected bool        // whether Node shows its state: the fields from Status to Appended
	Status    raft.Status // after the record
	Kept      raft.Index  // up to this index the log is as it was before
	Appended  []Digest    // the entries of the log after Kept
	Applied   []Digest    // the digests of Out.Applied

	Restored uint64      // the hash of the state that Out.Restore put the state machine in
	Compact  uint64      // the hash of the state that a Compact input handed over
	Executed []Execution // the state machine's results for the commands in Out.Applied, in order

	Token    uint64 // Worked, Landed: the token of the worker's leadership
	Accepted bool   // Landed: the database accepted the write

	Lost    int          // Crashed: how many pending writes did not survive
	Torn    bool         // Crashed: the first of those survived in part
	Op      raft.OpID    // the operation of a client, or the operator's request
	Outcome raft.Outcome // Returned, Declined, Answered, Expected, Probed
	Ticks   int          // Healed, Probed, Stalled: the ticks that passed
	Bound   int          // Healed, Probed, Stalled: the most ticks that may pass; 0 demands no progress
	Stuck   Stuck        // Healed, Probed: the reason why the cluster is not well
}

// Execution is the result of a command in a node's state machine.
type Execution struct {
	Index  raft.Index // the index of its entry
	Op     raft.OpID  // the client's operation
	Did    Did
	Result uint64 // the hash of the answer
}

// Did is the way in which a state machine handled a command.
type Did uint8

// The ways to handle a command of a session (thesis, section 6.3). The zero value is none.
const (
	Nothing   Did = iota // ignored it
	Executed             // executed it
	Repeated             // recognized it as executed before
	OutOfTime            // could not know any more whether it was executed before
)

// String returns the way as the verb of a sentence, such as "took for repeated".
func (d Did) String() string {
	return [...]string{"did nothing with", "executed", "took for repeated", "took for out of time"}[d]
}

// Shows reports whether the record has the state of a running node after a step or a boot.
func (r *Record) Shows() bool { return r.Inspected && (r.Kind == Stepped || r.Kind == Booted) }

// Idle reports whether a step of n changed nothing that n shows, returned an empty
// output and released no message, while no step of n was partly durable before it and n awaited
// no cut. Nor did it receive a read or a request of the operator, or take part in a batch. No
// checker can find anything new in such a step. The view n already has the record.
func (r *Record) Idle(n *NodeView) bool { return !r.Changes(n) && r.Quiet(n) }

// Changes reports whether a step of n changed the status or the log that n shows, or n shows
// neither. The view n already has the record.
func (r *Record) Changes(n *NodeView) bool {
	return len(r.Appended) != 0 || !r.Inspected || r.Kept != r.Status.Last.Index || r.Status != n.Before
}

// Quiet reports whether a step of n that changed nothing is idle.
func (r *Record) Quiet(n *NodeView) bool {
	out := &r.Out
	return len(out.Writes)+len(out.Sends)+len(out.Replies)+len(r.Released) == 0 && !r.applies() &&
		r.Compact == 0 && !n.HadPartial && !n.AwaitedCut && !r.asks()
}

// asks reports whether the step received a read or a request of the operator, which the node
// may answer in a later step, or was of a batch.
func (r *Record) asks() bool {
	switch r.Input.(type) {
	case *raft.Reconfigure, *raft.Transfer, *raft.Read:
		return true
	}
	return r.Batch != Alone
}

// applies reports whether the step applied or restored anything.
func (r *Record) applies() bool {
	return len(r.Applied)+len(r.Out.Applied)+len(r.Executed) > 0 || r.Out.Restore.ID.Index != 0
}

// Private reports whether a step concerns its node alone, so that the order of such
// steps of different nodes does not matter. The view n of the node already has the
// record. The step must leave these unchanged:
//
//   - the log, and the index after which it begins,
//   - the commit index and the applied index,
//   - the configuration, its index, and whether the node acts by what it applied,
//   - the leader of every term,
//   - the requests of the operator, and the transfers that nodes began.
//
// Nor may it cast a vote for another node, whose log is compared with the voter's.
// Besides, no step of the node may be partly durable, neither before nor after it, and the
// node may not have awaited a cut before it. The properties that such a step is the first to
// break follow from the node alone, and checkers remember nothing of it. It may change the
// node's term, vote and disk, on which later verdicts about other nodes depend.
func (r *Record) Private(n *NodeView) bool {
	was, is := &n.Before, &r.Status
	return r.Kind == Stepped && r.Inspected && !r.operated() && !r.applies() && !n.BootedAhead && !n.Elected() &&
		!r.Supports(n) && r.Kept == was.Last.Index && int(r.Kept) == len(n.Log) &&
		is.Commit == was.Commit && is.Applied == was.Applied && is.Base == was.Base &&
		is.Config == was.Config && is.ConfigIndex == was.ConfigIndex &&
		is.ConfigApplied == was.ConfigApplied && !n.AwaitedCut &&
		!n.HadPartial && n.Pending.Partial() == nil && !n.guesses()
}

// Supports reports whether a node cast a vote for another one. The view n of the node already has
// the record.
func (r *Record) Supports(n *NodeView) bool {
	was, is := &n.Before, &r.Status
	return is.Vote != raft.None && is.Vote != r.Node && (is.Vote != was.Vote || is.Term != was.Term)
}

// TimeoutNow is the kind of the message with which a leader hands over its leadership
// (thesis, section 3.10).
const TimeoutNow = "TimeoutNow"

// operated reports whether the step takes a request of the operator, or carries out one. A
// read from a lease counts as one: its answer depends on the entries that others committed.
func (r *Record) operated() bool {
	switch in := r.Input.(type) {
	case *raft.Compact, *raft.Reconfigure, *raft.Transfer:
		return true
	case *raft.Read:
		return in.Lease
	}
	return slices.ContainsFunc(r.Out.Sends, func(m raft.Message) bool { return m.Kind == TimeoutNow })
}

// Digest stands for an entry. Equal entries have equal digests. Different entries have
// different digests, unless 64-bit hashes collide.
type Digest struct {
	ID   raft.EntryID // the term is 0 if the content is unknown
	Hash uint64       // of the entry's kind and data
	Kind raft.EntryKind
}

// DigestOf returns the digest of an entry.
func DigestOf(e *raft.Entry) Digest {
	return Digest{ID: e.ID, Hash: HashBytes(uint64(e.Kind)+1, e.Data), Kind: e.Kind}
}

// The multipliers are those of wyhash (Wang Yi, public domain): odd numbers with as many
// one bits as zero bits.
const (
	hashA = 0xa0761d6478bd642f
	hashB = 0xe7037ed1a0b428db
)

// Mix folds v into the hash h. The result is the same on every machine.
func Mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(h^hashA, v^hashB)
	return hi ^ lo ^ bits.RotateLeft64(h, 23)
}

// HashBytes folds b into the hash h. The result is the same on every machine.
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
