package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// revote are the stages of two candidacies for one term. Each writes one event, and reports
// whether it could.
var revote = [...]func(g *generator, e *faults.Event) bool{
	(*generator).standFirst,
	(*generator).standSecond,
	(*generator).voteForFirst,
	(*generator).compactVoters,
	(*generator).strikeDown,
	(*generator).revive,
	(*generator).reachSecond,
	(*generator).askFirst,
	(*generator).reachFirst,
	(*generator).askSecond,
	(*generator).reachSecond,
}

// mostForFirst is how many messages and writes there are, at most, before voters are struck.
const mostForFirst = 16

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
		p.left = mostOfMove
	}
	return g.inStages(e, revote[:])
}

func (g *generator) standFirst(e *faults.Event) bool {
	return g.candidacy(e, g.play.cast[theHeir], g.play.cast[theLaggard])
}

func (g *generator) standSecond(e *faults.Event) bool {
	return g.candidacy(e, g.play.cast[theLaggard], g.play.cast[theHeir])
}

// candidacy lets a node stand for election until it asks for votes, which pre-votes may delay. The
// other candidate hears nothing of it.
func (g *generator) candidacy(e *faults.Event, id, other raft.NodeID) bool {
	p := &g.play
	role := g.world.View().Nodes[id].Status.Role
	if role == raft.Candidate || role == raft.Leader || p.left == 0 {
		p.left = mostOfMove
		return false
	}
	p.left--
	g.again()
	if role != raft.Follower && g.exchange(e, g.world.All().Without(other)) {
		return true
	}
	*e = faults.Event{Kind: faults.Timeout, Node: id}
	return g.awake().Has(id)
}

// voteForFirst lets some messages arrive, of which the second candidate hears nothing. Then voters
// are chosen.
func (g *generator) voteForFirst(e *faults.Event) bool {
	p := &g.play
	if p.left == mostOfMove {
		p.left = g.src.Below(mostForFirst + 1)
	}
	if p.left > 0 {
		p.left--
		g.again()
		if g.exchange(e, g.world.All().Without(p.cast[theLaggard])) {
			return true
		}
		g.end()
	}
	g.muster(p.cast[theHeir])
	p.crew = p.crew.Without(p.cast[theHeir]).Without(p.cast[theLaggard]) & g.awake()
	p.left = g.src.Below(2)
	return false
}

// compactVoters compacts their logs, half of the time.
func (g *generator) compactVoters(e *faults.Event) bool {
	p := &g.play
	able := p.crew & g.world.Compactable()
	if p.left == 0 || able == 0 || g.foreign(faults.Compact) {
		return false
	}
	p.left--
	*e = faults.Event{Kind: faults.Compact, Node: able.Nth(g.src.Below(able.Len()))}
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
