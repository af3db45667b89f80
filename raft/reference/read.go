package reference

import "raftcheck/raft"

// maxReads bounds the reads that wait at a node. A further read rejects the oldest
// one.
const maxReads = 64

// round numbers a leader's rounds of messages, which ask all nodes whether it still
// leads. The upper bits are the leader's clock at the beginning of the round. If a
// quorum answered a round, no other leader had been elected before it began.
type round uint64

const roundBits = 20

// began returns the leader's clock when the round began, in ticks of its term.
func (r round) began() uint64 { return uint64(r >> roundBits) }

// beginRound starts another round, which the next message to each peer carries.
func (n *Node) beginRound() {
	l := &n.lead
	l.round = max(l.round+1, round(l.clock)<<roundBits)
	l.acked[n.id] = l.round
	n.countRounds()
}

// roundAnswered records that a peer accepted this node as the leader in a round.
func (n *Node) roundAnswered(from raft.NodeID, r round) {
	if r > n.lead.round {
		assertionFailed("%v answers round %d of %d", from, r, n.lead.round)
	}
	if r > n.lead.acked[from] {
		n.lead.acked[from] = r
		n.countRounds()
	}
}

// countRounds records the latest round that a quorum answered, and sends the read
// replies that waited for it.
func (n *Node) countRounds() {
	l := &n.lead
	if r := quorumValue(n.config(), l.acked); r > l.confirmed {
		l.confirmed = r
		n.sendReadReplies()
	}
}

// silence returns the ticks since the latest round began that a quorum answered.
func (l *leadership) silence() uint64 { return l.clock - l.confirmed.began() }

// leased reports whether no other node can lead, if clocks keep the bound of
// LeaseTicks (thesis, section 6.4.1). After this leader sent TimeoutNow it has no
// lease: the election that it requested overrides every node's loyalty.
func (n *Node) leased() bool {
	return n.preVote && n.lead.confirmed > 0 && n.lead.silence() < LeaseTicks && !n.lead.transfer.asked
}

type read struct {
	from  raft.NodeID // the node whose client reads
	op    raft.OpID   // of this node's own client
	ctx   uint64      // of a follower that sent ReadRequest
	round round       // once a quorum answered it, the leader led when the read came
	index raft.Index  // the commit index then; 0 until an entry of the term is committed
}

// asked is the reads of a follower's clients, which it sent to the leader.
type asked struct {
	ctx   uint64 // of the latest; the first of each boot is random, so that none is used twice
	reads []question
}

// question is a read that waits at a follower.
type question struct {
	ctx   uint64
	op    raft.OpID
	index raft.Index // must be applied before the answer; 0 if not known yet
}

// read finds a moment at which this node's state machine may answer (thesis,
// section 6.4). A leader with a lease answers once it has applied every committed
// entry, which it has but in a batch or a lag. Without a lease it answers after a round. A
// follower answers once it has applied the read index of its leader.
func (n *Node) read(op raft.OpID, lease bool) {
	switch {
	case n.role == raft.Leader && lease && n.leased() && n.ownTermCommitted():
		n.admitRead(read{from: n.id, op: op, index: n.commit})
	case n.role == raft.Leader:
		n.queueRead(read{from: n.id, op: op})
	case n.leader != raft.None:
		n.sendReadRequest(op)
	default:
		n.out.reply(op, raft.Rejected)
	}
}

// ownTermCommitted reports whether the leader knows all committed entries. That
// requires a committed entry of its own term (section 8).
func (n *Node) ownTermCommitted() bool { return n.log.term(n.commit) == n.hard.term }

// queueRead makes a read wait for a round that begins now. The read comes first, so
// no answer to an earlier round can prove that the leader led when it came.
func (n *Node) queueRead(r read) {
	l := &n.lead
	if n.ownTermCommitted() {
		r.index = n.commit
	}
	r.round = l.round + 1
	n.admitRead(r)
	n.beginRound()
	for to := range n.peers().All() {
		n.heartbeat(to)
	}
}

// admitRead adds a read to those that wait, of which there are maxReads at most.
func (n *Node) admitRead(r read) {
	l := &n.lead
	if len(l.reads) == maxReads {
		n.rejectRead(&l.reads[0])
		l.reads = l.reads[:copy(l.reads, l.reads[1:])]
	}
	l.reads = append(l.reads, r)
}

// admitReads sets the index of reads that came before the term committed an entry.
// All entries that were committed when they came are committed now.
func (n *Node) admitReads() {
	for i := range n.lead.reads {
		if r := &n.lead.reads[i]; r.index == 0 {
			r.index = n.commit
		}
	}
	n.sendReadReplies()
}

// allowed reports whether a read no longer waits for other nodes.
func (l *leadership) allowed(r *read) bool { return r.index > 0 && r.round <= l.confirmed }

// sendReadReplies sends ReadReply to the followers whose reads are allowed.
func (n *Node) sendReadReplies() {
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

// answerReads answers this node's clients whose reads are allowed, once it has
// applied their read index.
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

// rejectRead rejects a read of this node's own client. A follower rejects its reads
// by itself when it loses its leader.
func (n *Node) rejectRead(r *read) {
	if r.from == n.id {
		n.out.reply(r.op, raft.Rejected)
	}
}

// sendReadRequest sends ReadRequest to the leader on behalf of a client.
func (n *Node) sendReadRequest(op raft.OpID) {
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

// handleReadRequest handles ReadRequest: it queues the read of a follower.
func (n *Node) handleReadRequest(from raft.NodeID, m *message) {
	n.queueRead(read{from: from, ctx: m.readRequest.ctx})
}

// handleReadReply handles ReadReply: it records the read index of a read.
func (n *Node) handleReadReply(_ raft.NodeID, m *message) {
	for i := range n.asked.reads {
		if q := &n.asked.reads[i]; q.ctx == m.readReply.ctx {
			q.index = m.readReply.index
		}
	}
}

// rejectAsked rejects the reads whose leader is gone.
func (n *Node) rejectAsked() {
	for _, q := range n.asked.reads {
		n.out.reply(q.op, raft.Rejected)
	}
	n.asked.reads = n.asked.reads[:0]
}
