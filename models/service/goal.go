package service

import "raftcheck/models/trace"

// Goal is a situation that a campaign must have reached at least once: without it the
// campaign did not test that situation.
type Goal struct {
	Name  string // in reports: words of a-z with minus signs between them
	About string // the situation, in a line
}

// Purposeful is a service with goals of its own.
type Purposeful interface {
	Service
	// Goals lists at most 16 goals. Services of one set may share a goal, by its name.
	Goals() []Goal
	// NewWatch returns a watch that has seen nothing.
	NewWatch() Watch
}

// Watch notes which goals of its service a run reaches.
type Watch interface {
	// Reset forgets the run.
	Reset()
	// Observe sees a record about a client, its operation or its world outside, and
	// returns a bit for each goal that is reached with it, in the order of Goals.
	Observe(*trace.Record) uint64
}
