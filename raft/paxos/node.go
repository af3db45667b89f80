package paxos

import "raftcheck/raft"

// Node is one node: a proposer, an acceptor and a learner (section 2.5).
type Node struct {
	id     raft.NodeID
	voters raft.NodeSet
	most   raft.Index // the most slots; 0 is no limit

	// Stable state (section 2.5, the last two paragraphs).
	promised raft.Term // accepts nothing of a lower ballot, and begins none
	slots    []slot    // slots[i] is slot i+1

	disk    disk
	stopped bool // a write failed
	timer   timer
	role    raft.Role
	leader  raft.NodeID // the proposer of the promised ballot, once it sent Accept
	chosen  raft.Index  // the slots up to here are known to be chosen, and applied

	// The proposer's state.
	began    raft.WriteID // candidates: the write of the own promise
	promises raft.NodeSet // candidates: the nodes that promised
	found    []slot       // candidates: for each slot after chosen, the highest acceptance that is known
	peers    []peer       // leaders: by NodeID
	waiting  []proposal   // leaders: of clients, by index

	// Scratch: decides nothing.
	in    message
	out   raft.Output
	bytes []byte // payloads and records of out
}

// slot is the content of a slot at one node.
type slot struct {
	ballot raft.Term // in which the node accepted entry; 0 if it accepted nothing
	entry  raft.Entry
	write  raft.WriteID // holds it
	votes  raft.NodeSet // leaders: the nodes that accepted entry in the leader's ballot
}

// proposal is a client's command, which the leader proposed in a slot.
type proposal struct {
	op raft.OpID
	at raft.Index
}

// disk has the writes under way, which become durable in their order.
type disk struct {
	issued, durable raft.WriteID
	promised        raft.Term // as last written
}

var (
	_ raft.Inspector = (*Node)(nil)
	_ raft.Cloner    = (*Node)(nil)
	_ raft.Recurrent = (*Node)(nil)
)

// Step handles one input. The output is valid until the next Step.
func (n *Node) Step(in raft.Input) raft.Output {
	n.out = raft.Output{
		Writes: n.out.Writes[:0], Sends: n.out.Sends[:0], Applied: n.out.Applied[:0], Replies: n.out.Replies[:0],
	}
	n.bytes = n.bytes[:0]
	if _, failed := in.(*raft.PersistFailed); failed {
		n.stopped = true
	}
	if n.stopped {
		return raft.Output{}
	}
	n.take(in)
	n.savePromise()
	return n.out
}

func (n *Node) take(in raft.Input) {
	switch in := in.(type) {
	case *raft.Tick:
		n.tick()
	case *raft.Timeout:
		n.campaign()
	case *raft.Receive:
		n.receive(&in.Msg)
	case *raft.Persisted:
		n.persisted(in.ID)
	case *raft.Propose:
		n.propose(in.Op, in.Data)
	case *raft.Read:
		n.reply(in.Op, raft.Rejected)
	case *raft.Reconfigure:
		n.reply(in.Op, raft.Rejected)
	case *raft.Transfer:
		n.reply(in.Op, raft.Rejected)
	}
}

// handlers has the rule for each kind of message, which is of the promised ballot.
var handlers = [kinds]func(*Node, raft.NodeID, *message){
	prepare:  (*Node).handlePrepare,
	promise:  (*Node).handlePromise,
	accept:   (*Node).handleAccept,
	accepted: (*Node).handleAccepted,
	reject:   func(*Node, raft.NodeID, *message) {}, // its ballot was its content
}

// receive handles a message. Every message has the ballot that its sender promised. A node
// that learns of a higher one promises it, which any acceptor may do at any time: a promise
// only takes away. The sender of a lower one is informed, so that it abandons its ballot
// (section 2.5).
func (n *Node) receive(in *raft.Message) {
	m := &n.in
	if !m.decode(in.Payload) {
		assertionFailed("%v got %x, which is no message", n.id, in.Payload)
	}
	if m.ballot > n.promised {
		n.promised = m.ballot
		n.follow()
	}
	switch {
	case m.ballot == n.promised:
		handlers[m.kind](n, in.From, m)
	case m.kind == prepare || m.kind == accept:
		n.send(in.From, &message{kind: reject})
	}
}

// follow ends the node's own ballot. Its proposals may be chosen all the same.
func (n *Node) follow() {
	n.role, n.leader = raft.Follower, raft.None
	for _, p := range n.waiting {
		n.reply(p.op, raft.Unknown)
	}
	n.waiting = n.waiting[:0]
}

// persisted counts the node's own promise, or its own acceptances, once they are durable.
func (n *Node) persisted(id raft.WriteID) {
	n.disk.durable = id
	switch n.role {
	case raft.Candidate:
		n.countPromise(n.id)
	case raft.Leader:
		n.countOwn()
	}
}

// choose learns that the next slot is chosen: it applies the entry, and answers its client.
func (n *Node) choose() {
	e := n.slots[n.chosen].entry
	n.chosen++
	n.out.Applied = append(n.out.Applied, e)
	if len(n.waiting) > 0 && n.waiting[0].at == n.chosen {
		n.reply(n.waiting[0].op, raft.Done)
		n.waiting = n.waiting[:copy(n.waiting, n.waiting[1:])]
	}
}

func (n *Node) reply(op raft.OpID, outcome raft.Outcome) {
	n.out.Replies = append(n.out.Replies, raft.Reply{Op: op, Outcome: outcome})
}

// isQuorum reports whether a set has a majority of the nodes.
func (n *Node) isQuorum(set raft.NodeSet) bool { return 2*set.Len() > n.voters.Len() }

// last is the highest slot with a value.
func (n *Node) last() raft.Index { return raft.Index(len(n.slots)) }

// send sends a message in the promised ballot, once everything is durable that the node
// promised and accepted (section 2.5). An Accept waits for nothing: the node's promise was
// durable before it led.
func (n *Node) send(to raft.NodeID, m *message) {
	n.savePromise()
	m.ballot = n.promised
	from := len(n.bytes)
	n.bytes = m.append(n.bytes)
	after := n.disk.issued
	if m.kind == accept || after <= n.disk.durable {
		after = 0
	}
	n.out.Sends = append(n.out.Sends, raft.Message{
		From: n.id, To: to, Kind: m.kind.String(), Payload: n.bytes[from:len(n.bytes):len(n.bytes)],
		After: after, Promise: n.promiseOf(m),
	})
}

// promiseOf is the promise of a message to the seam: the ballot, and the last accepted entry.
func (n *Node) promiseOf(m *message) raft.Promise {
	p := raft.Promise{Term: m.ballot}
	if m.kind == accepted && m.count > 0 {
		p.Last = n.slots[m.first+m.count-2].entry.ID
	}
	return p
}

// Status returns the node's state. A ballot is a term, and a slot is an index.
func (n *Node) Status() raft.Status {
	s := raft.Status{
		Term: n.promised, Role: n.role, Leader: n.leader, Commit: n.chosen, Applied: n.chosen,
		Config: raft.Configuration{Voters: n.voters},
	}
	if last := n.last(); last > 0 {
		s.Last = n.slots[last-1].entry.ID
	}
	return s
}

// EntryAt returns the entry that the node accepted in a slot. In a gap it is of term 0.
func (n *Node) EntryAt(i raft.Index) (raft.Entry, bool) {
	if i == 0 || i > n.last() {
		return raft.Entry{}, false
	}
	e := n.slots[i-1].entry
	e.ID.Index = i
	return e, true
}
