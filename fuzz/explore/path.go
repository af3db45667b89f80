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
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// finding is the schedule that leads from the start to what violates a property,
// as the one path from schedules to verdicts judges it. If that does not find the
// violation, the exploration is wrong.
func (x *explorer) finding(property string, s *sighting) *fuzz.Finding {
	schedule := x.schedule(s)
	runner := trial.NewRunner(x.System, service.Set{x.Start.Service})
	result := runner.Run(schedule)
	verdict := result.Of(property)
	if verdict.Outcome != models.Violated {
		panic(fmt.Sprintf("explored a violation of %s, and its schedule has none: %q\n%s", property, result.Lines(), schedule))
	}
	schedule.Events = schedule.Events[:verdict.Event]
	result = runner.Run(schedule)
	return fuzz.NewFinding(trial.PropertyOf(x.System, property), schedule, &result)
}

// schedule writes down the way to a sighting. Nothing but the fingerprint of each
// state on the way is known: the options of the state before it tell which of
// them led there.
func (x *explorer) schedule(s *sighting) *faults.Schedule {
	p := newPath(x)
	for _, print := range x.way(s.at) {
		p.follow(print)
	}
	p.take(x.workers[0].options(&p.state)[s.option])
	return p.schedule
}

// way lists the fingerprints of the states that lead to a visited one, without the first.
func (x *explorer) way(r ref) []fingerprint {
	var way []fingerprint
	for r != x.root.ref {
		shard := &x.visited[r.shard()]
		way = append(way, shard.print(r.place()))
		r = shard.parent(r.place())
	}
	slices.Reverse(way)
	return way
}

// path is a way through the states, and beside it the world that goes the same
// way by the events of a schedule.
type path struct {
	*worker
	state    state
	world    *faults.World
	schedule *faults.Schedule
}

func newPath(x *explorer) *path {
	p := &path{worker: x.workers[0], schedule: x.Start.Clone(), world: faults.NewWorld(new(trace.View))}
	p.state.become(&x.root)
	p.schedule.Golden = nil
	p.world.Reset(x.System, x.Start)
	for _, e := range x.Start.Events {
		p.world.Apply(e)
	}
	return p
}

// follow takes the first option that leads to a state.
func (p *path) follow(print fingerprint) {
	options := slices.Clone(p.options(&p.state))
	for i := range options {
		if result, _ := p.worker.take(&p.state, &options[i]); result == followed && p.print(&p.next) == print {
			p.take(options[i])
			return
		}
	}
	panic(fmt.Sprintf("no option leads from a state to the one that followed it, %v", print))
}

// take takes an option, in the states and in the world.
func (p *path) take(o option) {
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

func (p *path) apply(e faults.Event) {
	p.schedule.Events = append(p.schedule.Events, e)
	p.world.Apply(e)
}

// eventOf is an option as an event of the schedule.
func (p *path) eventOf(o option) faults.Event {
	if o.at == noMessage {
		return p.event(&p.state, o.choice, nil)
	}
	m := p.parts.messages.at(p.state.messages[o.at])
	e := p.event(&p.state, o.choice, m)
	e.K = int32(p.position(&m.Message))
	return e
}

// position is where the world has a message on its link.
func (p *path) position(m *raft.Message) int {
	for i := range p.world.InFlight(m.From, m.To) {
		if on := p.world.Message(m.From, m.To, i); on.Kind == m.Kind && bytes.Equal(on.Payload, m.Payload) {
			return i
		}
	}
	panic(fmt.Sprintf("the world has no %s from %v to %v where the exploration has one", m.Kind, m.From, m.To))
}
