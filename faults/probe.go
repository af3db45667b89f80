package faults

import (
	"cmp"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// probing is a probe under way.
type probing struct {
	*World
	left int // ticks that the current task may still take
	used int // ticks of all tasks so far
	// refused: the leader rejected a request of the current attempt that it could take.
	refused bool
	why     string // the latest attempt of the current task that the cluster could end failed
}

// tasks are new things that a healthy cluster can do, in their order. Each one reports
// whether the cluster did it in time, and leaves the cluster well.
var tasks = [...]struct {
	name string
	do   func(*probing) bool
}{
	{"take two writes at once", (*probing).write},
	{"answer a read at every node", (*probing).read},
	{"transfer the leadership", (*probing).handOver},
	{"change the configuration, and change it back", (*probing).changeAndBack},
	{"compact the logs and catch up a node", (*probing).catchUp},
}

// probe carries out the tasks, until one fails.
func (w *World) probe(e Event) {
	if w.wellAt != w.event-1 {
		w.begin(trace.Ignored, raft.None)
		w.emit()
		return
	}
	p := probing{World: w}
	outcome, text := raft.Done, "well"
	for _, task := range tasks {
		if p.left, p.why = int(e.K), ""; !task.do(&p) {
			outcome, text = raft.Rejected, task.name
			break
		}
	}
	stuck, at := w.view.Stuck()
	switch {
	case outcome == raft.Rejected && (stuck == trace.NoQuorum || p.refusing()):
		outcome = raft.Unknown
	case outcome == raft.Rejected:
		text += ": " + cmp.Or(p.why, w.view.Describe(stuck, at))
	default:
		w.wellAt = w.event
	}
	r := w.begin(trace.Probed, at)
	r.Ticks, r.Bound, r.Stuck, r.Outcome, r.Text = p.used, int(e.K), stuck, outcome, text
	w.emit()
}

// refusing reports whether a node refused its disk, which may have rotted. A task may need it.
func (p *probing) refusing() bool {
	for id := range p.all.All() {
		if p.view.Nodes[id].Refused {
			return true
		}
	}
	return false
}

// config returns the configuration of the leader.
func (p *probing) config() raft.Configuration { return p.view.Config(p.leader()) }

// pass lets a tick of time pass.
func (p *probing) pass() {
	p.World.tend()
	p.World.pass()
	p.left--
	p.used++
}

// well passes time until the cluster is well, and reports whether it is in time.
func (p *probing) well() bool {
	for {
		if stuck, _ := p.view.Stuck(); stuck == trace.Well {
			return true
		}
		if p.left <= 0 {
			return false
		}
		p.pass()
	}
}

// until asks, and lets the cluster become well, until it did what it was asked for. A
// healthy cluster may reject a request for a while; the task may take as many attempts as
// its time allows.
func (p *probing) until(ask func(), did func() bool) bool {
	for {
		p.refused = false
		ask()
		well := p.well()
		if p.refused {
			p.why = p.asked().String() + " leads, and rejects it"
		}
		switch {
		case well && did():
			return true
		case !well || p.left <= 0:
			return false
		}
		p.pass()
	}
}

// accepted reports whether the leader rejected nothing in the last attempt.
func (p *probing) accepted() bool { return !p.refused }

// request lets the operator or a client ask a node, if there is one, and notes whether it
// rejects the request at once although it leads, before and after it.
func (p *probing) request(e Event) {
	if e.Node == raft.None {
		return
	}
	before := p.view.Nodes[e.Node].Status
	p.plain(e)
	after := p.view.Nodes[e.Node].Status
	led := before.Role == raft.Leader && after.Role == raft.Leader && before.Term == after.Term
	r := &p.record // the last one is the answer, if there was one at once
	answer := r.Kind == trace.Declined || r.Kind == trace.Answered
	p.refused = p.refused || led && answer && r.Node == e.Node && r.Outcome == raft.Rejected
}

// call lets a client ask a node for an operation, a read or a write.
func (p *probing) call(kind EventKind, client int, id raft.NodeID) {
	p.request(Event{Kind: kind, Client: uint8(client), Node: id, Op: p.example(kind == Read)})
}

// asked returns a node to ask: the leader, or any node if nobody shows that it leads. It is None
// once every node ended.
func (p *probing) asked() raft.NodeID {
	leader := p.leader()
	if leader == raft.None && p.up != 0 {
		return p.up.Nth(0)
	}
	return leader
}

func (p *probing) write() bool {
	return p.until(func() {
		p.call(Call, 1, p.asked())
		p.call(Call, 2, p.asked())
	}, p.accepted)
}

func (p *probing) read() bool {
	if !p.takes(Read) || p.example(true) == "" {
		return true
	}
	var members raft.NodeSet
	return p.until(func() {
		if members = p.config().Members() & p.up; members == 0 {
			members = p.up
		}
		for id := range members.All() {
			p.call(Read, int(id), id)
		}
	}, func() bool { return p.accepted() && (!p.offers(raft.FollowerReads) || p.answered(members)) })
}

// answered reports whether each of these nodes answered the read that it was asked for, and
// its client asked no other node.
func (p *probing) answered(members raft.NodeSet) bool {
	for id := range members.All() {
		if p.clients[id].asked != id {
			p.why = id.String() + " leaves it to others"
			return false
		}
	}
	return true
}

// handOver moves the leadership to another voter that runs, if the system does that.
func (p *probing) handOver() bool {
	others := (p.config().Voters & p.up).Without(p.leader())
	if !p.offers(raft.Transfers) || others == 0 {
		return true
	}
	to := others.Nth(0)
	return p.until(func() {
		if p.leader() != to {
			p.request(Event{Kind: Transfer, Node: p.leader(), Peer: to})
		}
	}, func() bool { return p.leader() == to })
}

// offers reports whether the system states its limits, and has the ability.
func (p *probing) offers(ability raft.Abilities) bool {
	s, ok := p.system.(raft.Limited)
	return ok && p.view.AllInspected() && !raft.LimitsOf(s).Lacks.Has(ability)
}

// changeAndBack takes a node out of the configuration and brings it back, or brings one in
// and takes it out again. Before a node is a voter it is a learner (thesis, section 4.2.1), if
// the system has them. A node that could not come back stays out.
func (p *probing) changeAndBack() bool {
	others := p.up.Without(p.leader())
	if !p.offers(raft.Membership) || others == 0 {
		return true
	}
	was, id := p.config(), others.Nth(others.Len()-1)
	out := raft.Configuration{Voters: was.Voters.Without(id), Learners: was.Learners.Without(id)}
	in := raft.Configuration{Voters: out.Voters, Learners: out.Learners.With(id)}
	if !p.offers(raft.Learners) {
		in = raft.Configuration{Voters: out.Voters.With(id)}
	}
	switch {
	case !trace.HasQuorum(out, p.up) || out.Voters.Len() < p.limits.Least:
		return true // the node is needed
	case out.Voters != was.Voters && was.Voters.Len() <= p.limits.Keeps:
		return true
	case was == out:
		return p.Gone(id) || p.changeTo(in) && p.changeTo(out)
	case p.Gone(id):
		return p.changeTo(out)
	}
	return p.changeTo(out) && p.changeTo(in) && p.changeTo(was)
}

// changeTo changes the configuration, after starting nodes that were switched off.
func (p *probing) changeTo(c raft.Configuration) bool {
	return p.until(func() {
		for id := range (c.Members() &^ p.up).All() {
			p.plain(Event{Kind: Restart, Node: id})
		}
		if leader := p.leader(); leader != raft.None && p.config() != c {
			p.request(ReconfigureTo(leader, c.Voters, c.Learners))
		}
	}, func() bool { return p.config() == c })
}

// catchUp stops a member that the quorum can do without, writes, compacts every log if the
// system can, and starts the node again.
func (p *probing) catchUp() bool {
	others := (p.config().Members() & p.up).Without(p.leader())
	if p.leader() == raft.None || others == 0 || !trace.HasQuorum(p.config(), p.up.Without(others.Nth(0))) {
		return true
	}
	id := others.Nth(0)
	p.plain(Event{Kind: Crash, Node: id})
	if !p.write() {
		return false
	}
	if !p.limits.Lacks.Has(raft.Snapshots) {
		for other := range p.up.All() {
			p.plain(Event{Kind: Compact, Node: other})
		}
	}
	p.plain(Event{Kind: Restart, Node: id})
	return p.well()
}
