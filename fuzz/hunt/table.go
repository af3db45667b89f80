package hunt

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz/mutant"
	"raftcheck/models"
	"raftcheck/models/service"
)

// Table is what came of a matrix, also as JSON.
type Table struct {
	Seconds   float64  `json:"seconds"`
	Seeds     int      `json:"seeds"`
	Engines   []string `json:"engines"`
	Mutants   []*Row   `json:"mutants"`
	Reference *Row     `json:"reference"` // of the program without a mutant: what is found is a false alarm
	Summary   Summary  `json:"summary"`
	Stopped   bool     `json:"stopped"` // before all was done
}

// Row is a mutant, and what became of it.
type Row struct {
	Name       string   `json:"name"`
	Properties []string `json:"properties,omitempty"` // that its file names
	Killed     bool     `json:"killed"`               // by any engine
	Error      string   `json:"error,omitempty"`      // why there is no program
	Cells      []*Cell  `json:"engines"`              // one an engine, in their order

	mutant   *mutant.Mutant // nil if it could not be read, or is none
	program  string         // "" if it could not be built
	waiting  int            // hunts that are not over
	smallest *Report
}

// Cell is what an engine did to a mutant. Of several seeds medians (of two the
// lower) and worsts take a hunt that found nothing for one that would go on for
// ever; without a number they are null.
type Cell struct {
	Engine          string   `json:"engine"`
	Killed          bool     `json:"killed"` // under one seed at least
	Kills           int      `json:"kills"`  // under how many
	Runs            int      `json:"runs"`   // of how many that were tried
	Property        string   `json:"property"`
	Executions      *int     `json:"executions"` // until the kill; states, of explorations
	ExecutionsWorst *int     `json:"executions_worst"`
	CPUSeconds      *float64 `json:"cpu_seconds"`
	CPUSecondsWorst *float64 `json:"cpu_seconds_worst"`
	Events          int      `json:"events"` // of the smallest counterexample
	Error           string   `json:"error,omitempty"`

	seeds int       // how many it gets at most
	over  bool      // it had them, or found nothing under one
	hunts []*Report // by seed
}

// Summary is what a table comes to.
type Summary struct {
	Mutants    int      `json:"mutants"`
	Killed     int      `json:"killed"`      // by any engine
	Escaped    []string `json:"escaped"`     // from all engines
	NotChecked []string `json:"not_checked"` // not killed, and not hunted as it should have been
	// BySwarm is how many swarm kills within SwarmSeconds under half at least of the
	// seeds that it got, and BySwarmAlways under each that there are.
	SwarmSeconds  float64          `json:"swarm_seconds"`
	BySwarm       int              `json:"by_swarm"`
	BySwarmAlways int              `json:"by_swarm_always"`
	Events        int              `json:"events"` // the median of the smallest counterexamples
	Engines       []*EngineSummary `json:"engines"`
}

// EngineSummary is what an engine did to all mutants.
type EngineSummary struct {
	Engine     string   `json:"engine"`
	Killed     int      `json:"killed"` // under one seed at least
	Always     int      `json:"always"` // under each seed
	Alone      []string `json:"alone"`  // those that no other engine killed
	Executions int      `json:"executions"`
	CPUSeconds float64  `json:"cpu_seconds"`
	Events     int      `json:"events"`
	// The most that a hunt took that found something.
	ExecutionsMost int     `json:"executions_most"`
	CPUSecondsMost float64 `json:"cpu_seconds_most"`
	FalseAlarms    int     `json:"false_alarms"` // under how many seeds
	Errors         int     `json:"errors"`
}

// swarmSeconds is the CPU time in which the project wants random schedules to find mutants.
const swarmSeconds = 10

// sum makes the row's numbers from its hunts.
func (r *Row) sum() {
	for _, c := range r.Cells {
		for _, h := range c.sum() {
			r.Killed = true
			if r.smallest == nil || h.Events < r.smallest.Events {
				r.smallest = h
			}
		}
	}
}

// sum makes the cell's numbers, and returns the hunts that found something, by seed.
func (c *Cell) sum() (kills []*Report) {
	c.Runs = len(c.hunts)
	for _, h := range c.hunts {
		if h.Killed {
			kills = append(kills, h)
		}
	}
	if c.Kills = len(kills); c.Kills == 0 {
		return nil
	}
	c.Killed, c.Property = true, kills[0].Property
	c.Events = slices.MinFunc(kills, func(a, b *Report) int { return a.Events - b.Events }).Events
	executions := gather(kills, func(h *Report) int { return h.Executions })
	seconds := gather(kills, func(h *Report) float64 { return h.CPUSeconds })
	c.Executions, c.ExecutionsWorst = ranked(executions, (c.Runs-1)/2), ranked(executions, c.Runs-1)
	c.CPUSeconds, c.CPUSecondsWorst = ranked(seconds, (c.Runs-1)/2), ranked(seconds, c.Runs-1)
	return kills
}

// always says that the engine kills the mutant under each seed.
func (c *Cell) always() bool { return c.Kills == c.seeds }

// gather has something of each hunt, in order of size.
func gather[T cmp.Ordered](hunts []*Report, of func(*Report) T) (sorted []T) {
	for _, h := range hunts {
		sorted = append(sorted, of(h))
	}
	slices.Sort(sorted)
	return sorted
}

// ranked is the value of a rank, nil if there are not so many.
func ranked[T any](sorted []T, rank int) *T {
	if rank >= len(sorted) {
		return nil
	}
	return &sorted[rank]
}

// median is 0 of nothing, and of an even number the upper one.
func median[T cmp.Ordered](values []T) (middle T) {
	if len(values) == 0 {
		return middle
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// sum makes the summary.
func (t *Table) sum() {
	s := &t.Summary
	s.Mutants, s.Escaped, s.NotChecked = len(t.Mutants), []string{}, []string{}
	s.SwarmSeconds = min(t.Seconds, swarmSeconds)
	var events []int
	for _, r := range t.Mutants {
		switch {
		case r.Killed:
			s.Killed++
			events = append(events, r.smallest.Events)
		case r.complete():
			s.Escaped = append(s.Escaped, r.Name)
		default:
			s.NotChecked = append(s.NotChecked, r.Name)
		}
	}
	s.Events = median(events)
	for i, engine := range t.Engines {
		s.Engines = append(s.Engines, t.sumEngine(i, engine))
	}
}

// complete says that each hunt of the row came to its end.
func (r *Row) complete() bool {
	return r.Error == "" && !slices.ContainsFunc(r.Cells, func(c *Cell) bool { return !c.over || c.Error != "" })
}

// sumEngine makes the summary of the engine in a column.
func (t *Table) sumEngine(column int, engine string) *EngineSummary {
	e := &EngineSummary{Engine: engine, Alone: []string{}, FalseAlarms: t.Reference.Cells[column].Kills}
	if t.Reference.Cells[column].Error != "" {
		e.Errors++
	}
	var executions, events []int
	var seconds []float64
	for _, r := range t.Mutants {
		c := r.Cells[column]
		if c.Error != "" {
			e.Errors++
		}
		if engine == "swarm" && c.Executions != nil && *c.CPUSeconds <= swarmSeconds {
			t.Summary.BySwarm++
			if c.always() && *c.CPUSecondsWorst <= swarmSeconds {
				t.Summary.BySwarmAlways++
			}
		}
		if !c.Killed {
			continue
		}
		e.Killed++
		if c.always() {
			e.Always++
		}
		if !slices.ContainsFunc(r.Cells, func(other *Cell) bool { return other != c && other.Killed }) {
			e.Alone = append(e.Alone, r.Name)
		}
		events = append(events, c.Events)
		for _, h := range c.hunts {
			if h.Killed {
				executions, seconds = append(executions, h.Executions), append(seconds, h.CPUSeconds)
				e.ExecutionsMost, e.CPUSecondsMost = max(e.ExecutionsMost, h.Executions), max(e.CPUSecondsMost, h.CPUSeconds)
			}
		}
	}
	e.Executions, e.CPUSeconds, e.Events = median(executions), median(seconds), median(events)
	return e
}

// Outcome is held if every mutant was killed, and violated if one escaped or
// something was found where nothing is. A table that was stopped, or has errors, is
// not checked.
func (t *Table) Outcome() models.Outcome {
	switch {
	case t.Stopped:
		return models.NotChecked
	case len(t.Summary.Escaped) > 0 || t.Reference.Killed:
		return models.Violated
	case len(t.Errors()) > 0:
		return models.NotChecked
	}
	return models.Held
}

// Errors lists what went wrong, each with the name of its mutant.
func (t *Table) Errors() (texts []string) {
	for _, r := range append(slices.Clone(t.Mutants), t.Reference) {
		if r.Error != "" {
			texts = append(texts, r.Name+": "+r.Error)
		}
		for _, c := range r.Cells {
			if c.Error != "" {
				texts = append(texts, r.Name+": "+c.Engine+": "+c.Error)
			}
		}
	}
	return texts
}

// Counterexample is the smallest schedule that was found of a mutant, with the
// mutant's prose and the verdict of the mutated program; nil if none was.
func (r *Row) Counterexample(set service.Set) (*faults.Schedule, error) {
	if r.smallest == nil {
		return nil, nil
	}
	s, err := faults.Parse(r.Name, []byte(r.smallest.Schedule), set)
	if err != nil {
		return nil, fmt.Errorf("%s: what %s found: %w", r.Name, r.smallest.Engine, err)
	}
	if origin := len(s.Prose) - 2; r.mutant != nil { // which property, and who found it
		s.Prose = slices.Concat(r.mutant.Prose, []string{""}, s.Prose[max(origin, 0):])
	}
	return s, nil
}
