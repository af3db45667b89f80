package models

import (
	"slices"

	"raftcheck/raft"
)

// Judged is a System that brings properties of its own, which every run of it is
// judged by beside those of [Checkers].
type Judged interface {
	raft.System
	// Checkers returns a fresh checker of each property. Their names are letters and
	// digits, and no two of them, or of [Checkers], are the same.
	Checkers() []Checker
}

// CheckersOf returns a fresh checker for every property that runs of a system are
// judged by: [Checkers], and those that the system brings. A nil system brings none.
func CheckersOf(system raft.System) []Checker {
	checkers := Checkers()
	if j, ok := system.(Judged); ok {
		checkers = append(checkers, j.Checkers()...)
	}
	return checkers
}

// PropertiesOf lists the properties that CheckersOf judges, in their order.
func PropertiesOf(system raft.System) []Property {
	var list []Property
	for _, c := range CheckersOf(system) {
		list = append(list, c.Property())
	}
	return list
}

// Rememberers returns those of CheckersOf that explorations can judge by.
func Rememberers(system raft.System) []Checker {
	return slices.DeleteFunc(CheckersOf(system), func(c Checker) bool { _, ok := c.(Rememberer); return !ok })
}

// Checkers returns a fresh checker for every property, in the order in which
// verdicts are told: Raft's own five, what they rest on, the seam, what
// clients build on it, and liveness.
func Checkers() []Checker {
	return []Checker{
		new(ElectionSafety),
		new(LeaderAppendOnly),
		new(LogMatching),
		new(LeaderCompleteness),
		new(StateMachineSafety),
		new(Durability),
		new(ElectionQuorum),
		new(CommitQuorum),
		new(Configuration),
		new(Monotonicity),
		new(NoPanic),
		new(Contract),
		new(ExactlyOnce),
		new(Fencing),
		new(Liveness),
	}
}
