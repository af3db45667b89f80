package reference

import "raftcheck/raft"

// tick counts one unit of the node's clock: towards the next heartbeat at a
// leader, towards the next election elsewhere (section 5.2). A node without a
// vote has no election timer.
func (n *Node) tick() {
	if !n.voters.Has(n.id) {
		return
	}
	n.timer.elapsed++
	switch {
	case n.role == raft.Leader && n.timer.elapsed >= HeartbeatTicks:
		n.timer.elapsed = 0
		n.broadcastAppend()
	case n.role != raft.Leader && n.timer.elapsed >= n.timer.timeout:
		n.campaign()
	}
}

// campaign starts an election (figure 2, rules for candidates): a new term, a
// vote for oneself, and RequestVote to all others. The own vote counts once it
// is durable, in countOwnVote.
func (n *Node) campaign() {
	if n.role == raft.Leader || !n.voters.Has(n.id) {
		return
	}
	n.enterTerm(n.hard.term + 1)
	n.role = raft.Candidate
	n.hard.vote = n.id
	n.timer.reset()
	request := message{kind: kindRequestVote, requestVote: requestVote{last: n.log.last()}}
	for to := range n.peers().All() {
		n.send(to, &request, raft.Promise{Vote: n.id}, 0)
	}
}

// enterTerm makes the node a follower of a later term, in which it has not
// voted (section 5.1). The election timer runs on: a term proves nobody alive.
func (n *Node) enterTerm(term raft.Term) {
	if term <= n.hard.term {
		assertionFailed("term %d follows term %d", term, n.hard.term)
	}
	n.hard = hardState{term: term}
	n.becomeFollower()
}

// becomeFollower gives up whatever the node was in its term. Term and vote stay.
func (n *Node) becomeFollower() {
	n.role = raft.Follower
	n.leader = raft.None
	n.votes = 0
	for _, p := range n.waiting {
		n.out.reply(p.op, raft.Unknown) // a later leader may yet commit it
	}
	n.waiting = n.waiting[:0]
}

// vote answers RequestVote (figure 2, RequestVote RPC; sections 5.2, 5.4): one
// vote in a term, given to the first who asks with a log that is at least as up
// to date. Asked again, it says again what it said.
func (n *Node) vote(from raft.NodeID, m *message) {
	if n.hard.vote == raft.None && m.requestVote.last.AtLeastAsUpToDateAs(n.log.last()) {
		n.hard.vote = from
	}
	if n.hard.vote != from {
		n.refuseVote(from, m)
		return
	}
	n.timer.reset()
	reply := message{kind: kindVoteReply, voteReply: voteReply{granted: true}}
	n.send(from, &reply, raft.Promise{Vote: from}, 0)
}

// refuseVote says no, and by its term why, if the request is of an earlier one.
func (n *Node) refuseVote(from raft.NodeID, _ *message) {
	reply := message{kind: kindVoteReply}
	n.send(from, &reply, raft.Promise{}, 0)
}

// countVoteReply counts a vote of this term.
func (n *Node) countVoteReply(from raft.NodeID, m *message) {
	if m.voteReply.granted {
		n.countVote(from)
	}
}

// countOwnVote counts the candidate's own vote once it cannot be forgotten.
func (n *Node) countOwnVote() {
	if n.disk.hardAfter() == 0 {
		n.countVote(n.id)
	}
}

// countVote makes the candidate a leader once a majority voted for it. Votes
// are a set: a doubled reply is one vote.
func (n *Node) countVote(from raft.NodeID) {
	n.votes = n.votes.With(from)
	if hasQuorum(n.voters, n.votes) {
		n.becomeLeader()
	}
}

// concede yields to the winner of the candidate's own term (section 5.2).
func (n *Node) concede(from raft.NodeID, m *message) {
	n.becomeFollower()
	n.follow(from, m)
}

// rival is what cannot be: another leader of this leader's term (figure 3,
// Election Safety).
func (n *Node) rival(from raft.NodeID, _ *message) {
	assertionFailed("%v and %v both lead term %d", n.id, from, n.hard.term)
}

// peers are the other voters.
func (n *Node) peers() raft.NodeSet { return n.voters.Without(n.id) }
