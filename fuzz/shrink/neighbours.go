package shrink

import (
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// MaxChanges is how far from its centre a neighbourhood may reach.
const MaxChanges = 8

// neighbours walks the lists of events that are so many changes away from those
// of a schedule, and no fewer. It goes through them as through a dictionary,
// event by event, so that each comes up once, however many ways lead to it. What
// may be put in at a place is what is enabled in the world that the events before
// it lead to, and the world goes along.
type Neighbours struct {
	system   raft.System
	schedule *faults.Schedule
	leases   bool // whether it relies on them
	changes  int
	world    *faults.World
	events   []faults.Event // those walked
	next     []faults.Event // what can come next
	// visit is told of a list in two parts and reports whether to go on.
	visit func(head, tail []faults.Event) bool
}

func NewNeighbours(system raft.System, s *faults.Schedule, visit func(head, tail []faults.Event) bool) *Neighbours {
	leases := s.PreVote && slices.ContainsFunc(s.Events, func(e faults.Event) bool { return e.Kind == faults.LeaseRead })
	return &Neighbours{system: system, schedule: s, leases: leases, world: faults.NewWorld(new(trace.View)), visit: visit}
}

// within walks the lists that are so many changes away; a change is an event left
// out, put in, or replaced by another one.
func (n *Neighbours) Within(changes int) bool {
	n.changes, n.events = changes, n.events[:0]
	return n.walk(n.row())
}

// beyond walks the schedule's events with so many further ones at their end.
func (n *Neighbours) Beyond(changes int) bool {
	n.changes, n.events = changes, append(n.events[:0], n.schedule.Events...)
	return n.walk(n.row())
}

// row says how few changes make the events walked of the first events of the
// schedule (Wagner, Fischer: The string-to-string correction problem, 1974). The
// element at j is about as many first events as were walked, and j-changes more:
// further from the diagonal there are more changes than that.
type row [2*MaxChanges + 1]uint8

// far is more changes than there can be.
const far = MaxChanges + 1

// row is the one to begin with: of the schedule's events, those after the ones
// walked can be left out.
func (n *Neighbours) row() (r row) {
	for j := range r {
		r[j] = far
		if out := j - n.changes; out >= 0 && n.first(j) <= len(n.schedule.Events) {
			r[j] = uint8(min(out, far))
		}
	}
	return r
}

// first is how many first events of the schedule an element of the row is about.
func (n *Neighbours) first(j int) int { return len(n.events) + j - n.changes }

// least is how few changes there are so far.
func (r *row) least() int { return int(slices.Min(r[:])) }

// after is the row when one more event is walked. One that may not be put in can
// only be the schedule's own.
func (n *Neighbours) after(r *row, e *faults.Event, allowed bool) (next row) {
	put := uint8(far)
	if allowed {
		put = 1
	}
	for j := range next {
		next[j] = far
		first, best := n.first(j)+1, uint8(far)
		if first < 0 || first > len(n.schedule.Events) {
			continue
		}
		if j+1 < len(r) {
			best = min(best, r[j+1]+put) // put in
		}
		if first > 0 && n.schedule.Events[first-1] == *e {
			best = min(best, r[j])
		} else if first > 0 {
			best = min(best, r[j]+put) // put in the place of another
		}
		if first > 0 && j > 0 {
			best = min(best, next[j-1]+1) // the schedule's event left out
		}
		next[j] = best
	}
	return next
}

// branch is an event to go on with.
type branch struct {
	event faults.Event
	row   row
}

// walk visits every list that begins with the events walked.
func (n *Neighbours) walk(r row) bool {
	walked := len(n.events)
	defer func() { n.events = n.events[:walked] }()
	n.replay()
	for r.least() < n.changes {
		if n.misses(&r) == n.changes && !n.visit(n.events, nil) {
			return false
		}
		branches, more := n.branches(&r)
		if !more || len(branches) == 0 {
			return more
		}
		last := len(branches) - 1
		for _, b := range branches[:last] {
			n.events = append(n.events, b.event)
			if !n.walk(b.row) {
				return false
			}
			n.events = n.events[:len(n.events)-1]
		}
		n.events, r = append(n.events, branches[last].event), branches[last].row
		if last == 0 {
			n.world.Apply(branches[last].event)
		} else {
			n.replay()
		}
	}
	return n.complete(&r)
}

// misses is how few changes there are if the list ends here.
func (n *Neighbours) misses(r *row) int {
	if j := len(n.schedule.Events) - n.first(0); j >= 0 && j < len(r) {
		return int(r[j])
	}
	return far
}

// replay makes the world the one that the events walked lead to.
func (n *Neighbours) replay() {
	n.world.Reset(n.system, n.schedule)
	for i := range n.events {
		n.world.Apply(n.events[i])
	}
}

// complete visits the lists in which all changes are made: the schedule's own
// events follow.
func (n *Neighbours) complete(r *row) bool {
	for j := range r {
		if int(r[j]) == n.changes && !n.visit(n.events, n.schedule.Events[n.first(j):]) {
			return false
		}
	}
	return true
}

// branches visits the lists that one more event completes, and returns the other
// events to go on with. The last has the fewest changes, so that what is left of
// the schedule is walked without going back.
func (n *Neighbours) branches(r *row) (list []branch, more bool) {
	fewest, best := 0, far
	allowed := n.candidates(r)
	for i := range n.next {
		b := branch{n.next[i], n.after(r, &n.next[i], i < allowed)}
		least := b.row.least()
		switch {
		case least == n.changes:
			n.events = append(n.events, b.event)
			more := n.complete(&b.row)
			n.events = n.events[:len(n.events)-1]
			if !more {
				return nil, false
			}
		case least < n.changes:
			if least < best {
				fewest, best = len(list), least
			}
			list = append(list, b)
		}
	}
	if len(list) > 0 {
		last := len(list) - 1
		list[fewest], list[last] = list[last], list[fewest]
	}
	return list, true
}

// candidates makes next the events that can come next: those that may be put in, of
// which it returns the number, and those of the schedule's own that may not.
func (n *Neighbours) candidates(r *row) (allowed int) {
	n.next = n.next[:0]
	care := n.care()
	for e := range n.world.Enabled() {
		if care.allows(&e) {
			n.next = append(n.next, e)
		}
	}
	allowed = len(n.next)
	for j := range r {
		if int(r[j]) > n.changes || n.first(j) == len(n.schedule.Events) {
			continue
		}
		if own := n.schedule.Events[n.first(j)]; !slices.Contains(n.next, own) {
			n.next = append(n.next, own)
		}
	}
	return allowed
}

// care is what must not be put in, because no Raft could keep its promises then:
// a disk that the cluster cannot do without is not wiped, and where leases are
// read no clock jumps or stands still. Elsewhere leases are not read.
type care struct {
	leases bool
	lost   raft.NodeSet   // nodes whose disks are spoilt, now or later
	asked  []raft.NodeSet // the voters of every configuration that may come to be
}

// care is due to the schedule and to the events walked, whatever becomes of them.
func (n *Neighbours) care() care {
	s := n.schedule
	c := care{leases: n.leases, asked: []raft.NodeSet{s.First()}}
	for _, events := range [...][]faults.Event{s.Events, n.events} {
		for i := range events {
			switch e := &events[i]; e.Kind {
			case faults.Wipe, faults.Corrupt:
				c.lost = c.lost.With(e.Node)
			case faults.Reconfigure:
				c.asked = append(c.asked, e.Configuration().Voters)
			}
		}
	}
	return c
}

// allows reports whether an event that is enabled may be put in.
func (c *care) allows(e *faults.Event) bool {
	switch e.Kind {
	case faults.Tick, faults.Timeout, faults.Pause:
		return !c.leases
	case faults.LeaseRead:
		return c.leases
	case faults.Reconfigure:
		return generate.Majority(e.Configuration().Voters, c.lost)
	case faults.Wipe:
		return !slices.ContainsFunc(c.asked, func(voters raft.NodeSet) bool { return !generate.Majority(voters, c.lost.With(e.Node)) })
	}
	return true
}
