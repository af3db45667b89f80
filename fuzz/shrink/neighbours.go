package shrink

import (
	"slices"

	"raftcheck/faults"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// MaxChanges is how far from its centre a neighbourhood may reach.
const MaxChanges = 8

// Neighbours walks the lists of events that are a number of changes away from those of a
// schedule, and no fewer. It visits them in the order of a dictionary, event by event, so
// each comes up once, however many ways lead to it. The events that may be put in at a
// place are those enabled in the world that the events before it lead to.
type Neighbours struct {
	system   raft.System
	schedule *faults.Schedule
	leases   bool // whether the schedule relies on them
	hazards  faults.Hazards
	changes  int
	world    *faults.World
	events   []faults.Event // those walked
	next     []faults.Event // what can come next
	// visit takes a list in two parts and reports whether to go on.
	visit func(head, tail []faults.Event) bool
}

// NewNeighbours returns the neighbours of a schedule, without its checks: these are of
// the schedule as it is. They are shown to visit, each in two
// parts that are valid during the call; visit reports whether to go on.
func NewNeighbours(
	system raft.System, s *faults.Schedule, visit func(head, tail []faults.Event) bool,
) *Neighbours {
	return &Neighbours{
		system: system, schedule: s.WithoutChecks(), leases: s.TrustsClocks(),
		world: faults.NewWorld(new(trace.View)), visit: visit,
	}
}

// Within walks the lists that are so many changes away. A change is an event left out,
// put in, or replaced by another one. It reports whether every visit wanted to go on.
func (n *Neighbours) Within(changes int) bool {
	n.changes, n.events = changes, n.events[:0]
	return n.walk(n.row())
}

// Beyond walks the schedule's events followed by so many further ones. It reports whether
// every visit wanted to go on.
func (n *Neighbours) Beyond(changes int) bool {
	n.changes, n.events = changes, append(n.events[:0], n.schedule.Events...)
	return n.walk(n.row())
}

// row is one row of the table of edit distances (Wagner, Fischer: The string-to-string
// correction problem, 1974). Element j is the fewest changes that turn a prefix of the
// schedule into the events walked. The prefix is j-changes events longer than the walk;
// other prefixes are more changes away than any list that is visited.
type row [2*MaxChanges + 1]uint8

// far is more changes than there can be.
const far = MaxChanges + 1

// row is the row to begin with: any of the schedule's events after the ones walked can be
// left out.
func (n *Neighbours) row() (r row) {
	for j := range r {
		r[j] = far
		if out := j - n.changes; out >= 0 && n.first(j) <= len(n.schedule.Events) {
			r[j] = uint8(min(out, far))
		}
	}
	return r
}

// first is the length of the prefix of the schedule that element j of the row stands for.
func (n *Neighbours) first(j int) int { return len(n.events) + j - n.changes }

// least is the fewest changes so far.
func (r *row) least() int { return int(slices.Min(r[:])) }

// after is the row when one more event is walked. An event that is not allowed can only
// be the schedule's own.
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

// misses is the fewest changes if the list ends here.
func (n *Neighbours) misses(r *row) int {
	if j := len(n.schedule.Events) - n.first(0); j >= 0 && j < len(r) {
		return int(r[j])
	}
	return far
}

// replay brings the world into the state after the events walked.
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

// branches visits the lists that one more event completes, and returns the other events
// to go on with. The last has the fewest changes, so the rest of the schedule is walked
// without going back.
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

// candidates sets next to the events that can come next: those that may be put in, of
// which it returns the number, and then those of the schedule's own that may not.
func (n *Neighbours) candidates(r *row) (allowed int) {
	n.next = n.next[:0]
	n.weigh()
	for e := range n.world.Enabled() {
		if n.hazards.Allow(&e) {
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

// weigh makes hazards those of the schedule with the events walked. The walk may leave
// events of the schedule out later, but their hazards count.
func (n *Neighbours) weigh() {
	n.hazards.Reset(n.schedule, n.leases)
	for i := range n.schedule.Events {
		n.hazards.Note(&n.schedule.Events[i])
	}
	for i := range n.events {
		n.hazards.Note(&n.events[i])
	}
}
