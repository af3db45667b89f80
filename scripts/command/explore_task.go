package command

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
)

// exploreOrder asks for an exploration, or for the schedule of one of its steps.
type exploreOrder struct {
	Start       string
	Bounds      explore.Bounds
	FIFO        bool
	NoReduction bool
	KeepGoing   bool
	Properties  []string
	Memory      int
	Workers     int
	Folder      string // an absolute path, or none
	// Step, if not 0, ends the exploration before the step with this number, and has its
	// schedule written down.
	Step int
}

// explorePart is a report, at last the complete one.
type explorePart struct {
	explore.Report
	Found  []sentFinding // those of the report
	Step   string        // the schedule that was asked for
	Error  string
	Broken bool // the error is of the system or of a disk, not of a bound
}

func exploreTask(w *apart.Work) {
	var o exploreOrder
	w.Get(&o)
	// Most of the memory is in use until the end. If Go collected garbage only after
	// several times that much, it would need more memory than the machine has.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(o.Memory)))
	e := explore.Exploration{
		System: w.System, Bounds: o.Bounds, FIFO: o.FIFO, NoReduction: o.NoReduction, KeepGoing: o.KeepGoing,
		Properties: o.Properties, Memory: o.Memory, Workers: o.Workers, Folder: o.Folder,
		Start: parsedHere(w, o.Start),
	}
	if w.Careful || o.Step > 0 {
		e.Workers = 1 // steps then have the same numbers each time
	}
	ctx, end := context.WithCancel(w.Context)
	defer end()
	var steps atomic.Int64
	e.Before = func(schedule func() *faults.Schedule) bool {
		w.Beat()
		step := int(steps.Add(1))
		w.Announce(func() string { return stepWord + strconv.Itoa(step) })
		if step == o.Step {
			w.Send(explorePart{Step: schedule().String()})
			end()
		}
		return o.Step == 0 || step < o.Step
	}
	var sending seldom
	e.Progress = func(r *explore.Report) {
		if sending.now() {
			w.Send(explorePart{Report: *r})
		}
	}
	report, err := e.Run(ctx)
	if failed := broken(err); failed != nil {
		outside := errors.As(err, &faults.BrokenCloner{}) || errors.As(err, &explore.Outage{})
		w.Send(explorePart{Error: failed.Error(), Broken: outside})
		return
	}
	last := explorePart{Report: *report}
	for _, f := range report.Findings {
		last.Found = append(last.Found, sent(f))
	}
	last.Report.Findings = nil
	w.Send(last)
}

// broken returns an error of work but for a bug, which is a panic here, and for a system that
// ended the goroutine of its call, which ends this one.
func broken(err error) error {
	switch {
	case errors.Is(err, fuzz.ErrGone):
		runtime.Goexit()
	case errors.As(err, &fuzz.Bug{}):
		panic(err)
	}
	return err
}

// parsedHere returns a schedule of an order, which the command has written.
func parsedHere(w *apart.Work, text string) *faults.Schedule {
	s, err := faults.Parse("an order", []byte(text), w.Services)
	if err != nil {
		panic(err)
	}
	return s
}

// sentFinding is a finding in a part of an answer, with its schedule as text.
type sentFinding struct {
	fuzz.Finding
	Text string
}

func sent(f *fuzz.Finding) sentFinding {
	s := sentFinding{*f, f.Schedule.String()}
	s.Schedule = nil
	return s
}

func (s sentFinding) finding() (*fuzz.Finding, error) {
	var err error
	f := s.Finding
	f.Schedule, err = faults.Parse("a finding", []byte(s.Text), serviceSet)
	return &f, err
}

// run runs the exploration where the system runs. A process that dies is a finding.
func (f *exploreFlags) run(r runner) (*explore.Report, error) {
	o := exploreOrder{
		Start: f.Start.String(), Bounds: f.Bounds, FIFO: f.FIFO, NoReduction: f.NoReduction,
		KeepGoing: f.KeepGoing, Properties: f.Properties, Memory: f.Memory, Workers: f.Workers,
	}
	if err := f.Validate(); err != nil {
		return nil, misuse{err, "help explore"} // only its flags can be wrong
	}
	if f.Folder != "" {
		folder, err := filepath.Abs(f.Folder)
		if err != nil {
			return nil, err
		}
		o.Folder = folder
	}
	r.Allow(int64(f.Memory) + apart.MaxBytes)
	var report explore.Report
	var failed error
	step := ""
	take := func(p apart.Part) {
		var part explorePart
		p.Get(&part)
		switch {
		case part.Step != "":
			step = part.Step
			return
		case part.Error != "":
			if failed = errors.New(part.Error); !part.Broken {
				failed = misuse{failed, "help explore"} // only its flags can be wrong
			}
			return
		}
		report = part.Report
		for _, one := range part.Found {
			found, err := one.finding()
			report.Findings, failed = append(report.Findings, found), errors.Join(failed, err)
		}
		if f.Progress != nil {
			f.Progress(&report)
		}
	}
	ended := r.Do("explore", o, take)
	if ended == nil || r.Err() != nil || failed != nil {
		return &report, errors.Join(failed, r.Err())
	}
	n, err := strconv.Atoi(strings.TrimPrefix(ended.Last, stepWord))
	if err == nil && o.Folder == "" { // steps are counted from the last checkpoint on
		o.Step = n
		r.Do("explore", o, take) // up to the step, with what was found before
	}
	f.died(r, &report, ended, step)
	return &report, errors.Join(failed, r.Err())
}

// stepWord is in front of the number of a step.
const stepWord = "step "

// died adds to the report of an exploration that its process died of a step.
func (f *exploreFlags) died(r runner, report *explore.Report, ended *apart.Ended, step string) {
	schedule, result := f.Start.Clone(), ended.Result
	if s, err := faults.Parse("a step", []byte(step), serviceSet); err == nil {
		schedule = s
	}
	if again := r.Run(schedule); again.Of(trial.Survival.Name).Outcome == models.Violated {
		result = again
	}
	found := fuzz.NewFinding(trial.Survival, schedule, &result)
	report.Findings = append(report.Findings, found)
	if report.Depths == nil {
		report.Depths = map[string]int{}
	}
	report.Depths[found.Property] = len(schedule.Events) - len(f.Start.Events)
	report.Stopped, report.Exhausted = "the process of the system ended", false
}
