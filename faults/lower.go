package faults

import (
	"raftcheck/models"
	"raftcheck/raft"
)

// Lower returns the schedule with every macro event replaced by the plain
// events that it stands for, and without events that are ignored. Both
// schedules have the same trace, but for the records that tell of a macro
// event itself.
func Lower(system raft.System, s *Schedule) *Schedule {
	lowered := &Schedule{Prose: s.Prose, System: s.System, Nodes: s.Nodes, Rand: s.Rand}
	w := NewWorld(models.NewMonitor())
	w.Lowered(func(e Event) { lowered.Events = append(lowered.Events, e) })
	w.Reset(system, s.Nodes, s.Rand)
	for _, e := range s.Events {
		w.Apply(e)
	}
	return lowered
}
