package generate

import (
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/raft"
)

// Continue runs a schedule and writes further events after its own: at most so many, and then
// those of the end. They are drawn under one of the profiles of [Swarm] that suits the
// schedule, and plays are frequent. Continue calls seen after each event that is not of the
// end, with the events so far, whose memory is not written again. The whole schedule is one
// that no sound Raft fails under, if the given one is.
func Continue(
	r *trial.Runner, of *faults.Schedule, events int, src Source, seen func([]faults.Event),
) (*faults.Schedule, trial.Result) {
	g := generator{src: src, world: r.World(), limits: raft.LimitsOf(r.System()), events: events, seen: seen}
	suited := suiting(of)
	p := suited[src.Below(len(suited))].within(g.limits)
	p.Swarm = true
	g.batches = raft.Batches(r.System()) && g.one(batchesIn)
	g.profile, g.table = &p, p.draw(src, g.batches)
	g.furnish(of)
	g.play.hasten(src)
	s := *of
	s.Events = make([]faults.Event, 0, len(of.Events)+2*events)
	r.Begin(&s)
	for _, e := range of.Events {
		s.Events = append(s.Events, e)
		r.Apply(e)
		g.hazards.Note(&e)
		seen(s.Events[:len(s.Events):len(s.Events)])
	}
	return g.write(r, &s)
}

// suiting lists the profiles under which a schedule can go on.
func suiting(of *faults.Schedule) []Profile {
	leases := KeepsLeases(of)
	return slices.DeleteFunc(slices.Clone(Swarm.Of), func(p Profile) bool {
		return p.Leases != leases || p.Service != "" && p.Service != of.Service.Name()
	})
}

// KeepsLeases reports whether a schedule has leases, and clocks that keep within their bound. It
// goes on so.
func KeepsLeases(of *faults.Schedule) bool {
	return of.PreVote && !slices.ContainsFunc(of.Events, func(e faults.Event) bool {
		wild := e.Kind == faults.Skew && !slices.Contains(bounded, e.K)
		return wild || e.Kind.Hazard() == faults.JumpsClock
	})
}
