package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"raftcheck/fuzz"
	"raftcheck/fuzz/escalate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/trace"
)

// escalation is one run of raftcheck escalate.
type escalation struct {
	fuzz.Escalation
	findings
	file      string // of the schedule that is continued
	schedules int
	seconds   float64 // of CPU time, 0 if they are not bounded
	from      time.Duration
	end       func() // ends the search
	json      bool
	out       io.Writer
	start     time.Time
}

func parseEscalation(e *escalation, args []string) (err error) {
	set := newFlags("escalate")
	set.IntVar(&e.schedules, "schedules", 20_000, "run at most `N` schedules, and those of the last climb")
	set.Uint64Var(&e.Seed, "seed", 1, "decide every schedule by `SEED`")
	set.Float64Var(&e.seconds, "seconds", 0, "end after `S` seconds of CPU time, if no harm was found by then")
	set.group("search")
	set.workers(&e.Workers, "climbs")
	set.json(&e.json)
	set.group("output")
	if e.file, e.Schedule, e.System, err = open(set, args, e.out); err != nil {
		return err
	}
	if set.given("seconds") {
		if err := set.checkSeconds(e.seconds); err != nil {
			return err
		}
	}
	if e.schedules < 1 || e.schedules > maxSchedules {
		return set.wrong("expected -schedules from 1 to %d, found %d", maxSchedules, e.schedules)
	}
	e.Climbs = (e.schedules + escalate.Tries - 1) / escalate.Tries
	return set.checkWorkers(e.Workers)
}

func runEscalate(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	e := &escalation{out: out, start: time.Now()}
	if err := parseEscalation(e, args); err != nil {
		return 0, err
	}
	e.findings = newFindings(aside(e.json, out, errs), errs)
	ctx, stop := interruptible(ctx)
	defer stop()
	ctx, e.end = context.WithCancel(ctx)
	defer e.end()
	runner := newRunner(ctx, e.System)
	defer runner.Close()
	e.from = usedCPU()
	report, err := e.run(ctx, runner)
	e.bar.clear()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", trial.ShownName(e.file), err)
	}
	if f := report.Finding; f != nil {
		e.keep(f, fmt.Sprintf("escalation of %s seed=%d", trace.OneLine(filepath.Base(e.file)), e.Seed))
	}
	if e.json {
		printJSON(out, e.report(report))
	} else {
		e.print(report)
	}
	return exitCode(escalated(report)), cmp.Or(err, e.unwritten())
}

// escalated is the outcome of an escalation. No harm found is no promise that there is none.
func escalated(r *fuzz.EscalationReport) models.Outcome {
	if r.Finding != nil {
		return models.Violated
	}
	return models.NotChecked
}

func (e *escalation) progress(r *fuzz.EscalationReport) {
	if r.Finding == nil && e.seconds > 0 && (usedCPU()-e.from).Seconds() >= e.seconds {
		e.end()
	}
	e.bar.show(func(time.Duration) string {
		return fmt.Sprintf("%s of %s, %s",
			thousands(r.Climbs), plural(e.Climbs, "climb"), plural(r.Runs, "schedule"))
	})
}

func (e *escalation) print(r *fuzz.EscalationReport) {
	w := e.out
	printSystem(w, e.System)
	fmt.Fprintf(w, "schedule    %s, %s\n", trial.ShownName(e.file), plural(len(e.Schedule.Events), "event"))
	fmt.Fprintf(w, "climbs      %s, of %s\n", thousands(r.Climbs), plural(r.Runs, "schedule"))
	title := "reached"
	for _, name := range r.Reached.Names() {
		fmt.Fprintf(w, "%-11s %s\n", title, name)
		title = ""
	}
	f := r.Finding
	if f == nil {
		fmt.Fprintf(w, "\nno harm found\n")
		return
	}
	fmt.Fprintf(w, "\n%s (shrunk from %d to %d events)\n", f.Verdict, f.Events, len(f.Schedule.Events))
	fmt.Fprintf(w, "    %s\n", trial.PropertyOf(e.System, f.Property).Rule)
	printReplay(w, e.files[f])
	fmt.Fprintf(w, "\nof one run, in this order:\n")
	for _, line := range f.Lines {
		fmt.Fprintf(w, "    %s\n", line)
	}
}

// report is the report of the escalation in JSON.
func (e *escalation) report(r *fuzz.EscalationReport) escalationReport {
	report := escalationReport{
		System: e.System.Name(), Schedule: e.file, Seed: e.Seed, Climbs: r.Climbs, Schedules: r.Runs,
		Reached: listOf(r.Reached.Names()), Lines: []string{}, Stopped: r.Stopped, Verdict: escalated(r).String(),
	}
	if f := r.Finding; f != nil {
		report.Property, report.Lines, report.File = f.Property, f.Lines, e.files[f]
	}
	return report
}
