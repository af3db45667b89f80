package command

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"raftcheck/fuzz"
	"raftcheck/fuzz/shrink"
	"raftcheck/models/trace"
)

// neighbourhood is one run of raftcheck neighbourhood.
type neighbourhood struct {
	fuzz.Neighbourhood
	findings
	file  string // of the schedule in the centre
	out   io.Writer
	start time.Time
}

func runNeighbourhood(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	n := &neighbourhood{findings: newFindings(errs), out: out, start: time.Now()}
	set := flag.NewFlagSet("neighbourhood", flag.ContinueOnError)
	set.IntVar(&n.Changes, "k", 1, "how many changes a schedule may be away")
	set.BoolVar(&n.Further, "further", false, "put events in at the end only")
	set.IntVar(&n.Workers, "workers", runtime.GOMAXPROCS(0), "how many schedules to run side by side")
	asJSON := set.Bool("json", false, "print one JSON object instead of text")
	var err error
	if n.file, n.Schedule, n.System, err = open(set, args, errs); err != nil {
		return 0, err
	}
	switch {
	case n.Changes < 1 || n.Changes > shrink.MaxChanges:
		return 0, fmt.Errorf("expected -k from 1 to %d, found %d", shrink.MaxChanges, n.Changes)
	case n.Workers < 1 || n.Workers > 1024:
		return 0, fmt.Errorf("expected -workers from 1 to 1024, found %d", n.Workers)
	}
	n.Found, n.Progress = n.found, n.progress
	ctx, stop := interruptible(ctx)
	defer stop()
	report, err := n.Run(ctx)
	n.bar.clear()
	if err != nil {
		err = fmt.Errorf("%s: %w", n.file, err)
	}
	if report == nil {
		return 0, err
	}
	if *asJSON {
		n.printJSON(report)
	} else {
		n.print(report)
	}
	return exitCode(report.Outcome()), cmp.Or(err, n.unwritten())
}

// found writes a finding at once. The centre has a file already.
func (n *neighbourhood) found(f *fuzz.Finding) {
	if f.Changes == 0 {
		n.kept[n.file] = true
		n.isIn(f.Property, n.file)
		return
	}
	// Whoever reads the file need not have the centre in the same place.
	centre := trace.OneLine(filepath.Base(n.file))
	n.keep(f, fmt.Sprintf("neighbourhood of %s: %s", centre, strings.Join(n.ChangesOf(f), "; ")))
}

func (n *neighbourhood) progress(r *fuzz.NeighbourReport) {
	n.bar.show(func(elapsed time.Duration) string {
		return fmt.Sprintf("schedules by changes %s, %s/s, %s traces, violated: %s",
			away(r.Away), thousands(perSecond(r.Schedules, elapsed)), thousands(r.Traces), violatedNames(&r.Report))
	})
}

// away tells how many schedules there are of each number of changes.
func away(counts []int) string {
	parts := []string{}
	for changes, count := range counts {
		parts = append(parts, fmt.Sprintf("%d: %s", changes, thousands(count)))
	}
	return strings.Join(parts, ", ")
}

// reach says how far the neighbourhood reaches.
func (n *neighbourhood) reach() string {
	if n.Further {
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
	fmt.Fprintf(w, "centre      %s, %s\n", n.file, plural(len(n.Schedule.Events), "event"))
	fmt.Fprintf(w, "reach       %s\n", n.reach())
	fmt.Fprintf(w, "schedules   %s (by changes %s)\n", thousands(r.Schedules), away(r.Away))
	fmt.Fprintf(w, "traces      %s that differ\n", thousands(r.Traces))
	fmt.Fprintf(w, "events      %s (%s a second; settle, run and heal counted as the events that they stand for)\n",
		thousands(r.Events), thousands(perSecond(r.Events, elapsed)))
	fmt.Fprintf(w, "trace hash  %016x\n", r.TraceHash)
	printProperties(w, &r.Report)
	n.printFindings(w, &r.Report, func(f *fuzz.Finding) string {
		if f.Changes == 0 {
			return " (the centre itself)"
		}
		return fmt.Sprintf(" (%s away: %s)", plural(f.Changes, "change"), strings.Join(n.ChangesOf(f), "; "))
	})
	fmt.Fprintf(w, "\n%s\n", r.Outcome())
}

// near is a finding of a neighbourhood in JSON.
type near struct {
	violation
	Changes     int      `json:"changes"` // how many it is away
	Differences []string `json:"differences"`
}

func (n *neighbourhood) printJSON(r *fuzz.NeighbourReport) {
	violations := []near{}
	for _, v := range n.violations(&r.Report) {
		f := r.Findings[v.Property]
		violations = append(violations, near{v, f.Changes, append([]string{}, n.ChangesOf(f)...)})
	}
	encoder := json.NewEncoder(n.out)
	encoder.SetIndent("", "  ")
	encoder.Encode(map[string]any{
		"system": n.System.Name(), "centre": n.file, "changes": n.Changes, "further": n.Further,
		"schedules": r.Schedules, "away": r.Away, "traces": r.Traces,
		"events": r.Events, "events_per_second": perSecond(r.Events, time.Since(n.start)),
		"trace_hash": fmt.Sprintf("%016x", r.TraceHash), "violations": violations, "not_checked": notChecked(&r.Report),
		"verdict": r.Outcome().String(), "stopped": r.Stopped,
	})
}
