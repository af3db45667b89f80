package campaign

import (
	"math/bits"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/raft"
)

// block gathers the results of the schedules of a block.
type block struct {
	span     Span
	often    *sightings // of the journal
	left     int        // schedules to come
	events   int
	sum      Sum
	verdicts []verdicts
	goals    [trial.MaxGoals]Reached
	pairs    pairCounts
	states   map[trial.State]int
	heals    map[int]int   // as in Tally
	found    fuzz.Findings // of what broke first in each
}

// verdicts is the counts of a property.
type verdicts struct {
	property string
	fuzz.Counts
}

// pairCounts is how many schedules reached two goals, at most seenOften; the lower first.
type pairCounts [trial.MaxGoals][trial.MaxGoals]uint8

func newBlock(s Span, often *sightings) *block {
	return &block{
		span: s, often: often, left: s.To - s.From,
		states: map[trial.State]int{}, heals: map[int]int{}, found: fuzz.Findings{},
	}
}

// add adds the result of a schedule of the block, which is s if it violates a property.
func (b *block) add(number int, r *trial.Result, s *faults.Schedule, system raft.System) {
	b.left--
	b.events += r.Events
	b.sum += Sum(fuzz.TraceSum(number, r.TraceHash))
	for i, v := range r.Verdicts {
		c := b.counts(i, v.Property)
		*c = c.With(v.Outcome)
	}
	b.reach(number, r.Goals)
	for _, state := range r.States {
		if b.often.states[state] < seenOften {
			b.states[state]++
		}
	}
	for _, ticks := range r.Heals {
		b.heals[1<<bits.Len(uint(ticks))>>1]++
	}
	broken := r.Violated()
	if broken == "" {
		return
	}
	if !b.found.Wants(broken, number, r.Of(broken).String()) {
		return
	}
	f := fuzz.NewFinding(trial.PropertyOf(system, broken), s, r)
	f.Number = number
	b.found.Add(f)
}

// counts returns the counts of a property, which is the usual one at a place among verdicts.
func (b *block) counts(place int, property string) *fuzz.Counts {
	if place >= len(b.verdicts) || b.verdicts[place].property != property {
		place = slices.IndexFunc(b.verdicts, func(v verdicts) bool { return v.property == property })
	}
	if place < 0 {
		place, b.verdicts = len(b.verdicts), append(b.verdicts, verdicts{property: property})
	}
	return &b.verdicts[place].Counts
}

// reach counts the goals of a schedule, and the pairs of them.
func (b *block) reach(number int, set trial.GoalSet) {
	one := Reached{Schedules: 1, Rarest: number, Goals: set.Len()}
	for low := range set.All() {
		if b.goals[low].Schedules == 0 {
			b.goals[low] = one
		} else {
			b.goals[low] = b.goals[low].with(one)
		}
		for high := range (set >> low &^ 1 << low &^ b.often.full[low]).All() {
			b.pairs[low][high] = min(b.pairs[low][high]+1, seenOften)
		}
	}
}

// tally is the tally of the block, but for its findings and sightings.
func (b *block) tally(build string, goals trial.Goals) *Tally {
	t := &Tally{
		Done: Spans{b.span}, Events: b.events, TraceHash: b.sum, Verdicts: map[string]fuzz.Counts{},
		Goals: map[string]Reached{}, Heals: b.heals, Builds: map[string]int{build: b.span.To - b.span.From},
	}
	for _, v := range b.verdicts {
		t.Verdicts[v.property] = v.Counts
	}
	for g, reached := range b.goals[:len(goals)] {
		if reached.Schedules > 0 {
			t.Goals[goals[g].Name] = reached
		}
	}
	return t
}

// sightings counts the pairs and states that a journal has. It has the first seenOften sightings
// of each, in ascending order of their schedules, and no more: that keeps its lines short.
//
// Invariant: the sum of the journals, and of the result in which earlier ones are, has each
// sighting as often as it happened, at most seenOften times, and its first block. A line
// that is ignored, as another process did its block too, changes nothing: a journal comes
// before another or after it for good, and the first one has all its lines. For each
// sighting in an ignored line it has the same sighting, or seenOften that are no later.
//
// Blocks leave out of their counts those that the journal has seenOften times already.
type sightings struct {
	pairs  pairCounts
	full   [trial.MaxGoals]trial.GoalSet // the pairs that were seenOften: the higher goals of each goal
	states map[trial.State]int
}

func newSightings() sightings { return sightings{states: map[trial.State]int{}} }

// note adds to the tally of a block its sightings that the journal needs.
func (s *sightings) note(b *block, t *Tally, goals trial.Goals) {
	t.Pairs, t.States = map[string]Sighting{}, map[State]Sighting{}
	for low := range goals {
		for high := low + 1; high < len(goals); high++ {
			n := min(b.pairs[low][high], seenOften-s.pairs[low][high])
			if s.pairs[low][high] += n; n > 0 {
				t.Pairs[goals[low].Name+" "+goals[high].Name] = Sighting{int(n), b.span.From}
			}
			if s.pairs[low][high] == seenOften {
				s.full[low] |= 1 << high
			}
		}
	}
	for state, n := range b.states {
		if n = min(n, seenOften-s.states[state]); n > 0 {
			s.states[state] += n
			t.States[State(state)] = Sighting{n, b.span.From}
		}
	}
}
