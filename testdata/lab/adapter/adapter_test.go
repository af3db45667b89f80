package adapter

import (
	"testing"

	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/gotest"
	"raftcheck/models/services"
)

func TestConform(t *testing.T)   { conform.Test(t, System{}, services.All()) }
func TestFound(t *testing.T)     { gotest.Found(t, System{}, services.All()) }
func TestSchedules(t *testing.T) { gotest.Schedules(t, System{}, services.All()) }
