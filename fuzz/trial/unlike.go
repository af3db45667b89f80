package trial

import (
	"fmt"

	"raftcheck/faults"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// markWatch notes the trace hash after each record while it is on.
type markWatch struct {
	on    bool
	hash  *trace.TraceHash
	marks []mark
}

// mark is the trace hash after a record.
type mark struct {
	event int
	node  raft.NodeID
	sum   uint64
}

// Observe notes a record. The hash must have been updated before.
func (w *markWatch) Observe(r *trace.Record) {
	if w.on {
		w.marks = append(w.marks, mark{r.Event, r.Node, w.hash.Sum()})
	}
}

// Unlike reports whether two runs of a schedule leave different traces.
func Unlike(r Executor, s *faults.Schedule) bool {
	first := r.Run(s).TraceHash
	return r.Run(s).TraceHash != first
}

// unlikeFrom says in words from where on two runs of a schedule differ, as far as the
// executor shows it: a process apart shows hashes alone.
func unlikeFrom(r Executor, s *faults.Schedule) string {
	if r, ok := r.(interface{ unlikeFrom(*faults.Schedule) string }); ok {
		return r.unlikeFrom(s)
	}
	return "in their traces"
}

// unlikeFrom runs a schedule until two traces differ, and says in words from where on.
func (r *Runner) unlikeFrom(s *faults.Schedule) string {
	first := r.marked(s)
	for range RecurrenceRuns {
		second := r.marked(s)
		for i := range min(len(first), len(second)) {
			if first[i] != second[i] {
				return fmt.Sprintf("from event %d on, in a step of %s", first[i].event, first[i].node)
			}
		}
		if len(first) != len(second) {
			return "at their ends"
		}
	}
	return "in a way that further runs did not show"
}

// marked runs a schedule and returns the trace hash after each record.
func (r *Runner) marked(s *faults.Schedule) []mark {
	r.marks = markWatch{on: true, hash: &r.hash}
	r.Run(s)
	marks := r.marks.marks
	r.marks = markWatch{hash: &r.hash}
	return marks
}
