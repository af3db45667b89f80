package models

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Class is a class of records. Classes add up to a set. Most records say nothing new to most
// checkers, so that a monitor asks only those that need the class.
type Class uint8

// The classes of record.
const (
	// ClassChange: a step that changed the status or the log of its node, or after which an
	// entry is newly committed.
	ClassChange Class = 1 << iota
	// ClassTalk: any other step that a checker may learn something from.
	ClassTalk
	// ClassIdle: an idle step (see [trace.Record.Idle]) on another input than a tick. Idle ticks
	// break no property, and have no class.
	ClassIdle
	// ClassTurn: a node booted or stopped, or its disk or log changed outside of a step.
	ClassTurn
	// ClassOutside: clients, the operator, workers, links, and the cluster as a whole.
	ClassOutside
)

// ClassSteps is every step that is not idle.
const ClassSteps = ClassChange | ClassTalk

// Classes are all classes of record.
const Classes = ClassSteps | ClassIdle | ClassTurn | ClassOutside

// ClassOf returns the class of a record, which the view already has, or 0.
func ClassOf(v *trace.View, r *trace.Record) Class {
	switch r.Kind {
	case trace.Stepped:
		return classOfStep(v, r)
	case trace.Booted, trace.BootFailed, trace.Crashed, trace.Panicked, trace.Wiped,
		trace.BrokeContract, trace.Rotted, trace.Rewrote:
		return ClassTurn
	}
	return ClassOutside
}

func classOfStep(v *trace.View, r *trace.Record) Class {
	n := &v.Nodes[r.Node]
	if v.NewCommits != 0 || r.Changes(n) {
		return ClassChange
	}
	if !r.Quiet(n) {
		return ClassTalk
	}
	if _, ticks := r.Input.(*raft.Tick); ticks {
		return 0
	}
	return ClassIdle
}
