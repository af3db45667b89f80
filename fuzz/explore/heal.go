package explore

import (
	"raftcheck/faults"
	"raftcheck/models"
)

// The properties that some bounds ask for: heals, and reads from leases.
var (
	liveness = new(models.Liveness).Property().Name
	leases   = new(models.Leases).Property().Name
)

// healed takes the place of an option in a sighting whose last event is a heal.
const healed = -1

// heal is the event that ends every fault, and passes time until the cluster works.
func (x *explorer) heal() faults.Event {
	return faults.Event{Kind: faults.Heal, K: int32(x.bounds.Heal)}
}

// rests reports whether a heal is to judge a state: nothing is in flight in it, and no write
// is pending. Deliveries are free, so that most other states lead to one that rests.
func (w *worker) rests(s *state) bool {
	if !w.heals || w.first[liveness] != nil || len(s.messages) > 0 {
		return false
	}
	for _, number := range s.places {
		if w.parts.places.at(number).pending > 0 {
			return false
		}
	}
	return true
}

// judgeHealed heals the cluster of a state, in a world that took the way to it. It sights a
// violation if the cluster does not work then.
func (w *worker) judgeHealed(s *state, seg *segment) {
	p, heal := w.healer, w.heal()
	p.to(s.ref)
	p.schedule.Events = append(p.schedule.Events, heal)
	if w.Before != nil && !w.Before(func() *faults.Schedule { return p.schedule }) {
		return
	}
	seg.healed++
	if p.world.Apply(heal); len(p.monitor.Violated(nil)) > 0 {
		seg.sightings = append(seg.sightings, found{liveness, s.ref, healed})
	}
}

// loop lists the events that come back for ever at the end of a schedule.
func (x *explorer) loop(s *faults.Schedule) (list []string) {
	for _, e := range faults.Loop(x.System, s) {
		list = append(list, e.String())
	}
	return list
}
