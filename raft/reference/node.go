package reference

import "raftcheck/raft"

type Node struct {
	id      raft.NodeID
	preVote bool // elections ask first, and leaders need answers (thesis, sections 6.2 and 9.6)

	// Persistent state (figure 2 and figure 13). Field disk knows which parts are durable.
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
	batch   int  // inputs that are yet to come before the output of all is returned
	lag     int  // inputs that are yet to come before the next entry is applied

	// Volatile state of roles, empty in others.
	votes    raft.NodeSet // candidates: granted in this term; pre-candidates: for the next term
	lead     leadership   // leaders
	incoming incoming     // followers: the snapshot that is arriving
	asked    asked        // followers: the reads that they sent to the leader

	// Scratch: decides nothing.
	in  message
	out outbox
}

var (
	_ raft.Inspector = (*Node)(nil)
	_ raft.Believer  = (*Node)(nil)
	_ raft.Cloner    = (*Node)(nil)
)

// rule handles one kind of message in one role.
type rule func(n *Node, from raft.NodeID, m *message)

// handlers has the rule for every message of the receiver's own term. Messages of
// other terms never get here (see receive).
var handlers = [raft.Roles][kinds]rule{
	raft.Follower: {
		kindPreVote:         (*Node).handlePreVote,
		kindPreVoteReply:    ignore, // of a pre-vote that is over
		kindRequestVote:     (*Node).handleRequestVote,
		kindVoteReply:       ignore, // of an election that is over
		kindAppendEntries:   (*Node).handleAppendEntries,
		kindAppendReply:     ignore,
		kindInstallSnapshot: (*Node).handleInstallSnapshot,
		kindInstallReply:    ignore,
		kindTimeoutNow:      (*Node).handleTimeoutNow,
		kindReadRequest:     ignore, // the sender rejects its reads once it loses its leader
		kindReadReply:       (*Node).handleReadReply,
	},
	raft.PreCandidate: {
		kindPreVote:         (*Node).handlePreVote,
		kindPreVoteReply:    (*Node).handlePreVoteReply,
		kindRequestVote:     (*Node).handleRequestVote,
		kindVoteReply:       ignore, // of the election before
		kindAppendEntries:   (*Node).candidateAppendEntries,
		kindAppendReply:     ignore,
		kindInstallSnapshot: (*Node).candidateInstallSnapshot,
		kindInstallReply:    ignore,
		kindTimeoutNow:      (*Node).handleTimeoutNow,
		kindReadRequest:     ignore,
		kindReadReply:       ignore,
	},
	raft.Candidate: {
		kindPreVote:         (*Node).handlePreVote,
		kindPreVoteReply:    ignore, // the pre-vote is over, and its grants are no votes
		kindRequestVote:     (*Node).handleRequestVote,
		kindVoteReply:       (*Node).handleVoteReply,
		kindAppendEntries:   (*Node).candidateAppendEntries,
		kindAppendReply:     ignore,
		kindInstallSnapshot: (*Node).candidateInstallSnapshot,
		kindInstallReply:    ignore,
		kindTimeoutNow:      ignore, // its election is under way
		kindReadRequest:     ignore,
		kindReadReply:       ignore,
	},
	raft.Leader: {
		kindPreVote:         (*Node).handlePreVote,
		kindPreVoteReply:    ignore,
		kindRequestVote:     (*Node).handleRequestVote,
		kindVoteReply:       ignore, // the election is won already
		kindAppendEntries:   (*Node).assertOnlyLeader,
		kindAppendReply:     (*Node).handleAppendReply,
		kindInstallSnapshot: (*Node).assertOnlyLeader,
		kindInstallReply:    (*Node).handleInstallReply,
		kindTimeoutNow:      (*Node).assertOnlyLeader,
		kindReadRequest:     (*Node).handleReadRequest,
		kindReadReply:       ignore, // it asked while it was a follower
	},
}

// refusals lists the answer to every request of an earlier term (figure 2, rule 1
// of both RPCs). Replies of an earlier term are obsolete, except replies to
// PreVote: a node of an earlier term may grant a pre-vote.
var refusals = [kinds]rule{
	kindPreVote:         (*Node).handlePreVote,
	kindPreVoteReply:    (*Node).handleEarlierPreVoteReply,
	kindRequestVote:     (*Node).rejectRequestVote,
	kindVoteReply:       ignore,
	kindAppendEntries:   (*Node).rejectEarlierLeader,
	kindAppendReply:     ignore,
	kindInstallSnapshot: (*Node).rejectEarlierLeader,
	kindInstallReply:    ignore,
	kindTimeoutNow:      ignore,
	kindReadRequest:     ignore,
	kindReadReply:       ignore,
}

func ignore(*Node, raft.NodeID, *message) {}

// Step handles one input and returns the node's output. The output belongs to the
// node and is valid until the next Step. Step allocates nothing once the node's
// buffers have grown to their steady size.
//
// It panics with an assertion on states that only a bug can cause. An undecodable
// message, or one with a wrong sender or receiver, is such a bug: links do not
// corrupt.
func (n *Node) Step(in raft.Input) raft.Output {
	if n.batch == 0 {
		n.out.reset()
	}
	if n.stopped || n.paced(in) {
		return raft.Output{}
	}
	n.take(in)
	if n.stopped || n.batch > 0 {
		return raft.Output{}
	}
	n.apply()
	n.saveHardState()
	return n.out.output
}

// paced reports whether an input is about those that follow it, and counts the others.
// Messages of a batch are in the outbox until its last input. Term and vote are written with
// the next entries, or at the end, as with etcd's Ready. So a vote is never written if the
// batch goes on to a later term, in which the vote no longer counts.
func (n *Node) paced(in raft.Input) bool {
	switch in := in.(type) {
	case *raft.Batch:
		n.batch = in.Inputs
		return true
	case *raft.Lag:
		n.lag = in.Inputs
		return true
	}
	n.batch, n.lag = max(n.batch-1, 0), max(n.lag-1, 0)
	return false
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
		// The contents of the disk are now unknown, and a retry could not restore
		// them: a node that goes on may forget a promise.
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

// receive applies the rules that hold for every message (figure 2, rules for all
// servers; section 5.1). Then it calls the rule for the message's kind.
func (n *Node) receive(in *raft.Message) {
	if in.To != n.id || in.From == n.id || in.From == raft.None || in.From > raft.MaxNodeID {
		assertionFailed("%v got a message from %v to %v", n.id, in.From, in.To)
	}
	m := &n.in
	if err := m.decode(in.Payload); err != nil {
		assertionFailed("message %x from %v: %v", in.Payload, in.From, err)
	}
	if !n.loyal(m) {
		n.handleMessage(in.From, m)
	}
	m.release() // the payload is the caller's
}

// handleMessage adopts the message's term if it is later, and calls the rule for
// the message in handlers or refusals. PreVote changes no term: it asks about an
// election that has not begun (thesis, section 9.6).
func (n *Node) handleMessage(from raft.NodeID, m *message) {
	if m.term > n.hard.term && m.kind != kindPreVote {
		n.enterTerm(m.term)
	}
	if m.term < n.hard.term {
		refusals[m.kind](n, from, m)
	} else {
		handlers[n.role][m.kind](n, from, m)
	}
}

// persisted records that writes are durable. Now the node may count its own vote or
// its own entries.
func (n *Node) persisted(id raft.WriteID) {
	n.disk.persisted(id)
	switch n.role {
	case raft.Candidate:
		n.countOwnVote()
	case raft.Leader:
		n.countOwnEntries()
	}
}

// send sends m in the node's current term, once term, vote and write after are
// durable. The promise covers the message's contents; send adds the term to it.
func (n *Node) send(to raft.NodeID, m *message, promise raft.Promise, after raft.WriteID) {
	if n.batch == 0 {
		n.saveHardState()
	}
	m.term = n.hard.term
	promise.Term = n.hard.term
	n.out.send(raft.Message{
		From:    n.id,
		To:      to,
		After:   max(after, n.hardAfter()),
		Promise: promise,
	}, m)
}

// hardAfter returns the write after which term and vote are durable; 0 is now. In the middle
// of a batch it may be the next one.
func (n *Node) hardAfter() raft.WriteID {
	if n.hard != n.disk.hard {
		return n.disk.issued + 1
	}
	return n.disk.hardAfter()
}

// saveHardState writes term and vote if they changed since the last write.
func (n *Node) saveHardState() {
	if n.hard == n.disk.hard {
		return
	}
	id := n.writeRecord(&record{kind: recordHardState, hard: n.hard})
	n.disk.wroteHard(id, n.hard)
}

// writeEntries writes the log's entries from index first on.
func (n *Node) writeEntries(first raft.Index) {
	n.saveHardState() // no entry is on the disk ahead of its term
	last := n.log.lastIndex()
	entries := n.log.list(first, int(last-first)+1)
	id := n.writeRecord(&record{kind: recordEntries, index: first, entries: entries})
	n.disk.wroteEntries(id, last)
}

// writeCheckpoint writes all persistent state in one record, which replaces the
// records before it.
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

// commitTo advances the commit index to index (figure 2, rules for all servers).
// Invariant: the commit index never goes back.
func (n *Node) commitTo(index raft.Index) {
	if index > n.log.lastIndex() {
		assertionFailed("commit index %d is beyond the end of the log, %d", index, n.log.lastIndex())
	}
	n.commit = max(n.commit, index)
}

// apply hands committed state to the state machine: the snapshot, if the state
// machine is older, and then the entries after it. Then it answers clients. Amid a batch
// it waits for the last input, and during a lag for its end.
func (n *Node) apply() {
	if n.batch > 0 || n.lag > 0 {
		return
	}
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

// Status returns the node's current state, which may be ahead of its disk.
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

// EntryAt returns the log's entry at index, and false if there is none. The entry's
// data belong to the node and are valid until the next Step.
func (n *Node) EntryAt(index raft.Index) (raft.Entry, bool) {
	if index <= n.log.base.Index || index > n.log.lastIndex() {
		return raft.Entry{}, false
	}
	return n.log.entry(index), true
}
