package faults

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Lower returns the schedule with every macro event replaced by the plain
// events that it stands for, and without events that are ignored. Both
// schedules have the same trace, except for the records about a macro event itself.
func Lower(system raft.System, s *Schedule) *Schedule {
	lowered, _ := lower(system, s)
	return lowered
}

// Loop returns the plain events that a cluster repeats for ever, if the schedule ends with a
// heal after which its state came back. Otherwise it returns none.
func Loop(system raft.System, s *Schedule) []Event {
	lowered, w := lower(system, s)
	return lowered.Events[len(lowered.Events)-w.loop:]
}

func lower(system raft.System, s *Schedule) (*Schedule, *World) {
	lowered := s.header()
	w := NewWorld(new(trace.View))
	w.Lowered(func(e Event) { lowered.Events = append(lowered.Events, e) })
	w.Reset(system, s)
	for _, e := range s.Events {
		w.Apply(e)
	}
	return lowered, w
}
