package live

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/trace"
)

// Finding is a schedule that violated a property of a server.
type Finding struct {
	Property string
	Schedule *faults.Schedule
	Origin   string // the run that found it
	Version  string // of the server
	Text     string // of the first violation
	Violated int    // runs, of Runs
	Runs     int
	Events   int // when it was found
	Last     *Result
	hash     uint32 // of the schedule as it was found: it names the file
}

// folder is where findings are, below the folder that the program runs in.
const folder = "testdata/found"

// newFinding returns the finding of a run that violated a property.
func newFinding(property, origin, version string, s *faults.Schedule, r *Result) *Finding {
	return &Finding{
		Property: property, Schedule: s, Origin: origin, Version: version, Text: r.Of(property).Text,
		Violated: 1, Runs: 1, Events: len(s.Events), Last: r,
		hash: uint32(trace.HashBytes(3, []byte(s.String()))),
	}
}

// name is the name of the finding's files, without their extensions.
func (f *Finding) name() string {
	return fmt.Sprintf("%s-%08x", strings.ToLower(f.Property), f.hash)
}

// File is the finding's schedule file.
func (f *Finding) File() string { return filepath.Join(folder, f.name()+".txt") }

// write writes the schedule, and beside it what happened with the end of each node's log.
func (f *Finding) write() error {
	s := f.Schedule.Clone()
	s.Prose = []string{
		fmt.Sprintf("%s of %s: %s.", f.Property, f.Version, strings.TrimSuffix(f.Text, ".")),
		"found     " + f.Origin,
	}
	if len(s.Events) < f.Events {
		s.Prose = append(s.Prose, fmt.Sprintf("shrunk    %d -> %d events", f.Events, len(s.Events)))
	}
	s.Golden = []string{fmt.Sprintf("%s %s in %d of %d runs", models.Violated, f.Property, f.Violated, f.Runs)}
	for i, line := range s.Prose {
		s.Prose[i] = fit(line)
	}
	if err := trial.WriteBelow(".", f.File(), s); err != nil {
		return err
	}
	var b strings.Builder
	for _, m := range f.Last.Timeline {
		fmt.Fprintln(&b, m)
	}
	for _, v := range f.Last.Verdicts {
		fmt.Fprintln(&b, v)
	}
	for id, lines := range f.Last.Logs {
		for _, line := range lines {
			fmt.Fprintf(&b, "n%d: %s\n", id, line)
		}
	}
	if err := trial.WriteWhole(folder, f.name()+".log", []byte(b.String())); err != nil {
		return err
	}
	count := fmt.Sprintf("%s was violated in %d of %d runs of this schedule", f.Property, f.Violated, f.Runs)
	return f.Last.draw(f.File(), f.Version, s.Prose, count)
}

// fit cuts a line to the length that a schedule can hold, and takes control characters out.
func fit(line string) string {
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(line, " "))
	const longest = 1000
	return line[:min(len(line), longest)]
}

// count runs the finding's schedule so many times more, and counts.
func (f *Finding) count(ctx context.Context, r *Runner, runs int) error {
	f.Violated, f.Runs = 0, 0
	for range runs {
		result, err := r.Run(ctx, f.Schedule)
		if err != nil {
			return err
		}
		f.Runs++
		if result.Of(f.Property).Outcome == models.Violated {
			f.Violated++
			f.Last, f.Text = result, result.Of(f.Property).Text
		}
	}
	return nil
}
