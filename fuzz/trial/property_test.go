package trial_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// states is a system that states what it likes.
type states struct {
	reference.System
	name   func() string
	limits func() raft.Limits
	reason string
	brings []models.Checker
}

func (s *states) Name() string                  { return s.name() }
func (s *states) Limits() raft.Limits           { return s.limits() }
func (s *states) Readless() string              { return s.reason }
func (s *states) Checkers() []models.Checker    { return s.brings }
func (s *states) keeps(least, most int) *states { s.limits = limits(least, most); return s }

func limits(least, most int) func() raft.Limits {
	return func() raft.Limits { return raft.Limits{Least: least, Most: most} }
}

// valued is a checker that is no pointer.
type valued struct{ models.Checker }

// TestValidateSystem names what no run can go by.
func TestValidateSystem(t *testing.T) {
	sound := func() *states {
		return &states{name: func() string { return "mine" }, limits: limits(0, 0)}
	}
	require.NoError(t, trial.ValidateSystem(sound()))
	calls := 0
	changing, flighty, panicking := sound(), sound(), sound()
	changing.name = func() string { calls++; return strings.Repeat("a", calls) }
	flighty.limits = func() raft.Limits { calls++; return raft.Limits{Keeps: calls} }
	panicking.name = func() string { panic("no\nname") }
	wordy, long, loose := sound(), sound(), sound()
	wordy.reason, long.reason = "a\x1b[2J", strings.Repeat("a", 1001)
	loose.brings = []models.Checker{valued{new(models.Contract)}}
	for want, system := range map[string]raft.System{
		"expected a system with a name of a-z 0-9 - + . only":     nil,
		"expected a system with one name, found ":                 changing,
		"found a panic: no name":                                  panicking,
		"expected a system with the same limits each time, found": flighty,
		"printable bytes, found \"a\\x1b[2J\"":                    wordy,
		"at most 1000 printable bytes, found \"aaa":               long,
		"expected checkers that are pointers, found a":            loose,
		"keeps, found 10 and 0":                                   sound().keeps(10, 0),
		"keeps, found 0 and -1":                                   sound().keeps(0, -1),
		"keeps, found 3 and 2":                                    sound().keeps(3, 2),
	} {
		require.ErrorContains(t, trial.ValidateSystem(system), want)
	}
}
