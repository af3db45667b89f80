package explore

import (
	"bytes"
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// finding returns the schedule that leads from the start to a violation, as a
// [trial.Runner] judges it. If the runner finds no violation, finding panics.
func (x *explorer) finding(property string, s *sighting) *fuzz.Finding {
	schedule := x.schedule(s)
	runner := trial.NewRunner(x.System, service.Set{x.Start.Service})
	result := runner.Run(schedule)
	verdict := result.Of(property)
	if verdict.Outcome != models.Violated {
		panic(contradiction("explored a violation of %s, and its schedule has none: %q\n%s",
			property, result.Lines(), schedule))
	}
	if verdict.Event > 0 {
		schedule.Events = schedule.Events[:verdict.Event]
		result = runner.Run(schedule)
	}
	return fuzz.NewFinding(trial.PropertyOf(x.System, property), schedule, &result)
}

// contradiction is the panic of an exploration that a world contradicts. Either the clones
// of a node behave otherwise than the node, or states of one encoding do; or raftcheck has
// a bug, which the tests of this package look for with the reference.
func contradiction(format string, args ...any) faults.BrokenCloner {
	return faults.BrokenCloner{Text: fmt.Sprintf(format, args...) +
		"\ndo Clone, AppendState, AppendCanonical and Ignores keep their promises (package raft)?"}
}

// schedule writes down the way to a sighting. Only the fingerprint of each state on
// the way is known. So schedule tries the options of the state before it until one
// leads to that fingerprint.
func (x *explorer) schedule(s *sighting) *faults.Schedule {
	p := newPath(x.workers[0])
	p.to(s.at)
	if s.option == healed {
		p.apply(x.heal())
	} else {
		p.take(p.options(&p.state)[s.option])
	}
	return p.schedule
}

// scheduleTo writes down the way to a state, and an event that comes next.
func (w *worker) scheduleTo(s *state, o *option) *faults.Schedule {
	from, option := s.ref, *o
	p := newPath(w)
	p.to(from)
	p.makeWay(&option)
	p.schedule.Events = append(p.schedule.Events, p.eventOf(option))
	return p.schedule
}

// way lists the fingerprints of the states that lead to a visited one, without that of
// the first state.
func (x *explorer) way(r ref) []fingerprint {
	var way []fingerprint
	for r != x.root.ref {
		f, parent := x.at(r)
		way, r = append(way, f), parent
	}
	slices.Reverse(way)
	return way
}

// at returns a visited state and its predecessor.
func (x *explorer) at(r ref) (fingerprint, ref) {
	s := &x.visited[r.shard()]
	if at := r.place() - s.base; at >= 0 {
		return s.print(at), s.parent(at)
	}
	return x.kept.at(r)
}

// path is a way through the states, and a world that takes the same way by the events
// of a schedule.
type path struct {
	*worker
	state    state
	monitor  *models.Monitor // of Liveness
	world    *faults.World
	schedule *faults.Schedule
}

func newPath(w *worker) *path {
	m := models.NewMonitor(new(models.Liveness))
	return &path{worker: w, monitor: m, world: faults.NewWorld(&m.View, m)}
}

// to takes the way to a visited state, from the start.
func (p *path) to(r ref) {
	p.state.become(&p.root)
	p.schedule = p.Start.Clone()
	p.schedule.Golden = nil
	p.monitor.Reset(p.all, p.Start.First())
	p.world.Reset(p.System, p.Start)
	for _, e := range p.Start.Events {
		p.world.Apply(e)
	}
	for _, next := range p.way(r) {
		p.follow(next)
	}
}

// follow takes the first option that leads to the state with a fingerprint.
func (p *path) follow(want fingerprint) {
	options := slices.Clone(p.options(&p.state))
	for i := range options {
		if result, _ := p.worker.take(&p.state, &options[i]); result == followed && p.print(&p.next) == want {
			p.take(options[i])
			return
		}
	}
	panic(contradiction("no option leads from a state to its successor %v", want))
}

// take takes an option, both in the state and in the world.
func (p *path) take(o option) {
	p.makeWay(&o)
	e := p.eventOf(o)
	_, st := p.worker.take(&p.state, &o)
	p.state.become(&p.next)
	p.apply(e)
	if st == nil {
		return
	}
	for range st.persists {
		p.apply(faults.Event{Kind: faults.Persist, Node: o.node})
	}
}

// makeWay delivers the messages before that of an option, where links keep the order. The state does
// not have them, as they are ignored.
func (p *path) makeWay(o *option) {
	if !p.ordered || o.at == noMessage {
		return
	}
	m := p.parts.messages.at(p.state.messages[o.at])
	for range p.position(&m.Message) {
		p.apply(faults.Event{Kind: faults.Deliver, Node: m.From, Peer: m.To})
	}
}

// apply adds an event to the schedule and carries it out in the world.
func (p *path) apply(e faults.Event) {
	p.schedule.Events = append(p.schedule.Events, e)
	p.world.Apply(e)
}

// eventOf returns the event of the schedule for an option.
func (p *path) eventOf(o option) faults.Event {
	if o.at == noMessage {
		return p.event(&p.state, o.choice, nil)
	}
	m := p.parts.messages.at(p.state.messages[o.at])
	e := p.event(&p.state, o.choice, m)
	e.K = int32(p.position(&m.Message))
	return e
}

// position returns the position of a message on its link in the world.
func (p *path) position(m *raft.Message) int {
	for i := range p.world.InFlight(m.From, m.To) {
		if on := p.world.Message(m.From, m.To, i); on.Kind == m.Kind && bytes.Equal(on.Payload, m.Payload) {
			return i
		}
	}
	panic(contradiction("the world has no %s from %v to %v where the exploration has one", m.Kind, m.From, m.To))
}
