package reference

import (
	"raftcheck/raft"
)

// Node is one Raft node, a value that only Step changes.
type Node struct {
	id      raft.NodeID
	preVote bool // elections ask first, and leaders need answers (thesis, sections 6.2 and 9.6)

	// Persistent state (figure 2 and figure 13). What of it is durable, disk knows.
	hard     hardState
	log      log
	snapshot snapshot
	members  membership
	disk     disk

	// Volatile state on all servers (figure 2).
	role    raft.Role
	leader  raft.NodeID // of the term, as far as known
	commit  raft.Index
	applied raft.Index
	timer   timer
	stopped bool // a write failed

	// Volatile state of roles, empty in others.
	votes    raft.NodeSet // candidates: granted in this term or, to a pre-candidate, for the next
	lead     leadership   // leaders
	incoming incoming     // followers: the snapshot that is arriving
	asked    asked        // followers: the reads that they asked the leader about

	// Scratch: decides nothing.
	in  message
	out outbox
}

var (
	_ raft.Inspector = (*Node)(nil)
	_ raft.Cloner    = (*Node)(nil)
)

// rule is what a node does about a message.
type rule func(n *Node, from raft.NodeID, m *message)

// handlers has the rule for every message of the receiver's own term. Messages
// of other terms never get here (see receive).
var handlers = [raft.Roles][kinds]rule{
	raft.Follower: {
		kindPreVote:         (*Node).preVoteAsked,
		kindPreVoteReply:    ignore, // of a canvass that is over
		kindRequestVote:     (*Node).vote,
		kindVoteReply:       ignore, // of an election that is over
		kindAppendEntries:   (*Node).follow,
		kindAppendReply:     ignore,
		kindInstallSnapshot: (*Node).install,
		kindInstallReply:    ignore,
		kindTimeoutNow:      (*Node).takeOver,
		kindReadRequest:     ignore, // whoever asks will ask the next leader
		kindReadReply:       (*Node).readAllowed,
	},
	raft.PreCandidate: {
		kindPreVote:         (*Node).preVoteAsked,
		kindPreVoteReply:    (*Node).countPreVote,
		kindRequestVote:     (*Node).vote,
		kindVoteReply:       ignore, // of the election before
		kindAppendEntries:   (*Node).concede,
		kindAppendReply:     ignore,
		kindInstallSnapshot: (*Node).concedeAndInstall,
		kindInstallReply:    ignore,
		kindTimeoutNow:      (*Node).takeOver,
		kindReadRequest:     ignore,
		kindReadReply:       ignore,
	},
	raft.Candidate: {
		kindPreVote:         (*Node).preVoteAsked,
		kindPreVoteReply:    ignore, // the canvass is over, and a pre-vote is no vote
		kindRequestVote:     (*Node).vote,
		kindVoteReply:       (*Node).countVoteReply,
		kindAppendEntries:   (*Node).concede,
		kindAppendReply:     ignore,
		kindInstallSnapshot: (*Node).concedeAndInstall,
		kindInstallReply:    ignore,
		kindTimeoutNow:      ignore, // its election is under way
		kindReadRequest:     ignore,
		kindReadReply:       ignore,
	},
	raft.Leader: {
		kindPreVote:         (*Node).preVoteAsked,
		kindPreVoteReply:    ignore,
		kindRequestVote:     (*Node).vote,
		kindVoteReply:       ignore, // the election is won already
		kindAppendEntries:   (*Node).rival,
		kindAppendReply:     (*Node).appendAnswered,
		kindInstallSnapshot: (*Node).rival,
		kindInstallReply:    (*Node).chunkAnswered,
		kindTimeoutNow:      (*Node).rival,
		kindReadRequest:     (*Node).readAsked,
		kindReadReply:       ignore, // it asked when it followed
	},
}

// refusals has the answer to every request of an earlier term (figure 2, rule 1
// of both RPCs). Replies of an earlier term answer what nobody asks any more,
// but for those to a canvass: who grants a pre-vote may be of an earlier term.
var refusals = [kinds]rule{
	kindPreVote:         (*Node).preVoteAsked,
	kindPreVoteReply:    (*Node).preVoteFromEarlierTerm,
	kindRequestVote:     (*Node).refuseVote,
	kindVoteReply:       ignore,
	kindAppendEntries:   (*Node).refuseEarlierTerm,
	kindAppendReply:     ignore,
	kindInstallSnapshot: (*Node).refuseEarlierTerm,
	kindInstallReply:    ignore,
	kindTimeoutNow:      ignore,
	kindReadRequest:     ignore,
	kindReadReply:       ignore,
}

func ignore(*Node, raft.NodeID, *message) {}

// Step hands the node one input and returns what it wants done because of it.
// The output belongs to the node and is valid until the next Step. Step
// allocates nothing once the node's buffers have grown to what it needs.
//
// It panics with an assertion if a message cannot be decoded or comes from
// nobody (links do not corrupt), and on what only a bug can bring about.
func (n *Node) Step(in raft.Input) raft.Output {
	n.out.reset()
	if n.stopped {
		return raft.Output{}
	}
	n.take(in)
	if n.stopped {
		return raft.Output{}
	}
	n.apply()
	n.saveHardState()
	return n.out.output
}

func (n *Node) take(in raft.Input) {
	switch in := in.(type) {
	case *raft.Tick:
		n.tick()
	case *raft.Timeout:
		n.timeout()
	case *raft.Receive:
		n.receive(&in.Msg)
	case *raft.Persisted:
		n.persisted(in.ID)
	case *raft.PersistFailed:
		// What the disk now holds is anybody's guess, and so is what a retry would
		// mean: a node that goes on may forget a promise.
		n.stopped = true
	case *raft.Propose:
		n.propose(in.Op, in.Data)
	case *raft.Read:
		n.read(in.Op, in.Lease)
	case *raft.Compact:
		n.compact(in)
	case *raft.Reconfigure:
		n.reconfigure(in)
	case *raft.Transfer:
		n.transfer(in.Op, in.To)
	default:
		assertionFailed("unknown input %T", in)
	}
}

// receive applies the rules that hold for every message (figure 2, rules for
// all servers; section 5.1) and hands it to the rule of its own.
func (n *Node) receive(in *raft.Message) {
	if in.To != n.id || in.From == n.id || in.From == raft.None || in.From > raft.MaxNodeID {
		assertionFailed("%v got a message from %v to %v", n.id, in.From, in.To)
	}
	m := &n.in
	if err := m.decode(in.Payload); err != nil {
		assertionFailed("message %x from %v: %v", in.Payload, in.From, err)
	}
	if !n.loyal(m) {
		n.handle(in.From, m)
	}
	m.release() // the payload is the caller's
}

// handle follows a message to its term, unless it only asks what would be
// (thesis, section 9.6), and then does what the table says.
func (n *Node) handle(from raft.NodeID, m *message) {
	if m.term > n.hard.term && m.kind != kindPreVote {
		n.enterTerm(m.term)
	}
	if m.term < n.hard.term {
		refusals[m.kind](n, from, m)
	} else {
		handlers[n.role][m.kind](n, from, m)
	}
}

// persisted notes what became durable, and lets the node count for itself.
func (n *Node) persisted(id raft.WriteID) {
	n.disk.persisted(id)
	switch n.role {
	case raft.Candidate:
		n.countOwnVote()
	case raft.Leader:
		n.countOwnEntries()
	}
}

// send sends m, of the node's term, once the term and vote are durable, and
// write after as well. The promise is for the message's contents beyond them.
func (n *Node) send(to raft.NodeID, m *message, promise raft.Promise, after raft.WriteID) {
	n.saveHardState()
	m.term = n.hard.term
	promise.Term = n.hard.term
	n.out.send(raft.Message{
		From:    n.id,
		To:      to,
		After:   max(after, n.disk.hardAfter()),
		Promise: promise,
	}, m)
}

// saveHardState writes term and vote if they changed since they were last written.
func (n *Node) saveHardState() {
	if n.hard == n.disk.hard {
		return
	}
	id := n.writeRecord(&record{kind: recordHardState, hard: n.hard})
	n.disk.wroteHard(id, n.hard)
}

// writeEntries writes the log from first on.
func (n *Node) writeEntries(first raft.Index) {
	n.saveHardState() // no entry is on the disk ahead of its term
	last := n.log.lastIndex()
	entries := n.log.list(first, int(last-first)+1)
	id := n.writeRecord(&record{kind: recordEntries, index: first, entries: entries})
	n.disk.wroteEntries(id, last)
}

// writeCheckpoint writes all that the node must not forget in one record, which
// takes the place of those before it.
func (n *Node) writeCheckpoint() {
	last := n.log.lastIndex()
	id := n.writeRecord(&record{
		kind: recordCheckpoint, hard: n.hard, base: n.log.base, snapshot: n.snapshot,
		entries: n.log.list(n.log.base.Index+1, int(last-n.log.base.Index)),
	})
	n.disk.wroteHard(id, n.hard)
	n.disk.wroteEntries(id, last)
}

func (n *Node) writeRecord(r *record) raft.WriteID {
	number := n.disk.records
	id := n.disk.next()
	n.out.write(id, number, r)
	return id
}

// commitTo moves the commit index up to index (figure 2, rules for all
// servers). It never moves it back.
func (n *Node) commitTo(index raft.Index) {
	if index > n.log.lastIndex() {
		assertionFailed("commit index %d is beyond the end of the log, %d", index, n.log.lastIndex())
	}
	n.commit = max(n.commit, index)
}

// apply hands over what is committed and not yet applied: the snapshot, if the
// state machine is older, and the entries after it. Then it answers clients.
func (n *Node) apply() {
	if n.applied < n.snapshot.id.Index {
		n.out.output.Restore = raft.Snapshot{ID: n.snapshot.id, State: n.snapshot.state}
		n.applied = n.snapshot.id.Index
	}
	for n.applied < n.commit {
		n.applied++
		n.out.apply(n.log.entry(n.applied))
	}
	n.answerProposals()
	n.answerReads()
}

// Status is what the node believes at present; it may be ahead of its disk.
func (n *Node) Status() raft.Status {
	current := n.members.current()
	return raft.Status{
		Term:        n.hard.term,
		Vote:        n.hard.vote,
		Role:        n.role,
		Leader:      n.leader,
		Base:        n.log.base,
		Last:        n.log.last(),
		Commit:      n.commit,
		Applied:     n.applied,
		Config:      current.config,
		ConfigIndex: current.index,
	}
}

// EntryAt returns the log's entry at index, and false if there is none. Its data
// belong to the node and are valid until the next Step.
func (n *Node) EntryAt(index raft.Index) (raft.Entry, bool) {
	if index <= n.log.base.Index || index > n.log.lastIndex() {
		return raft.Entry{}, false
	}
	return n.log.entry(index), true
}
