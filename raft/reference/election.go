package reference

import (
	"raftcheck/raft"
)

// tick counts one unit of the node's clock: towards the next heartbeat at a
// leader, towards the next election elsewhere (section 5.2). A node without a
// vote has no election timer, but its promises run out all the same.
func (n *Node) tick() {
	if n.role == raft.Leader {
		n.leaderTick()
		return
	}
	n.timer.tick(n.elector())
	if n.timer.elapsed >= n.timer.timeout {
		n.timeout()
	}
}

// timeout starts an election, because no leader was heard for long enough.
func (n *Node) timeout() {
	if n.role == raft.Leader || !n.elector() {
		return
	}
	n.timer.silence = ElectionTicks
	if n.preVote {
		n.canvass()
	} else {
		n.campaign(false)
	}
}

// canvass asks all others whether they would vote for this node, before it
// begins a term that nobody wants (thesis, section 9.6).
func (n *Node) canvass() {
	n.becomeFollower()
	n.role = raft.PreCandidate
	n.timer.reset()
	request := message{kind: kindPreVote, preVote: preVote{last: n.log.last()}}
	for to := range n.electors().All() {
		n.send(to, &request, raft.Promise{}, 0)
	}
	n.addPreVote(n.id)
}

// preVoteAsked says whether this node would vote for another one in the term
// after that of the asker: if it has not heard from a leader, the asker's term
// is not behind, and neither is its log. It promises nothing.
//
// A refusal is sent in any case, and tells this node's term: an asker that is
// behind in terms but not in its log learns it, and asks again.
func (n *Node) preVoteAsked(from raft.NodeID, m *message) {
	granted := m.term >= n.hard.term && !n.loyalty() && m.preVote.last.AtLeastAsUpToDateAs(n.log.last())
	reply := message{kind: kindPreVoteReply, preVoteReply: preVoteReply{asked: m.term, granted: granted}}
	n.send(from, &reply, raft.Promise{}, 0)
}

// countPreVote counts a pre-vote for the term after this one.
func (n *Node) countPreVote(from raft.NodeID, m *message) {
	if m.preVoteReply.granted && m.preVoteReply.asked == n.hard.term {
		n.addPreVote(from)
	}
}

// preVoteFromEarlierTerm counts the pre-vote of a node that has not reached this
// term yet, and is as good as any.
func (n *Node) preVoteFromEarlierTerm(from raft.NodeID, m *message) {
	if n.role == raft.PreCandidate {
		n.countPreVote(from, m)
	}
}

func (n *Node) addPreVote(from raft.NodeID) {
	n.votes = n.votes.With(from)
	if n.quorum(n.votes) {
		n.campaign(false)
	}
}

// takeOver starts an election at once, because the leader asks for it (thesis,
// section 3.10). Whoever is in no quorum stays silent.
func (n *Node) takeOver(raft.NodeID, *message) {
	if n.elector() {
		n.campaign(true)
	}
}

// campaign starts an election (figure 2, rules for candidates): a new term, a
// vote for oneself, and RequestVote to all others. The own vote counts once it
// is durable, in countOwnVote. A forced election is the leader's own wish, which
// overrides the others' loyalty to it.
func (n *Node) campaign(forced bool) {
	n.enterTerm(n.hard.term + 1)
	n.role = raft.Candidate
	n.hard.vote = n.id
	n.timer.reset()
	request := message{kind: kindRequestVote, requestVote: requestVote{last: n.log.last(), forced: forced}}
	for to := range n.electors().All() {
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
	if n.role == raft.Leader {
		n.resign()
	}
	n.role = raft.Follower
	n.leader = raft.None
	n.votes = 0
	n.incoming.reset()
	n.rejectAsked()
}

// loyal reports whether the node disregards a vote that it is asked for, and
// its term, because it has heard from a leader (section 6, last paragraphs;
// thesis, section 4.2.3): a node that was removed, or that comes back from
// behind a partition, deposes nobody. A vote in its own term, that it has not
// given yet, it disregards as well. Otherwise a lease would not hold:
//
//  1. Nodes 2 and 3 miss their leader, 1, and ask each other for pre-votes. Node 3
//     gets one, stands for election in term 2, and refuses node 2.
//  2. A heartbeat reaches node 2. Its answer, with that of node 1, is a lease.
//  3. The refusal reaches node 2, which adopts term 2, and then the RequestVote.
func (n *Node) loyal(m *message) bool {
	if m.kind != kindRequestVote || m.requestVote.forced || !n.loyalty() {
		return false
	}
	return m.term > n.hard.term || m.term == n.hard.term && n.hard.vote == raft.None
}

// loyalty reports whether the node stands by a leader that it heard from less
// than the shortest election timeout ago. A leader that counts the answers of
// others as a lease relies on it, whatever became of terms since (thesis,
// section 6.4.1); that is why a node which just booted is loyal, too.
func (n *Node) loyalty() bool {
	if !n.preVote {
		return false
	}
	if n.role == raft.Leader {
		return n.lead.silence() < ElectionTicks
	}
	return n.timer.silence < ElectionTicks
}

// vote answers RequestVote (figure 2, RequestVote RPC; sections 5.2, 5.4): one
// vote in a term, given to the first who asks with a log that is at least as up
// to date. Asked again, it says again what it said. Whoever asks gets an answer,
// voter or not, member or not: who counts is for the asker's configuration to
// say, which may be later than this node's (section 6).
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

// countVote makes the candidate a leader once a quorum voted for it. Votes are
// a set: a doubled reply is one vote.
func (n *Node) countVote(from raft.NodeID) {
	n.votes = n.votes.With(from)
	if n.quorum(n.votes) {
		n.becomeLeader()
	}
}

// concede yields to the winner of the candidate's own term (section 5.2).
func (n *Node) concede(from raft.NodeID, m *message) {
	n.becomeFollower()
	n.follow(from, m)
}

func (n *Node) concedeAndInstall(from raft.NodeID, m *message) {
	n.becomeFollower()
	n.install(from, m)
}

// rival is what cannot be: another leader of this leader's term (figure 3,
// Election Safety).
func (n *Node) rival(from raft.NodeID, _ *message) {
	assertionFailed("%v and %v both lead term %d", n.id, from, n.hard.term)
}

// electors are the other nodes with a vote.
func (n *Node) electors() raft.NodeSet { return n.config().Electors().Without(n.id) }
