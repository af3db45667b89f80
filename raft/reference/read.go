package reference

import (
	"raftcheck/raft"
)

// maxReads is how many reads wait at a node at most; the oldest makes room.
const maxReads = 64

// round numbers the times that a leader asked all whether it still leads. The
// upper bits are its clock at the beginning of the round; a quorum of answers to
// one proves that no other leader was elected before that.
type round uint64

const roundBits = 20

// began is the leader's clock when the round began.
func (r round) began() uint64 { return uint64(r >> roundBits) }

// beginRound starts another round, which the next message to each peer carries.
func (n *Node) beginRound() {
	l := &n.lead
	l.round = max(l.round+1, round(l.clock)<<roundBits)
	l.acked[n.id] = l.round
	n.countRounds()
}

// roundAnswered notes that a peer took this node for the leader in a round.
func (n *Node) roundAnswered(from raft.NodeID, r round) {
	if r > n.lead.round {
		assertionFailed("%v answers round %d of %d", from, r, n.lead.round)
	}
	if r > n.lead.acked[from] {
		n.lead.acked[from] = r
		n.countRounds()
	}
}

// countRounds notes which rounds a quorum answered, and lets go of the reads
// that waited for them.
func (n *Node) countRounds() {
	l := &n.lead
	if r := quorumValue(n.config(), l.acked); r > l.confirmed {
		l.confirmed = r
		n.tellReaders()
	}
}

// silence is how many ticks ago the latest round began that a quorum answered.
func (l *leadership) silence() uint64 { return l.clock - l.confirmed.began() }

// leased reports whether nobody else can lead, if clocks are what LeaseTicks
// asks of them (thesis, section 6.4.1). An election that this leader asked for
// itself would pass everybody's loyalty by.
func (n *Node) leased() bool {
	return n.preVote && n.lead.confirmed > 0 && n.lead.silence() < LeaseTicks && !n.lead.transfer.asked
}

// read is a read that waits at a leader (thesis, section 6.4).
type read struct {
	from  raft.NodeID // who asks
	op    raft.OpID   // of this node's own client
	ctx   uint64      // of a follower that asks
	round round       // once a quorum answered it, the leader led when the read came
	index raft.Index  // what was committed then; 0 while no entry of the term is
}

// asked is the reads of a follower's clients, about which it asked the leader.
type asked struct {
	ctx   uint64 // of the latest. Contexts begin at random at each boot, so that none is ever used twice.
	reads []question
}

// question is a read that waits at a follower.
type question struct {
	ctx   uint64
	op    raft.OpID
	index raft.Index // what must be applied before the answer; 0 is not known yet
}

// read looks for a moment at which the own state machine may answer: at a leader
// at once, while its lease lasts (it has applied all that it committed), or after a round; at a follower when it has
// applied what the leader says (thesis, section 6.4).
func (n *Node) read(op raft.OpID, lease bool) {
	switch {
	case n.role == raft.Leader && lease && n.leased() && n.ownTermCommitted():
		n.out.reply(op, raft.Done)
	case n.role == raft.Leader:
		n.confirm(read{from: n.id, op: op})
	case n.leader != raft.None:
		n.ask(op)
	default:
		n.out.reply(op, raft.Rejected)
	}
}

// ownTermCommitted reports whether the leader knows all that is committed: that
// takes an entry of its own term (section 8).
func (n *Node) ownTermCommitted() bool { return n.log.term(n.commit) == n.hard.term }

// confirm has a read wait for a round that begins now.
func (n *Node) confirm(r read) {
	l := &n.lead
	if len(l.reads) == maxReads {
		n.rejectRead(&l.reads[0])
		l.reads = l.reads[:copy(l.reads, l.reads[1:])]
	}
	if n.ownTermCommitted() {
		r.index = n.commit
	}
	r.round = l.round + 1
	l.reads = append(l.reads, r)
	n.beginRound()
	for to := range n.peers().All() {
		n.heartbeat(to)
	}
}

// admitReads gives the reads that came before the term committed anything what
// they wait for: everything that was committed when they came is committed now.
func (n *Node) admitReads() {
	for i := range n.lead.reads {
		if r := &n.lead.reads[i]; r.index == 0 {
			r.index = n.commit
		}
	}
	n.tellReaders()
}

// allowed reports whether a read need not wait for others any more.
func (l *leadership) allowed(r *read) bool { return r.index > 0 && r.round <= l.confirmed }

// tellReaders answers followers whose reads are allowed.
func (n *Node) tellReaders() {
	l := &n.lead
	kept := l.reads[:0]
	for _, r := range l.reads {
		if r.from == n.id || !l.allowed(&r) {
			kept = append(kept, r)
			continue
		}
		reply := message{kind: kindReadReply, readReply: readReply{ctx: r.ctx, index: r.index}}
		n.send(r.from, &reply, raft.Promise{}, 0)
	}
	l.reads = kept
}

// answerReads answers the clients whose reads are allowed, and for which
// enough is applied.
func (n *Node) answerReads() {
	l := &n.lead
	if n.role == raft.Leader && len(l.reads) > 0 {
		kept := l.reads[:0]
		for _, r := range l.reads {
			if r.from == n.id && l.allowed(&r) && r.index <= n.applied {
				n.out.reply(r.op, raft.Done)
			} else {
				kept = append(kept, r)
			}
		}
		l.reads = kept
	}
	if len(n.asked.reads) > 0 {
		n.answerAsked()
	}
}

func (n *Node) answerAsked() {
	kept := n.asked.reads[:0]
	for _, q := range n.asked.reads {
		if q.index > 0 && q.index <= n.applied {
			n.out.reply(q.op, raft.Done)
		} else {
			kept = append(kept, q)
		}
	}
	n.asked.reads = kept
}

// rejectRead tells the own client that its read was not answered. A follower
// finds out by itself: it loses its leader.
func (n *Node) rejectRead(r *read) {
	if r.from == n.id {
		n.out.reply(r.op, raft.Rejected)
	}
}

// ask asks the leader on behalf of a client.
func (n *Node) ask(op raft.OpID) {
	a := &n.asked
	if len(a.reads) == maxReads {
		n.out.reply(a.reads[0].op, raft.Rejected)
		a.reads = a.reads[:copy(a.reads, a.reads[1:])]
	}
	a.ctx++
	a.reads = append(a.reads, question{ctx: a.ctx, op: op})
	request := message{kind: kindReadRequest, readRequest: readRequest{ctx: a.ctx}}
	n.send(n.leader, &request, raft.Promise{}, 0)
}

// readAsked takes the question of a follower.
func (n *Node) readAsked(from raft.NodeID, m *message) {
	n.confirm(read{from: from, ctx: m.readRequest.ctx})
}

// readAllowed notes what a read waits for.
func (n *Node) readAllowed(_ raft.NodeID, m *message) {
	for i := range n.asked.reads {
		if q := &n.asked.reads[i]; q.ctx == m.readReply.ctx {
			q.index = m.readReply.index
		}
	}
}

// rejectAsked gives up the reads of which the leader is gone.
func (n *Node) rejectAsked() {
	for _, q := range n.asked.reads {
		n.out.reply(q.op, raft.Rejected)
	}
	n.asked.reads = n.asked.reads[:0]
}
