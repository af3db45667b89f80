package reference

import "raftcheck/raft"

// tick advances the node's clock by one unit: towards the next heartbeat at a
// leader, towards the next election otherwise (section 5.2). A node without a vote
// has no election timer, but its promises expire all the same.
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

// timeout starts an election, because no leader was heard for an election timeout.
func (n *Node) timeout() {
	if n.role == raft.Leader || !n.elector() {
		return
	}
	n.timer.silence = ElectionTicks
	if n.preVote {
		n.startPreVote()
	} else {
		n.campaign(false)
	}
}

// startPreVote sends PreVote to all other electors. The node starts an election
// only if a quorum would vote for it, so that it does not begin terms in vain
// (thesis, section 9.6).
func (n *Node) startPreVote() {
	n.becomeFollower()
	n.role = raft.PreCandidate
	n.timer.reset()
	request := message{kind: kindPreVote, preVote: preVote{last: n.log.last()}}
	for to := range n.electors().All() {
		n.send(to, &request, raft.Promise{}, 0)
	}
	n.addPreVote(n.id)
}

// handlePreVote handles PreVote: would this node vote for the sender in the term
// after the sender's? It grants if it heard from no leader lately, and neither the
// sender's term nor the sender's log is behind. A grant promises nothing.
//
// It replies even to reject, because the reply carries this node's term. A sender
// whose term is behind, but whose log is not, adopts that term and asks again.
func (n *Node) handlePreVote(from raft.NodeID, m *message) {
	granted := m.term >= n.hard.term && !n.loyalty() && m.preVote.last.AtLeastAsUpToDateAs(n.log.last())
	reply := message{kind: kindPreVoteReply, preVoteReply: preVoteReply{asked: m.term, granted: granted}}
	n.send(from, &reply, raft.Promise{}, 0)
}

// handlePreVoteReply counts a PreVoteReply for the term after this one.
func (n *Node) handlePreVoteReply(from raft.NodeID, m *message) {
	if m.preVoteReply.granted && m.preVoteReply.asked == n.hard.term {
		n.addPreVote(from)
	}
}

// handleEarlierPreVoteReply counts the PreVoteReply of a node that has not reached
// this term yet. Such a grant counts fully.
func (n *Node) handleEarlierPreVoteReply(from raft.NodeID, m *message) {
	if n.role == raft.PreCandidate {
		n.handlePreVoteReply(from, m)
	}
}

func (n *Node) addPreVote(from raft.NodeID) {
	n.votes = n.votes.With(from)
	if n.quorum(n.votes) {
		n.campaign(false)
	}
}

// handleTimeoutNow handles TimeoutNow: it starts an election at once, at the
// leader's request (thesis, section 3.10). A node without a vote ignores it.
func (n *Node) handleTimeoutNow(raft.NodeID, *message) {
	if n.elector() {
		n.campaign(true)
	}
}

// campaign starts an election (figure 2, rules for candidates): a new term, a vote
// for itself, and RequestVote to all other electors. The own vote counts once it is
// durable, in countOwnVote. A forced election was requested by the leader, and
// overrides the others' loyalty to that leader.
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

// enterTerm makes the node a follower of a later term, in which it has not voted
// (section 5.1). It does not reset the election timer: a new term does not prove
// that a leader is alive.
func (n *Node) enterTerm(term raft.Term) {
	if term <= n.hard.term {
		assertionFailed("term %d follows term %d", term, n.hard.term)
	}
	n.hard = hardState{term: term}
	n.becomeFollower()
}

// becomeFollower ends the node's role in its term. Term and vote stay.
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

// loyal reports whether the node ignores a RequestVote and its term, because it
// heard from a leader recently (section 6, last paragraphs; thesis, section 4.2.3).
// So a node that was removed, or that returns from behind a partition, deposes no
// leader. The node also ignores a request of its own term if it has not voted in
// that term yet. Otherwise a lease would not hold:
//
//  1. Nodes 2 and 3 miss their leader, 1, and send each other PreVote. Node 3
//     gets a grant, starts an election in term 2, and refuses node 2.
//  2. A heartbeat reaches node 2. Its reply, with node 1 itself, makes a lease.
//  3. The refusal reaches node 2, which adopts term 2. Then the RequestVote
//     arrives.
func (n *Node) loyal(m *message) bool {
	if m.kind != kindRequestVote || m.requestVote.forced || !n.loyalty() {
		return false
	}
	return m.term > n.hard.term || m.term == n.hard.term && n.hard.vote == raft.None
}

// loyalty reports whether the node heard from a leader less than the shortest
// election timeout ago. A leader's lease relies on the loyalty of every node that
// answered, whatever terms have begun since (thesis, section 6.4.1). That is why a
// node that has just booted is loyal too.
func (n *Node) loyalty() bool {
	if !n.preVote {
		return false
	}
	if n.role == raft.Leader {
		return n.lead.silence() < ElectionTicks
	}
	return n.timer.silence < ElectionTicks
}

// handleRequestVote handles RequestVote (figure 2, RequestVote RPC; sections 5.2,
// 5.4). It grants one vote per term, to the first sender whose log is at least as
// up to date. A repeated request gets the same answer. Every sender gets an answer,
// voter or not, member or not: the sender's configuration decides which votes
// count, and it may be later than this node's (section 6).
func (n *Node) handleRequestVote(from raft.NodeID, m *message) {
	if n.hard.vote == raft.None && m.requestVote.last.AtLeastAsUpToDateAs(n.log.last()) {
		n.hard.vote = from
	}
	if n.hard.vote != from {
		n.rejectRequestVote(from, m)
		return
	}
	n.timer.reset()
	reply := message{kind: kindVoteReply, voteReply: voteReply{granted: true}}
	n.send(from, &reply, raft.Promise{Vote: from}, 0)
}

// rejectRequestVote rejects a RequestVote. If the request is of an earlier term,
// the reply's term shows why.
func (n *Node) rejectRequestVote(from raft.NodeID, _ *message) {
	reply := message{kind: kindVoteReply}
	n.send(from, &reply, raft.Promise{}, 0)
}

// handleVoteReply counts a VoteReply of this term.
func (n *Node) handleVoteReply(from raft.NodeID, m *message) {
	if m.voteReply.granted {
		n.countVote(from)
	}
}

// countOwnVote counts the candidate's own vote once it is durable.
func (n *Node) countOwnVote() {
	if n.hardAfter() == 0 {
		n.countVote(n.id)
	}
}

// countVote makes the candidate a leader once a quorum voted for it. Votes are a
// set: a duplicated reply is one vote.
func (n *Node) countVote(from raft.NodeID) {
	n.votes = n.votes.With(from)
	if n.quorum(n.votes) {
		n.becomeLeader()
	}
}

// candidateAppendEntries handles AppendEntries at a candidate: the sender won the
// election of this term, so the candidate follows it (section 5.2).
func (n *Node) candidateAppendEntries(from raft.NodeID, m *message) {
	n.becomeFollower()
	n.handleAppendEntries(from, m)
}

// candidateInstallSnapshot handles InstallSnapshot at a candidate, which follows
// the sender (section 5.2).
func (n *Node) candidateInstallSnapshot(from raft.NodeID, m *message) {
	n.becomeFollower()
	n.handleInstallSnapshot(from, m)
}

// assertOnlyLeader handles a leader's message at a leader of the same term. There
// can be no second leader (figure 3, Election Safety), so it panics.
func (n *Node) assertOnlyLeader(from raft.NodeID, _ *message) {
	assertionFailed("%v and %v both lead term %d", n.id, from, n.hard.term)
}

// electors returns the other nodes with a vote.
func (n *Node) electors() raft.NodeSet { return n.config().Electors().Without(n.id) }
