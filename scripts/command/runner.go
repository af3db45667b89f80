package command

import (
	"context"
	"io"

	"raftcheck/faults"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// runner runs the schedules of a command, in a process apart or in this one.
type runner interface {
	trial.Executor
	Services() service.Set
	Trace(*faults.Schedule, io.Writer) (trial.Result, error)
	Rule(place int) conform.Result
	// Do carries out a task of tasks; see [apart.Runner.Do].
	Do(task string, order any, take func(apart.Part)) *apart.Ended
	// Once is Do for a task whose death is known; see [apart.Runner.Once].
	Once(task string, order any, take func(apart.Part)) (died bool)
	// Allow lets processes take more bytes; see [apart.Runner.Allow].
	Allow(bytes int64)
	// Err is the error after which nothing runs any more.
	Err() error
	Close()
}

// newRunner returns a runner for a system, until ctx ends.
func newRunner(ctx context.Context, system raft.System) runner {
	if p := processesOf(system); p != nil {
		return apart.NewRunner(ctx, processes, system, serviceSet)
	}
	return local{trial.NewRunner(system, serviceSet), ctx}
}

// processesOf returns the program in whose processes a system runs, nil for this process. A
// program behind -exec has a process of its own already.
func processesOf(system raft.System) *apart.Program {
	for _, s := range systems {
		if s.Name() == system.Name() && len(programs.open) == 0 {
			return processes
		}
	}
	return nil
}

// local runs schedules in this process.
type local struct {
	*trial.Runner
	ctx context.Context
}

func (l local) Trace(s *faults.Schedule, w io.Writer) (trial.Result, error) {
	return trial.Trace(l.System(), serviceSet, s, w)
}

func (l local) Rule(place int) conform.Result {
	return conform.Rules()[place].Try(l.System(), serviceSet, trial.Watch{})
}

func (l local) Do(task string, order any, take func(apart.Part)) *apart.Ended {
	apart.Here(l.ctx, tasks[task], l.System(), serviceSet, order, take)
	return nil
}

func (l local) Once(task string, order any, take func(apart.Part)) (died bool) {
	return l.Do(task, order, take) != nil
}

func (l local) Err() error  { return nil }
func (l local) Close()      {}
func (l local) Allow(int64) {}
