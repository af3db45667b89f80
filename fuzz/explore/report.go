package explore

import (
	"raftcheck/fuzz"
	"raftcheck/models"
)

// Report is the result of an exploration.
type Report struct {
	Distinct  int // visited states; those that differ by a renaming count as one
	OnDisk    int // of these, those that memory does not hold
	Explored  int // visited states whose options were all tried
	Generated int // options tried that lead to a state, visited or not, apart from Beyond
	Beyond    int // options tried that lead beyond the bounds
	Healed    int // visited states whose cluster was healed, to judge Liveness
	// Levels is the number of states by their distance from the start in events, 0 first.
	Levels []int
	// Renamings is the number of renamings under which states count as equal; 1 means
	// no reduction.
	Renamings int
	// Replayed is set if the system's nodes cannot be cloned. Each step is then
	// repeated from the node's boot on, and two nodes are equal only if they had the
	// same inputs.
	Replayed bool
	// Unkept describes a promise to ignore a message for good ([raft.Ignoring]) that a node broke,
	// "" if none did. Then no message was dropped.
	Unkept string
	// Bytes is the memory of the visited states and of those to explore.
	Bytes int
	// Places, Messages and Memories count the different parts of states; Steps counts
	// the different steps.
	Places, Messages, Memories, Steps int
	// Sum is the sum of the fingerprints of all states: equal sums mean equal sets.
	Sum       fingerprint
	Exhausted bool   // every state within the bounds was visited
	Stopped   string // the reason why it ended before that, "" if nothing stopped it
	// NotChecked lists the verdicts on properties that the nodes do not show enough for.
	NotChecked []models.Verdict
	// Before lists the properties that the start violates; they are not judged further.
	Before   []string
	Findings []*fuzz.Finding // a shortest one of each violated property
	Depths   map[string]int  // the number of events from the start to the violation
	// Loop lists the events that a cluster repeats for ever once it was healed, if Liveness is
	// violated by a state that comes back.
	Loop []string
}

// Outcome returns violated if any property is violated, not checked if the exploration
// was stopped, and held otherwise: all states within the bounds were visited.
func (r *Report) Outcome() models.Outcome {
	switch {
	case len(r.Findings) > 0 || len(r.Before) > 0:
		return models.Violated
	case r.Stopped != "" || len(r.NotChecked) > 0:
		return models.NotChecked
	}
	return models.Held
}

// finish completes the report.
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
			if p == liveness {
				r.Loop = x.loop(r.Findings[len(r.Findings)-1].Schedule)
			}
		}
	}
	return r
}
