package campaign

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
)

// Tally is the result of a set of schedules. Tallies of disjoint sets can be added in any
// order, with the same sum. The zero value is that of no schedules.
type Tally struct {
	Done      Spans                  `json:"done"` // the numbers of the schedules
	Events    int                    `json:"events"`
	TraceHash Sum                    `json:"trace_hash"`
	Verdicts  map[string]fuzz.Counts `json:"verdicts,omitempty"` // by property
	Goals     map[string]Reached     `json:"goals,omitempty"`    // by goal
	Pairs     map[string]Sighting    `json:"pairs,omitempty"`    // two goals that one schedule reached
	States    map[State]Sighting     `json:"states,omitempty"`
	// Heals is how many heals took that many ticks, or more and less than twice as many.
	Heals    map[int]int         `json:"heals,omitempty"`
	Builds   map[string]int      `json:"builds,omitempty"`   // schedules by the build that ran them
	Findings map[string]*Finding `json:"findings,omitempty"` // by their signs
}

// Reached is how many schedules reached a goal, and the rarest of them.
type Reached struct {
	Schedules int `json:"schedules"`
	// Rarest is the number of the schedule that reached the most goals besides, the lowest
	// if there are several: a set of goals is reached at most as often as any part of it.
	Rarest int `json:"rarest"`
	Goals  int `json:"goals"` // that it reached
}

// Sighting is how many schedules showed something, and the block in which it was first.
type Sighting struct {
	Schedules int `json:"n"`     // at most seenOften
	First     int `json:"first"` // the lowest number of the block
}

// seenOften is the count at which sightings are not counted any more: estimates of the
// unseen need the kinds that were seen once and twice.
const seenOften = 3

// Sum is a sum of hashes: those of a campaign's traces with the numbers of their schedules.
type Sum uint64

// State is an abstract state of the cluster, as the key of a JSON object.
type State trial.State

// MarshalText writes 16 hexadecimal digits.
func (s Sum) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%016x", uint64(s)), nil }

// UnmarshalText reads hexadecimal digits.
func (s *Sum) UnmarshalText(text []byte) error { return hexadecimal((*uint64)(s), text) }

// MarshalText writes 16 hexadecimal digits.
func (s State) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%016x", uint64(s)), nil }

// UnmarshalText reads hexadecimal digits.
func (s *State) UnmarshalText(text []byte) error { return hexadecimal((*uint64)(s), text) }

func hexadecimal(n *uint64, text []byte) (err error) {
	*n, err = strconv.ParseUint(string(text), 16, 64)
	return err
}

// Schedules is how many schedules were done.
func (t *Tally) Schedules() int { return t.Done.Len() }

// Add adds a tally of other schedules.
func (t *Tally) Add(o *Tally) {
	t.Done = t.Done.With(o.Done...)
	t.Events += o.Events
	t.TraceHash += o.TraceHash
	merge(&t.Verdicts, o.Verdicts, func(a, b fuzz.Counts) fuzz.Counts {
		return fuzz.Counts{
			Held: a.Held + b.Held, Violated: a.Violated + b.Violated, NotChecked: a.NotChecked + b.NotChecked,
		}
	})
	merge(&t.Goals, o.Goals, Reached.with)
	merge(&t.Pairs, o.Pairs, Sighting.with)
	merge(&t.States, o.States, Sighting.with)
	merge(&t.Heals, o.Heals, plus)
	merge(&t.Builds, o.Builds, plus)
	merge(&t.Findings, o.Findings, (*Finding).with)
}

func plus(a, b int) int { return a + b }

// merge adds the values of a map to another. Values of one key become the sum.
func merge[K comparable, V any](to *map[K]V, from map[K]V, sum func(V, V) V) {
	if *to == nil && len(from) > 0 {
		*to = make(map[K]V, len(from))
	}
	for key, value := range from {
		if was, ok := (*to)[key]; ok {
			value = sum(was, value)
		}
		(*to)[key] = value
	}
}

// with is the sum for different schedules.
func (r Reached) with(o Reached) Reached {
	sum := r.Schedules + o.Schedules
	if cmp.Or(cmp.Compare(o.Goals, r.Goals), cmp.Compare(r.Rarest, o.Rarest)) > 0 {
		r = o
	}
	r.Schedules = sum
	return r
}

// with is the sum for different schedules.
func (s Sighting) with(o Sighting) Sighting {
	return Sighting{min(s.Schedules+o.Schedules, seenOften), min(s.First, o.First)}
}

// line returns the tally in JSON, in one line without its end.
func (t *Tally) line() []byte {
	text, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("a tally of plain values: %v", err))
	}
	return text
}

// mostSchedules is how many schedules a tally has at most, so that a number doubled is one.
const mostSchedules = math.MaxInt / 4

// valid returns an error for a tally that no campaign wrote.
func (t *Tally) valid() error {
	end := 0
	for i, one := range t.Done {
		if one.From < end || one.To <= one.From || i > 0 && one.From == end {
			return fmt.Errorf("expected ascending numbers of schedules, found %d to %d after %d",
				one.From, one.To, end)
		}
		end = one.To
	}
	if end > mostSchedules {
		return fmt.Errorf("expected at most %d schedules, found %d", mostSchedules, end)
	}
	for key, f := range t.Findings {
		if f == nil || f.First.Schedule > f.Last.Schedule || f.Blocks < 1 || len(f.Builds) == 0 {
			return fmt.Errorf("expected finding %q to be seen first and last, by builds", key)
		}
	}
	return nil
}
