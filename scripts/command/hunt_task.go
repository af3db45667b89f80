package command

import (
	"context"
	"errors"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/trial"
)

// huntOrder asks for a hunt.
type huntOrder struct {
	Engine   string
	Seed     uint64
	Seconds  float64
	Outcomes bool
	Root     string
}

// huntPart is a report; the last one is complete.
type huntPart struct {
	hunt.Report
	Error string
}

func huntTask(w *apart.Work) {
	var o huntOrder
	w.Get(&o)
	engine, err := hunt.EngineNamed(o.Engine)
	if err != nil {
		panic(err) // the command has looked for it
	}
	h := hunt.Hunt{
		Engine: engine, System: w.System, Services: w.Services, Seconds: o.Seconds, Seed: o.Seed,
		Outcomes: o.Outcomes, Root: o.Root, Watch: w.Watch,
		Before: func(func() *faults.Schedule) bool { w.Beat(); return true },
	}
	var sending seldom
	h.Progress = func(r *hunt.Report) {
		if sending.now() {
			w.Send(huntPart{Report: *r})
		}
	}
	report, err := h.Run(w.Context)
	if err = broken(err); err != nil {
		w.Send(huntPart{Error: err.Error()})
		return
	}
	w.Send(huntPart{Report: *report})
}

// run hunts where the system runs. A process that dies is a find.
func (f *huntFlags) run(ctx context.Context, r runner) (*hunt.Report, error) {
	report := hunt.Report{Engine: f.Engine.Name, System: f.System.Name()}
	if f.Engine.Seeded {
		report.Seed = f.Seed
	}
	var failed error
	if f.Engine.Name == "explore" {
		r.Allow(hunt.Memory + apart.MaxBytes)
	}
	o := huntOrder{f.Engine.Name, f.Seed, f.Seconds, f.Outcomes, f.Root}
	ended := r.Do("hunt", o, func(p apart.Part) {
		var part huntPart
		if p.Get(&part); part.Error != "" {
			failed = errors.New(part.Error)
			return
		}
		report = part.Report
		if f.Progress != nil {
			f.Progress(&report)
		}
	})
	if ended != nil {
		f.died(ctx, r, &report, ended)
	}
	return &report, errors.Join(failed, r.Err())
}

// died makes the end of the system's process the find.
func (f *huntFlags) died(ctx context.Context, r runner, report *hunt.Report, ended *apart.Ended) {
	s := ended.Schedule
	if s == nil {
		s = &faults.Schedule{System: f.System.Name(), Nodes: 1}
		s.Use(f.Services, "")
	}
	found := fuzz.NewFinding(trial.Survival, s, &ended.Result)
	found.Shrink(ctx, r)
	report.Killed, report.Property, report.Verdict = true, found.Property, found.Verdict
	report.Origin = "execution=" + thousands(report.Executions)
	report.FoundEvents, report.Events = found.Events, len(found.Schedule.Events)
	report.Schedule = found.Describe(report.Found()).String()
}
