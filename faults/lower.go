package faults

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Lower returns the schedule with every macro event replaced by the plain
// events that it stands for, and without events that are ignored. Both
// schedules have the same trace, except for the records about a macro event itself.
func Lower(system raft.System, s *Schedule) *Schedule {
	lowered := s.header()
	w := NewWorld(new(trace.View))
	w.Lowered(func(e Event) { lowered.Events = append(lowered.Events, e) })
	w.Reset(system, s)
	for _, e := range s.Events {
		w.Apply(e)
	}
	return lowered
}
