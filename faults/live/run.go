package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/page"
	"raftcheck/linearizability"
	"raftcheck/models"
)

// Runner carries out schedules on one server.
type Runner struct {
	Server Server
	Plain  bool // without a sandbox
	// Look, if set, is called a few times a second with the state of the cluster, on a line.
	Look func(string)
	// Metrics, if set, shows the run.
	Metrics *Metrics
}

// Result is the result of one run.
type Result struct {
	Verdicts []models.Verdict
	History  linearizability.History
	page     page.Live // without its title, its counts and the server's version
	Timeline []Moment
	Logs     [][]string // the last lines of node i's log at position i
	Boot     time.Duration
	Took     time.Duration   // from the first event to the last
	Unknown  int             // operations
	Next     []time.Duration // from the end or the pause of a leader to the next one
	Faults   int             // events that ended, paused or cut off something
	Ignored  int             // events that changed nothing
}

// logLines is how many lines of each node's log a result has.
const logLines = 300

// Run carries out a schedule and judges it. The error is one of the outside world: a
// cluster that does not start, or ctx that ended.
func (r *Runner) Run(ctx context.Context, s *faults.Schedule) (result *Result, err error) {
	began := time.Now()
	w, err := newWorld(ctx, r.Server, s, r.Plain)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	result = &Result{Boot: time.Since(began)}
	stop := r.show(w)
	defer stop()
	began = time.Now()
	for _, e := range s.Events {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		w.apply(ctx, e)
	}
	result.Took = time.Since(began)
	j := w.judge(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for _, v := range j.verdicts {
		result.Verdicts = append(result.Verdicts, v.Verdict)
	}
	result.History, result.Timeline = j.history, w.timeline
	result.Unknown, result.Next = w.clients.speed.unknown, w.watch.next
	result.Logs = make([][]string, len(w.nodes))
	for _, n := range w.nodes[1:] {
		result.Logs[n.ID] = n.log.lines(logLines)
	}
	result.page = w.shown(s, j, result.Logs)
	for _, m := range w.timeline {
		if strings.Contains(m.Text, ": ignored, ") {
			result.Ignored++
		}
	}
	result.Faults = faultsIn(s)
	return result, nil
}

// faultsIn counts the events of a schedule that disturb the cluster.
func faultsIn(s *faults.Schedule) (n int) {
	for i := range s.Events {
		switch s.Events[i].Kind {
		case faults.Kill, faults.Crash, faults.Pause, faults.Wipe, faults.Stall, faults.Fail,
			faults.Cut, faults.Slow, faults.Lossy, faults.Lose:
			n++
		}
	}
	return n
}

// show lets people look at the run until the returned function is called.
func (r *Runner) show(w *world) (stop func()) {
	if r.Metrics != nil {
		r.Metrics.follow(w)
	}
	if r.Look == nil {
		return func() {}
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			r.Look(fmt.Sprintf("%4.1fs  %s", time.Since(w.begun).Seconds(), w.watch.line()))
			select {
			case <-ctx.Done():
			case <-time.After(watchEvery):
			}
		}
	}()
	return func() { end(); <-ended }
}

// Of returns the verdict on a property; not checked if there is none.
func (r *Result) Of(property string) models.Verdict {
	for _, v := range r.Verdicts {
		if v.Property == property {
			return v
		}
	}
	return models.Verdict{Property: property}
}

// Violated returns the first property that was violated, "" if none was.
func (r *Result) Violated() string {
	for _, v := range r.Verdicts {
		if v.Outcome == models.Violated {
			return v.Property
		}
	}
	return ""
}

// inOrder gives operations their positions in the server's own order. Of one revision the
// operation that made it comes first, and those that read it follow in the order of their
// calls.
func inOrder(calls []operation) linearizability.History {
	known := make([]*operation, 0, len(calls))
	for i := range calls {
		if calls[i].revision > 0 {
			known = append(known, &calls[i])
		}
	}
	slices.SortStableFunc(known, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(a.revision, b.revision),
			compareBool(b.wrote, a.wrote), cmp.Compare(a.Call, b.Call))
	})
	for i, c := range known {
		c.Position = i + 1
	}
	history := make(linearizability.History, len(calls))
	for i := range calls {
		history[i] = calls[i].Operation
	}
	slices.SortStableFunc(history, func(a, b linearizability.Operation) int {
		return cmp.Compare(a.Call, b.Call)
	})
	return history
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
