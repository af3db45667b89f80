package reference

import "raftcheck/raft"

// Node is one Raft node, a value that only Step changes.
type Node struct {
	id     raft.NodeID
	voters raft.NodeSet

	// Persistent state (figure 2). What of it is durable, disk knows.
	hard hardState
	log  log
	disk disk

	// Volatile state on all servers (figure 2).
	role    raft.Role
	leader  raft.NodeID // of the term, as far as known
	commit  raft.Index
	applied raft.Index
	timer   timer
	stopped bool // a write failed

	// Volatile state on candidates and leaders; empty on other roles.
	votes   raft.NodeSet // granted in this term
	match   []raft.Index // by NodeID: known to be replicated there (matchIndex[], figure 2)
	next    []raft.Index // by NodeID: what to send there next (nextIndex[], figure 2)
	waiting []proposal   // clients to answer, by index

	// Scratch: decides nothing.
	in  message
	out outbox
}

// proposal is a client's operation that waits for its entry to be applied.
type proposal struct {
	id raft.EntryID
	op raft.OpID
}

var (
	_ raft.Inspector = (*Node)(nil)
	_ raft.Cloner    = (*Node)(nil)
)

// handlers has the rule for every message of the receiver's own term. Messages
// of other terms never get here (see receive); nor do pre-candidates, which
// this Raft does not have.
var handlers = [raft.Roles][kinds]func(n *Node, from raft.NodeID, m *message){
	raft.Follower: {
		kindRequestVote:   (*Node).vote,
		kindVoteReply:     ignore, // of an election that is over
		kindAppendEntries: (*Node).follow,
		kindAppendReply:   ignore,
	},
	raft.Candidate: {
		kindRequestVote:   (*Node).vote,
		kindVoteReply:     (*Node).countVoteReply,
		kindAppendEntries: (*Node).concede,
		kindAppendReply:   ignore,
	},
	raft.Leader: {
		kindRequestVote:   (*Node).vote,
		kindVoteReply:     ignore, // the election is won already
		kindAppendEntries: (*Node).rival,
		kindAppendReply:   (*Node).progress,
	},
}

// refusals has the answer to every request of an earlier term (figure 2, rule 1
// of both RPCs). Replies of an earlier term answer what nobody asks any more.
var refusals = [kinds]func(n *Node, from raft.NodeID, m *message){
	kindRequestVote:   (*Node).refuseVote,
	kindVoteReply:     ignore,
	kindAppendEntries: (*Node).refuseStaleAppend,
	kindAppendReply:   ignore,
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
	switch in := in.(type) {
	case *raft.Tick:
		n.tick()
	case *raft.Timeout:
		n.campaign()
	case *raft.Receive:
		n.receive(&in.Msg)
	case *raft.Persisted:
		n.persisted(in.ID)
	case *raft.PersistFailed:
		// What the disk now holds is anybody's guess, and so is what a retry would
		// mean: a node that goes on may forget a promise.
		n.stopped = true
		return raft.Output{}
	case *raft.Propose:
		n.propose(in.Op, in.Data)
	default:
		assertionFailed("unknown input %T", in)
	}
	n.saveHardState()
	return n.out.output
}

// receive applies the rules that hold for every message (figure 2, rules for
// all servers; section 5.1) and hands it to the rule of its own.
func (n *Node) receive(in *raft.Message) {
	if in.To != n.id || in.From == n.id || !n.voters.Has(in.From) {
		assertionFailed("%v got a message from %v to %v", n.id, in.From, in.To)
	}
	m := &n.in
	if err := m.decode(in.Payload); err != nil {
		assertionFailed("message %x from %v: %v", in.Payload, in.From, err)
	}
	if m.term > n.hard.term {
		n.enterTerm(m.term)
	}
	if m.term < n.hard.term {
		refusals[m.kind](n, in.From, m)
	} else {
		handlers[n.role][m.kind](n, in.From, m)
	}
	m.appendEntries.entries = entryList{} // the payload is the caller's
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

func (n *Node) writeRecord(r *record) raft.WriteID {
	number := n.disk.records
	id := n.disk.next()
	n.out.write(id, number, r)
	return id
}

// commitTo moves the commit index up to index and applies what is new (figure
// 2, rules for all servers). It never moves it back.
func (n *Node) commitTo(index raft.Index) {
	if index > n.log.lastIndex() {
		assertionFailed("commit index %d is beyond the end of the log, %d", index, n.log.lastIndex())
	}
	n.commit = max(n.commit, index)
	for n.applied < n.commit {
		n.applied++
		n.out.apply(n.log.entry(n.applied))
	}
	n.answerApplied()
}

// answerApplied tells clients that their operations were applied.
func (n *Node) answerApplied() {
	done := 0
	for _, p := range n.waiting {
		if p.id.Index > n.applied {
			break
		}
		if !n.log.holds(p.id) {
			assertionFailed("the proposal at %v was overwritten while its leader led", p.id)
		}
		n.out.reply(p.op, raft.Done)
		done++
	}
	n.waiting = n.waiting[:copy(n.waiting, n.waiting[done:])]
}

// Status is what the node believes at present; it may be ahead of its disk.
func (n *Node) Status() raft.Status {
	return raft.Status{
		Term:    n.hard.term,
		Vote:    n.hard.vote,
		Role:    n.role,
		Leader:  n.leader,
		Last:    n.log.last(),
		Commit:  n.commit,
		Applied: n.applied,
	}
}

// EntryAt returns the log's entry at index, and false if there is none. Its data
// belong to the node and are valid until the next Step.
func (n *Node) EntryAt(index raft.Index) (raft.Entry, bool) {
	if index == 0 || index > n.log.lastIndex() {
		return raft.Entry{}, false
	}
	return n.log.entry(index), true
}
