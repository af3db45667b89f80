package campaign

import (
	"context"
	"errors"
	"slices"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Report is the result of a campaign, judged anew by the program that runs.
type Report struct {
	Asked Asked
	Build string // of the program that runs
	Tally *Tally
	// Properties are those that the system is judged by now, in their order.
	Properties []string
	Reachable  []string // the goals that schedules of the profile can reach
	Missed     []string // those of them that no schedule reached
	Runs       []Run    // processes that began
	Findings   []Sorted // the smallest first
	Known      []Judged // findings of known files, in their order
	Curve      []Point
	States     Unseen
	Pairs      Unseen
	Sorts      Unseen // of findings
}

// Sorted is the findings of a bug, with the known one that they are, and with how the smallest
// fails now.
type Sorted struct {
	Bug
	File    string // of the smallest schedule, below the folder's findings
	KnownAs string // "" for a finding that nobody knows
	Why     string
	Now     Now
}

// Judged is a known finding, and how it fails now.
type Judged struct {
	Known
	Now Now
	// Back is the build on which it did not fail, if it fails now: it came back.
	Back string
}

// Now is how a schedule fails on the system as it is now.
type Now struct {
	Violated, Runs int // more than one run if the system is not deterministic
	Err            error
}

// Fails reports whether any run failed.
func (n Now) Fails() bool { return n.Violated > 0 }

// New reports whether the finding fails the run: nobody knows it, and it fails now, or
// was seen in this build; or the known one came back.
func (s Sorted) New(build string) bool {
	if s.known != nil {
		return s.known.Back != ""
	}
	return s.Now.Fails() || s.Last.Build == build
}

// When is the day on which a build first ran, "" if nobody wrote it down.
func (r *Report) When(build string) string {
	for _, run := range r.Runs {
		if run.Build == build {
			day, _, _ := strings.Cut(run.When, "T")
			return day
		}
	}
	return ""
}

// Standing is "new" or "back" for a finding that fails the run, "known" for one that a known
// finding names, "not judged" for one that could not be run, and "gone" for one that no longer
// fails.
func (s Sorted) Standing(build string) string {
	switch {
	case s.known != nil && s.known.Back != "":
		return "back"
	case s.New(build):
		return "new"
	case s.KnownAs != "":
		return "known"
	case s.Now.Err != nil:
		return "not judged"
	}
	return "gone"
}

// Outcome is violated if there is a new finding, and else not checked if a property was
// not checked in a schedule, or if there are no schedules.
func (r *Report) Outcome() models.Outcome {
	worst := models.Held
	if len(r.Tally.Verdicts) == 0 {
		worst = models.NotChecked
	}
	for _, c := range r.Tally.Verdicts {
		if c.NotChecked > 0 {
			worst = models.NotChecked
		}
	}
	fails := func(f Sorted) bool { return f.New(r.Build) }
	back := func(k Judged) bool { return k.Back != "" }
	if slices.ContainsFunc(r.Findings, fails) || slices.ContainsFunc(r.Known, back) {
		worst = models.Violated
	}
	return worst
}

// NewReport judges the findings of a tally and known ones by a system. Once ctx has ended it
// runs no more of them.
func NewReport(
	ctx context.Context, asked Asked, t *Tally, known []Known, build string, runner Runner,
) *Report {
	r := &Report{Asked: asked, Build: build, Tally: t}
	for _, p := range trial.Properties(runner.System()) {
		r.Properties = append(r.Properties, p.Name)
	}
	if _, judged := t.Verdicts[trial.Survival.Name]; judged {
		r.Properties = append(r.Properties, trial.Survival.Name)
	}
	for _, k := range known {
		r.Known = append(r.Known, Judged{Known: k, Now: replay(ctx, k.Schedule, k.Key, runner)})
	}
	for _, b := range bugs(t.Findings, r.Known) {
		r.Findings = append(r.Findings, sorted(ctx, b, runner))
	}
	slices.SortFunc(r.Findings, func(a, b Sorted) int { return a.Smallest.compare(b.Smallest) })
	r.estimate()
	return r
}

// sorted is a bug, and how its smallest schedule fails.
func sorted(ctx context.Context, b Bug, runner Runner) Sorted {
	f := Sorted{Bug: b, File: FileName(b.Keys[0])}
	if b.known != nil {
		f.KnownAs, f.Why = b.known.Name, b.known.Why
	}
	s, err := faults.Parse(f.File, []byte(f.Smallest.Text), runner.Services())
	if err != nil {
		f.Now.Err = err
	} else {
		f.Now = replay(ctx, s, KeyOf(s), runner)
	}
	return f
}

// Reach sets the goals that a campaign can reach, and those that it missed.
func (r *Report) Reach(goals trial.Goals, of []service.Service, system raft.System) {
	r.Reachable = goals.Names(goals.Of(of...).Within(raft.LimitsOf(system)))
	for _, name := range r.Reachable {
		if r.Tally.Goals[name].Schedules == 0 {
			r.Missed = append(r.Missed, name)
		}
	}
}

// errEnded is the error of a schedule that was not run, as the campaign was to end.
var errEnded = errors.New("the campaign was ended first")

// replay runs a schedule as often as its system needs, for the property of a key.
func replay(ctx context.Context, s *faults.Schedule, key string, runner Runner) Now {
	property := propertyOf(key)
	if err := s.Suits(runner.System()); err != nil {
		return Now{Err: err}
	}
	n := Now{Runs: 1}
	if trial.Nondeterminism(runner.System()) != "" {
		n.Runs = trial.RecurrenceRuns
	}
	for range n.Runs {
		if ctx.Err() != nil {
			break
		}
		if r := runner.Run(s); r.Of(property).Outcome == models.Violated {
			n.Violated++
		}
	}
	if ctx.Err() != nil {
		return Now{Err: errEnded}
	}
	return n
}
