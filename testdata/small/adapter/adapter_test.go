package adapter

import (
	"testing"

	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/gotest"
	"raftcheck/models/services"
)

// TestConform checks the rules of the seam.
func TestConform(t *testing.T) { conform.Test(t, System{}, services.All()) }

// TestFound replays the schedules that failed once: those in testdata/found.
func TestFound(t *testing.T) { gotest.Found(t, System{}, services.All()) }

// TestSchedules runs random schedules under a fresh seed. Under another one, and more of
// them: go test ./adapter -run Schedules -seed 7 -schedules 10000.
func TestSchedules(t *testing.T) { gotest.Schedules(t, System{}, services.All()) }

// FuzzSchedule lets Go's fuzzer write schedules: go test ./adapter -fuzz Schedule.
func FuzzSchedule(f *testing.F) { gotest.Fuzz(f, System{}, services.All()) }
