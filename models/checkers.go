package models

import (
	"fmt"
	"slices"
	"strings"

	"raftcheck/raft"
)

// Judged is a System with properties of its own. Every run of it is judged by these in
// addition to [Checkers].
type Judged interface {
	raft.System
	// Checkers returns a new checker for each property. A name has letters and digits
	// only, and is used neither twice nor by [Checkers].
	Checkers() []Checker
}

// CheckersOf returns a new checker for every property of a system: [Checkers], without those
// that are [NotAsked], [Refinement] if it is [raft.Refining], [Loyalty] if it is [raft.Loyal],
// [Bounds] if it is [raft.Bounded], and the checkers of the system itself if it is [Judged].
// The system may be nil.
func CheckersOf(system raft.System) []Checker {
	list := Checkers()
	if r, ok := system.(raft.Refining); ok {
		list = append(list, &Refinement{liberties: r.Liberties()})
	}
	if l, ok := system.(raft.Loyal); ok {
		list = append(list, &Loyalty{ticks: int64(l.Loyalty())})
	}
	if b, ok := system.(raft.Bounded); ok {
		list = append(list, &Bounds{system: b, bounds: b.Bounds()})
	}
	if isOther(system) {
		list = slices.DeleteFunc(list, func(c Checker) bool { return c.Property().OfRaft })
	}
	return append(list, Brought(system)...)
}

// isOther reports whether a system replicates its log by another algorithm than Raft.
func isOther(system raft.System) bool { return raft.LimitsOf(system).Algorithm != "" }

// NotAsked returns the rules of Raft's own, if a system replicates its log by another
// algorithm: it is not judged by them. There are none for a Raft.
func NotAsked(system raft.System) (names []string) {
	for _, c := range Checkers() {
		if p := c.Property(); p.OfRaft && isOther(system) {
			names = append(names, p.Name)
		}
	}
	return names
}

// AboutNotAsked says in a line why a system is not judged by the rules in NotAsked. It is ""
// for a Raft.
func AboutNotAsked(system raft.System) string {
	if !isOther(system) {
		return ""
	}
	return fmt.Sprintf("It replicates its log by %s, so that the rules of Raft's own are not asked: %s",
		raft.LimitsOf(system).Algorithm, strings.Join(NotAsked(system), ", "))
}

// Brought returns a fresh checker for every property that a system brings; none for a
// system that brings none.
func Brought(system raft.System) []Checker {
	if j, ok := system.(Judged); ok {
		return j.Checkers()
	}
	return nil
}

// PropertiesOf returns the properties that CheckersOf judges, in the same order.
func PropertiesOf(system raft.System) []Property {
	var list []Property
	for _, c := range CheckersOf(system) {
		list = append(list, c.Property())
	}
	return list
}

// Rememberers returns the checkers of CheckersOf that an exploration can use.
func Rememberers(system raft.System) []Checker {
	return slices.DeleteFunc(CheckersOf(system), func(c Checker) bool {
		_, remembers := c.(Rememberer)
		return !remembers
	})
}

// Checkers returns a new checker for every property, in the order of verdicts. The five
// properties of the Raft paper come first, then the rules that these rest on, the seam,
// the guarantees to clients, and liveness.
func Checkers() []Checker {
	return []Checker{
		new(ElectionSafety),
		new(LeaderAppendOnly),
		new(LogMatching),
		new(LeaderCompleteness),
		new(StateMachineSafety),
		new(Durability),
		new(Voting),
		new(ElectionQuorum),
		new(CommitQuorum),
		new(Configuration),
		new(Monotonicity),
		new(NoPanic),
		new(Contract),
		new(ExactlyOnce),
		new(Fencing),
		new(Membership),
		new(Leases),
		new(Liveness),
	}
}
