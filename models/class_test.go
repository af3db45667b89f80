package models

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"raftcheck/raft/reference"
)

// needsAll is a checker that is called for every class of record.
type needsAll struct {
	Checker
	reset func()
}

func (c *needsAll) Reset() { c.reset() }

func (c *needsAll) Property() Property {
	p := c.Checker.Property()
	p.Needs |= Classes &^ ClassIdle
	return p
}

// TestProperty_needs compares the verdicts of the checkers on random runs with those of checkers
// that are called for every class of record.
func TestProperty_needs(t *testing.T) {
	own, all := everyChecker(), everyChecker()
	for i, c := range all {
		all[i] = &needsAll{c, reset(c)}
	}
	few, every := NewMonitor(own...), NewMonitor(all...)
	violated := map[string]bool{}
	for seed := range uint64(500) {
		tape := randomTape(seed, 60)
		for _, m := range []*Monitor{few, every} {
			m.Reset(tape.all, tape.first)
			m.View.PreVote = true
			for i := range tape.records {
				m.Watch(&tape.records[i])
			}
		}
		verdicts := few.Finish()
		require.Equal(t, every.Finish(), verdicts, "seed %d", seed)
		for _, v := range verdicts {
			violated[v.Property] = violated[v.Property] || v.Outcome == Violated
		}
	}
	for _, c := range own {
		switch name := c.Property().Name; name {
		case "Bounds", "Expectation": // random runs never ask for them
		default:
			assert.True(t, violated[name], name)
		}
	}
}

// everyChecker returns every checker that a run of the reference is judged by.
func everyChecker() []Checker { return append(CheckersOf(reference.System{}), new(Expectation)) }
