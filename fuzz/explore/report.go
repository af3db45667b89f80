package explore

import (
	"raftcheck/fuzz"
	"raftcheck/models"
)

// Report is what an exploration has to tell.
type Report struct {
	Distinct  int // states, those that differ by a renaming counted once
	Explored  int // of them, whose every option was tried
	Generated int // options tried that lead to a state, visited or not
	Beyond    int // options that the bounds leave out
	// Levels has the number of states that take so many events, 0 events first.
	Levels []int
	// Renamings is how many ways to name the nodes make states equal; 1 is no reduction.
	Renamings int
	// Replayed says that the system's nodes cannot be cloned. Each step is then
	// carried out anew from the node's boot on, and nodes are alike only if the same
	// happened to them.
	Replayed bool
	// Bytes is what visited states and those to be explored take.
	Bytes int
	// Parts are what states are made of.
	Places, Messages, Memories, Steps int
	// Sum is over the fingerprints of all states: equal sums are equal sets.
	Sum       fingerprint
	Exhausted bool   // every state within the bounds was visited
	Stopped   string // why not
	// NotChecked has the properties that the nodes do not show enough for.
	NotChecked []models.Verdict
	// Before has the properties that the start violates, of which nothing more is found.
	Before   []string
	Findings []*fuzz.Finding // of each violated property a shortest one
	Depths   map[string]int  // how many events from the start violate the property
}

// Outcome is violated if something is, and held if nothing is within the bounds.
func (r *Report) Outcome() models.Outcome {
	switch {
	case len(r.Findings) > 0 || len(r.Before) > 0:
		return models.Violated
	case r.Stopped != "" || len(r.NotChecked) > 0:
		return models.NotChecked
	}
	return models.Held
}

// finish makes the report.
func (x *explorer) finish() *Report {
	r := &x.report
	r.Depths = map[string]int{}
	r.Sum = fingerprint{}
	for i := range x.visited {
		r.Sum = r.Sum.plus(x.visited[i].sum)
	}
	r.Places, r.Messages = int(x.parts.places.count), int(x.parts.messages.count)
	r.Memories, r.Steps = int(x.parts.memories.count), int(x.shared.count)
	for _, p := range Judges(x.System) {
		if s := x.first[p]; s != nil {
			r.Findings = append(r.Findings, x.finding(p, s))
			r.Depths[p] = s.depth
		}
	}
	return r
}
