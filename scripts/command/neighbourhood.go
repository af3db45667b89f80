package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"raftcheck/fuzz"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models/trace"
)

// neighbourhood is one run of raftcheck neighbourhood.
type neighbourhood struct {
	fuzz.Neighbourhood
	findings
	file  string // of the schedule in the centre
	json  bool
	out   io.Writer
	start time.Time
}

func parseNeighbourhood(n *neighbourhood, args []string) (err error) {
	set := newFlags("neighbourhood")
	set.IntVar(&n.Changes, "changes", 1, "a schedule differs by at most `N` changes")
	set.BoolVar(&n.AppendOnly, "append-only", false, "change nothing but to add events at the end")
	set.group("search")
	set.workers(&n.Workers, "schedules")
	set.json(&n.json)
	set.group("output")
	if n.file, n.Schedule, n.System, err = open(set, args, n.out); err != nil {
		return err
	}
	if n.Changes < 1 || n.Changes > shrink.MaxChanges {
		return set.wrong("expected -changes from 1 to %d, found %d", shrink.MaxChanges, n.Changes)
	}
	return set.checkWorkers(n.Workers)
}

func runNeighbourhood(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	n := &neighbourhood{out: out, start: time.Now()}
	if err := parseNeighbourhood(n, args); err != nil {
		return 0, err
	}
	n.findings = newFindings(aside(n.json, out, errs), errs)
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := newRunner(ctx, n.System)
	defer runner.Close()
	report, err := n.run(runner)
	n.bar.clear()
	if err != nil {
		err = fmt.Errorf("%s: %w", trial.ShownName(n.file), err)
	}
	if report.Away == nil && err != nil {
		return 0, err
	}
	n.prune(&report.Report)
	if n.json {
		printJSON(out, n.report(report))
	} else {
		n.print(report)
	}
	return exitCode(report.Outcome()), cmp.Or(err, n.unwritten())
}

// found writes a finding at once. The centre has a file already.
func (n *neighbourhood) found(f *fuzz.Finding) {
	if f.Changes == 0 {
		n.before[n.file] = true
		n.files[f] = n.file
		return
	}
	// A reader of the file need not have the centre in the same place.
	centre := trace.OneLine(filepath.Base(n.file))
	n.keep(f, fmt.Sprintf("neighbourhood of %s: %s", centre, strings.Join(n.ChangesOf(f), "; ")))
}

func (n *neighbourhood) progress(r *fuzz.NeighbourReport) {
	n.bar.show(func(elapsed time.Duration) string {
		return fmt.Sprintf("schedules by changes %s, %s/s, %s traces, violated: %s",
			away(r.Away), thousands(perSecond(r.Schedules, elapsed)), thousands(r.Traces), violatedNames(&r.Report))
	})
}

// away returns the number of schedules at each number of changes.
func away(counts []int) string {
	parts := []string{}
	for changes, count := range counts {
		parts = append(parts, fmt.Sprintf("%d: %s", changes, thousands(count)))
	}
	return strings.Join(parts, ", ")
}

// reach says how far the neighbourhood reaches.
func (n *neighbourhood) reach() string {
	if n.AppendOnly {
		return fmt.Sprintf("up to %s put in at the end", plural(n.Changes, "event"))
	}
	return fmt.Sprintf("up to %s: an event left out, put in or replaced", plural(n.Changes, "change"))
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%s %ss", thousands(n), word)
}

func (n *neighbourhood) print(r *fuzz.NeighbourReport) {
	w, elapsed := n.out, time.Since(n.start)
	if r.Stopped {
		fmt.Fprintf(w, "stopped after %s\n", plural(r.Schedules, "schedule"))
	}
	printSystem(w, n.System)
	fmt.Fprintf(w, "centre      %s, %s\n", trial.ShownName(n.file), plural(len(n.Schedule.Events), "event"))
	fmt.Fprintf(w, "reach       %s\n", n.reach())
	fmt.Fprintf(w, "schedules   %s (by changes %s)\n", thousands(r.Schedules), away(r.Away))
	fmt.Fprintf(w, "traces      %s that differ\n", thousands(r.Traces))
	printEvents(w, &r.Report, elapsed)
	fmt.Fprintf(w, "trace hash  %016x\n", r.TraceHash)
	printProperties(w, &r.Report)
	n.printFindings(w, &r.Report, func(f *fuzz.Finding) string {
		if f.Changes == 0 {
			return " (the centre itself)"
		}
		if changes := n.ChangesOf(f); len(changes) > 0 {
			return fmt.Sprintf(" (%s away: %s)", plural(f.Changes, "change"), strings.Join(changes, "; "))
		}
		return "" // the system's process ended amid a schedule
	})
	fmt.Fprintf(w, "\n%s\n", r.Outcome())
}

// report is the report of the neighbourhood in JSON.
func (n *neighbourhood) report(r *fuzz.NeighbourReport) neighbourhoodReport {
	violations := []near{}
	for _, p := range r.Properties {
		for _, f := range r.Findings[p.Name] {
			v := n.violation(f, r.Verdicts[p.Name].Violated)
			violations = append(violations, near{v, f.Changes, listOf(n.ChangesOf(f))})
		}
	}
	return neighbourhoodReport{
		System: n.System.Name(), Centre: n.file, Changes: n.Changes, AppendOnly: n.AppendOnly,
		Schedules: r.Schedules, Away: r.Away, Traces: r.Traces,
		Events: r.Events, EventsPerSecond: perSecond(r.Events, time.Since(n.start)),
		TraceHash: hexadecimal(r.TraceHash), Violations: violations, NotChecked: notChecked(&r.Report),
		Verdict: r.Outcome().String(), Stopped: r.Stopped,
	}
}
