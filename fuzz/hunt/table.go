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

// Table is the result of a matrix, also as JSON.
type Table struct {
	Seconds   float64  `json:"seconds"`
	Seeds     int      `json:"seeds"`
	Engines   []string `json:"engines"`
	Mutants   []*Row   `json:"mutants"`
	Reference *Row     `json:"reference"` // the program without a mutant: a find is a false alarm
	Summary   Summary  `json:"summary"`
	Stopped   bool     `json:"stopped"` // ended before all hunts were done
}

// Row is the results of one mutant.
type Row struct {
	Name       string   `json:"name"`
	Properties []string `json:"properties,omitempty"` // that its file names
	Killed     bool     `json:"killed"`               // by any engine
	Error      string   `json:"error,omitempty"`      // the reason why there is no program
	Cells      []*Cell  `json:"engines"`              // one for each engine, in their order

	mutant   *mutant.Mutant // nil if it could not be read, or for the reference
	program  string         // "" if it could not be built
	waiting  int            // the number of jobs that are not done
	smallest *Report
}

// Cell is the results of one engine on one mutant. Medians (the lower of two) and worst
// values are over all seeds. A hunt that found nothing counts as infinitely long, and a
// value that is infinite is null.
type Cell struct {
	Engine          string   `json:"engine"`
	Killed          bool     `json:"killed"` // under one seed at least
	Kills           int      `json:"kills"`  // the number of seeds under which it was killed
	Runs            int      `json:"runs"`   // the number of seeds that were tried
	Property        string   `json:"property"`
	Executions      *int     `json:"executions"` // until the kill; states, of explorations
	ExecutionsWorst *int     `json:"executions_worst"`
	CPUSeconds      *float64 `json:"cpu_seconds"`
	CPUSecondsWorst *float64 `json:"cpu_seconds_worst"`
	Events          int      `json:"events"` // of the smallest counterexample
	Error           string   `json:"error,omitempty"`

	seeds int       // the largest number of seeds
	over  bool      // all seeds were tried, or nothing was found under the last one
	hunts []*Report // by seed
}

// Summary is the totals of a table.
type Summary struct {
	Mutants    int      `json:"mutants"`
	Killed     int      `json:"killed"`      // by any engine
	Escaped    []string `json:"escaped"`     // from all engines
	NotChecked []string `json:"not_checked"` // not killed, and not all hunts came to their end
	// BySwarm is the number of mutants that swarm kills within SwarmSeconds under at
	// least half of the seeds tried; BySwarmAlways, under every seed.
	SwarmSeconds  float64          `json:"swarm_seconds"`
	BySwarm       int              `json:"by_swarm"`
	BySwarmAlways int              `json:"by_swarm_always"`
	Events        int              `json:"events"` // the median of the smallest counterexamples
	Engines       []*EngineSummary `json:"engines"`
}

// EngineSummary is the totals of one engine. Executions, CPUSeconds and Events are medians
// over the hunts that found a violation, and Events over the mutants killed.
type EngineSummary struct {
	Engine     string   `json:"engine"`
	Killed     int      `json:"killed"` // under one seed at least
	Always     int      `json:"always"` // under each seed
	Alone      []string `json:"alone"`  // those that no other engine killed
	Executions int      `json:"executions"`
	CPUSeconds float64  `json:"cpu_seconds"`
	Events     int      `json:"events"`
	// ExecutionsMost and CPUSecondsMost are the largest values of a hunt that found a violation.
	ExecutionsMost int     `json:"executions_most"`
	CPUSecondsMost float64 `json:"cpu_seconds_most"`
	FalseAlarms    int     `json:"false_alarms"` // seeds under which it found a violation in the reference
	Errors         int     `json:"errors"`
}

// swarmSeconds is the CPU time in which the project wants random schedules to find mutants.
const swarmSeconds = 10

// sum computes the numbers of a row from its hunts.
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

// sum computes the numbers of a cell. It returns the hunts that found a violation, by seed.
func (c *Cell) sum() (kills []*Report) {
	c.Runs, kills = len(c.hunts), c.kills()
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

// kills returns the hunts that found a violation, by seed.
func (c *Cell) kills() (list []*Report) {
	for _, h := range c.hunts {
		if h.Killed {
			list = append(list, h)
		}
	}
	return list
}

// always reports whether the engine kills the mutant under every seed.
func (c *Cell) always() bool { return c.Kills == c.seeds }

// gather returns a value of each hunt, sorted.
func gather[T cmp.Ordered](hunts []*Report, of func(*Report) T) (sorted []T) {
	for _, h := range hunts {
		sorted = append(sorted, of(h))
	}
	slices.Sort(sorted)
	return sorted
}

// ranked returns a pointer to the value with a rank, or nil if there are fewer values.
func ranked[T any](sorted []T, rank int) *T {
	if rank >= len(sorted) {
		return nil
	}
	return &sorted[rank]
}

// median returns the median, the upper one of an even number, or 0 of no values.
func median[T cmp.Ordered](values []T) (middle T) {
	if len(values) == 0 {
		return middle
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// sum computes the summary.
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

// complete reports whether all hunts of a row came to their end without an error.
func (r *Row) complete() bool {
	open := func(c *Cell) bool { return !c.over || c.Error != "" }
	return r.Error == "" && !slices.ContainsFunc(r.Cells, open)
}

// sumEngine computes the totals of the engine in a column.
func (t *Table) sumEngine(column int, engine string) *EngineSummary {
	e := &EngineSummary{Engine: engine, Alone: []string{}, FalseAlarms: t.Reference.Cells[column].Kills}
	if t.Reference.Cells[column].Error != "" {
		e.Errors++
	}
	var kills []*Report
	var events []int
	for _, r := range t.Mutants {
		c := r.Cells[column]
		if c.Error != "" {
			e.Errors++
		}
		if engine == "swarm" {
			t.Summary.countSwarm(c)
		}
		if !c.Killed {
			continue
		}
		e.count(r, c)
		events = append(events, c.Events)
		kills = append(kills, c.kills()...)
	}
	e.sum(kills)
	e.Events = median(events)
	return e
}

// countSwarm counts a mutant that swarm kills in time.
func (s *Summary) countSwarm(c *Cell) {
	if c.Executions == nil || *c.CPUSeconds > swarmSeconds {
		return
	}
	s.BySwarm++
	if c.always() && *c.CPUSecondsWorst <= swarmSeconds {
		s.BySwarmAlways++
	}
}

// count counts a mutant that the engine kills.
func (e *EngineSummary) count(r *Row, c *Cell) {
	e.Killed++
	if c.always() {
		e.Always++
	}
	if !slices.ContainsFunc(r.Cells, func(other *Cell) bool { return other != c && other.Killed }) {
		e.Alone = append(e.Alone, r.Name)
	}
}

// sum computes medians and largest values over the hunts that found a violation.
func (e *EngineSummary) sum(kills []*Report) {
	var executions []int
	var seconds []float64
	for _, h := range kills {
		executions, seconds = append(executions, h.Executions), append(seconds, h.CPUSeconds)
		e.ExecutionsMost = max(e.ExecutionsMost, h.Executions)
		e.CPUSecondsMost = max(e.CPUSecondsMost, h.CPUSeconds)
	}
	e.Executions, e.CPUSeconds = median(executions), median(seconds)
}

// Outcome returns held if every mutant was killed, and violated if one escaped or a
// violation was found in the reference. A table that was stopped or has errors is not
// checked.
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

// Errors lists the errors of all rows and cells, each with the name of its mutant.
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

// Counterexample returns the smallest schedule that was found for a mutant, with the
// mutant's prose and the verdicts of its program. It is nil if none was found. An error
// is of a program that reported a schedule which does not parse.
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
