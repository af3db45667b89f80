package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// revote are the stages of two candidacies for one term. Each writes one event, and reports
// whether it could.
var revote = [...]func(g *generator, e *faults.Event) bool{
	(*generator).unseat,
	(*generator).reseat,
	(*generator).standFirst,
	(*generator).standSecond,
	(*generator).winVote,
	(*generator).voteForFirst,
	(*generator).chooseVoters,
	(*generator).compactVoters,
	(*generator).strikeDown,
	(*generator).revive,
	(*generator).reachSecond,
	(*generator).reachFirst,
	(*generator).askFirst,
	(*generator).reachFirst,
	(*generator).askSecond,
	(*generator).reachSecond,
}

// mostForFirst is how many messages and writes there are, at most, between the first vote and the
// moment when voters are struck.
const mostForFirst = 8

// moveRevote lets two nodes stand for one term. The first is voted for, voters compact their logs
// or crash and come back, and then the second is heard. If both lead, each is asked to write.
func (g *generator) moveRevote(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		followers := g.awake() &^ g.leaders()
		if followers.Len() < 2 || g.world.All().Len() < 3 {
			return false
		}
		p.length = mostOfStages
		p.cast[theHeir] = followers.Nth(g.src.Below(followers.Len()))
		followers = followers.Without(p.cast[theHeir])
		p.cast[theLaggard] = followers.Nth(g.src.Below(followers.Len()))
	}
	return g.inStages(e, revote[:])
}

// unseat crashes the leader, half of the time: else it answers no candidate that asks before it
// stands, nor do those who hear it.
func (g *generator) unseat(e *faults.Event) bool {
	p := &g.play
	p.left = mostOfMove
	if !g.leaders().Has(p.cast[theLeader]) || g.foreign(faults.Crash) || g.foreign(faults.Restart) || g.one(2) {
		g.play.stage++
		return false
	}
	*e = faults.Event{Kind: faults.Crash, Node: p.cast[theLeader]}
	return true
}

func (g *generator) reseat(e *faults.Event) bool {
	*e = faults.Event{Kind: faults.Restart, Node: g.play.cast[theLeader]}
	return true
}

func (g *generator) standFirst(e *faults.Event) bool {
	return g.candidacy(e, g.play.cast[theHeir], g.play.cast[theLaggard])
}

// standSecond lets the second stand for the term of the first. If that is an earlier one, the first
// stands again.
func (g *generator) standSecond(e *faults.Event) bool {
	p := &g.play
	if g.candidacy(e, p.cast[theLaggard], p.cast[theHeir]) {
		return true
	}
	nodes := g.world.View().Nodes
	if p.left > 0 && nodes[p.cast[theHeir]].Status.Term < nodes[p.cast[theLaggard]].Status.Term {
		p.left--
		p.stage -= 2 // once more
	}
	return false
}

// candidacy lets a node stand for election until it asks for votes in the term of the other
// candidate or a later one, which pre-votes may delay. The other candidate hears nothing of it.
func (g *generator) candidacy(e *faults.Event, id, other raft.NodeID) bool {
	p := &g.play
	one, two := g.world.View().Nodes[id].Status, g.world.View().Nodes[other].Status
	if p.left == 0 || !g.awake().Has(id) || one.Role >= raft.Candidate && one.Term >= two.Term {
		return false
	}
	p.left--
	g.again()
	if one.Role == raft.PreCandidate {
		if g.exchange(e, g.world.All().Without(other)) {
			return true
		}
		if g.one(2) {
			*e = faults.Event{Kind: faults.Run, K: 1 + int32(g.src.Below(mostTicks))}
			return true
		}
	}
	*e = faults.Event{Kind: faults.Timeout, Node: id}
	return true
}

// winVote lets messages arrive, of which the second candidate hears nothing, until there is a vote.
func (g *generator) winVote(e *faults.Event) bool {
	if g.votersOf(g.play.cast[theHeir]) != 0 {
		g.play.left = g.src.Below(mostForFirst + 1)
		return false
	}
	return g.reachFirst(e)
}

// voteForFirst lets some more of them arrive.
func (g *generator) voteForFirst(e *faults.Event) bool {
	p := &g.play
	if p.left == 0 {
		return false
	}
	p.left--
	return g.reachFirst(e)
}

// chooseVoters chooses who is struck.
func (g *generator) chooseVoters(*faults.Event) bool {
	p := &g.play
	voters := g.votersOf(p.cast[theHeir])
	g.muster(p.cast[theHeir])
	if p.crew &= voters; p.crew == 0 {
		p.crew = voters
	}
	p.left = g.src.Below(2)
	return false
}

// votersOf has the others that voted for a node in its term.
func (g *generator) votersOf(id raft.NodeID) (set raft.NodeSet) {
	term := g.world.View().Nodes[id].Status.Term
	for voter := range g.awake().Without(id).All() {
		if s := g.world.View().Nodes[voter].Status; s.Term == term && s.Vote == id {
			set = set.With(voter)
		}
	}
	return set
}

// compactVoters compacts their logs, half of the time, and waits for their disks.
func (g *generator) compactVoters(e *faults.Event) bool {
	p := &g.play
	able, dirty := p.crew&g.world.Compactable(), p.crew&g.world.Dirty()
	if p.left == 0 || able|dirty == 0 || g.foreign(faults.Compact) {
		return false
	}
	g.again()
	if able != 0 {
		*e = faults.Event{Kind: faults.Compact, Node: able.Nth(0)}
	} else {
		*e = faults.Event{Kind: faults.Persist, Node: dirty.Nth(0)}
	}
	return true
}

// reachFirst and reachSecond finish what is under way, but for the other candidate.
func (g *generator) reachFirst(e *faults.Event) bool { return g.reach(e, g.play.cast[theLaggard]) }

func (g *generator) reachSecond(e *faults.Event) bool { return g.reach(e, g.play.cast[theHeir]) }

func (g *generator) askFirst(e *faults.Event) bool { return g.askLeader(e, g.play.cast[theHeir]) }

func (g *generator) askSecond(e *faults.Event) bool { return g.askLeader(e, g.play.cast[theLaggard]) }

func (g *generator) askLeader(e *faults.Event, id raft.NodeID) bool {
	return g.leaders().Has(id) && g.askFreelyAt(e, faults.Call, id)
}
