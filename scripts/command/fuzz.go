package command

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"raftcheck/fuzz"
	"raftcheck/fuzz/escalate"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// A campaign ends with one continuation of a broken rule for climbsShare schedules, in at
// most mostClimbs climbs.
const (
	climbsShare = 8
	mostClimbs  = 4
)

// maxSchedules bounds a campaign.
const maxSchedules = 1_000_000_000

// fuzzFlags are the flags of raftcheck fuzz.
type fuzzFlags struct {
	system, profile string
	exec            string // the command of a program, in place of system
	schedules       int
	seed            uint64
	outcomes        bool
	until           string  // a property, "" if the campaign goes on after a violation
	seconds         float64 // of CPU time, 0 if they are not bounded
	workers         int
	json            bool
	keeping
}

func parseFuzzFlags(args []string, out io.Writer) (*fuzzFlags, error) {
	f := &fuzzFlags{}
	set := newFlags("fuzz")
	set.system(&f.system)
	set.exec(&f.exec)
	set.StringVar(&f.profile, "profile", "swarm", "draw schedules from profile `NAME`; see 'list profiles'")
	set.Uint64Var(&f.seed, "seed", 0, "decide every schedule by `SEED`; 0 draws a fresh one")
	set.BoolVar(&f.outcomes, "outcomes", false, "judge outcomes alone, and no rule that nodes keep on the way")
	set.group("input")
	set.IntVar(&f.schedules, "schedules", 10_000,
		"run at most `N` schedules; no limit if only -seconds is given")
	set.StringVar(&f.until, "until", "",
		"end when `PROPERTY` is violated; the exit code is about it alone")
	set.Float64Var(&f.seconds, "seconds", 0,
		"start no schedule or kept block after `S` s of CPU time; shrinking may take S more")
	set.group("limits")
	f.keeping.define(set)
	set.group("campaign")
	set.workers(&f.workers, "schedules")
	set.json(&f.json)
	set.group("output")
	if err := cmp.Or(set.parse(args, out), set.noArguments(), set.checkWorkers(f.workers)); err != nil {
		return nil, err
	}
	if err := f.keeping.check(set, f); err != nil {
		return nil, err
	}
	if set.given("seconds") {
		if err := set.checkSeconds(f.seconds); err != nil {
			return nil, err
		}
		if !set.given("schedules") {
			f.schedules = maxSchedules
		}
	}
	if f.schedules < 1 || f.schedules > maxSchedules {
		return nil, set.wrong("expected -schedules from 1 to %d, found %d", maxSchedules, f.schedules)
	}
	return f, nil
}

func freshSeed() uint64 {
	var b [4]byte
	rand.Read(b[:])
	return uint64(binary.LittleEndian.Uint32(b[:]))
}

// fuzzRun is one run of raftcheck fuzz.
type fuzzRun struct {
	fuzz.Campaign
	findings
	flags *fuzzFlags
	out   io.Writer
	start time.Time
	cpu   time.Duration // that was used before
	ended ending
	// shrunk ends the search for smaller schedules; shrinking from is when that began, in seconds.
	shrunk context.CancelCauseFunc
	from   float64
	cut    bool // -seconds ended it
}

// ending is the reason why a campaign ended.
type ending string

const (
	bySchedules ending = "schedules" // all of them were run
	bySignal    ending = "signal"
	byUntil     ending = "until"
	bySeconds   ending = "seconds"
)

// newFuzzRun finds the system, the profile and the property that the flags name.
func newFuzzRun(flags *fuzzFlags, out, errs io.Writer) (*fuzzRun, error) {
	system, err := systemOf(flags.system, flags.exec)
	if err != nil {
		return nil, err
	}
	profile, ok := generate.ProfileNamed(flags.profile)
	if !ok {
		return nil, misuse{fmt.Errorf("no profile %q", flags.profile), "list profiles"}
	}
	if flags.until != "" && !slices.Contains(propertyNames(system), flags.until) {
		return nil, misuse{fmt.Errorf("no property %q", flags.until), "list properties"}
	}
	c := &fuzzRun{
		findings: newFindings(aside(flags.json, out, errs), errs), flags: flags, out: out,
		start: time.Now(), cpu: usedCPU(),
	}
	c.Campaign = fuzz.Campaign{
		System: system, Services: serviceSet, Profile: profile,
		Seed: flags.seed, Schedules: flags.schedules, Workers: flags.workers, Apart: processesOf(system),
		Climbs: min(mostClimbs, flags.schedules/(climbsShare*escalate.Tries)),
		Found:  c.found, Progress: c.progress, Shrinking: c.shrinking, Enough: c.enough, Outcomes: flags.outcomes,
	}
	return c, nil
}

func propertyNames(system raft.System) (names []string) {
	for _, p := range append(trial.Properties(system), trial.Survival) {
		names = append(names, p.Name)
	}
	return names
}

func runFuzz(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	flags, err := parseFuzzFlags(args, out)
	if err != nil {
		return 0, err
	}
	if flags.kept() {
		return runKept(ctx, flags, out, errs)
	}
	for flags.seed == 0 {
		flags.seed = freshSeed()
	}
	c, err := newFuzzRun(flags, out, errs)
	if err != nil {
		return 0, err
	}
	c.checkFolder()
	ctx, stop := interruptible(ctx)
	defer stop()
	running, end := c.within(ctx, 2*flags.seconds)
	c.shrunk = end
	report, err := c.Run(running)
	c.cut = errors.Is(context.Cause(running), errSpent)
	end(nil)
	c.bar.clear()
	if err != nil {
		err = fmt.Errorf("seed %d profile %s: %w", flags.seed, flags.profile, err)
	}
	if report == nil {
		return 0, err
	}
	switch {
	case report.Stopped && c.cut:
		c.ended = bySeconds
	case report.Stopped:
		c.ended = bySignal
	case c.ended == "":
		c.ended = bySchedules
	}
	c.prune(report)
	c.print(report)
	drawing, end := c.within(ctx, 3*flags.seconds)
	defer end(nil)
	drawn := c.draw(drawing, report, c.System)
	return exitCode(c.outcome(report)), cmp.Or(err, c.unwritten(), drawn)
}

// enough reports whether a flag ends the campaign now.
func (c *fuzzRun) enough(r *fuzz.Report) bool {
	switch {
	case c.ended != "":
	case r.Verdicts[c.flags.until].Violated > 0:
		c.ended = byUntil
	case c.flags.seconds > 0 && c.used() >= c.flags.seconds:
		c.ended = bySeconds
	}
	return c.ended != ""
}

// outcome is that of the property of -until, or else the worst of all.
func (c *fuzzRun) outcome(r *fuzz.Report) models.Outcome {
	if c.flags.until == "" {
		return r.Outcome()
	}
	counts := r.Verdicts[c.flags.until]
	switch {
	case counts.Violated > 0:
		return models.Violated
	case r.Stopped || r.Missed != 0 || counts.NotChecked > 0 || counts.Held == 0:
		return models.NotChecked
	}
	return models.Held
}

// found writes a finding at once, so that a kill loses nothing.
func (c *fuzzRun) found(f *fuzz.Finding) {
	origin := fmt.Sprintf("fuzz seed=%d profile=%s schedule=%d", c.Seed, c.Profile.Name, f.Number)
	if f.Continues {
		origin += " continued"
	}
	c.keep(f, origin)
}

func (c *fuzzRun) progress(r *fuzz.Report) {
	c.bar.show(func(elapsed time.Duration) string {
		return fmt.Sprintf("%s, %s events, %s events/s, goals %d/%d, violated: %s",
			c.done(r), thousands(r.Events), thousands(perSecond(r.Events, elapsed)),
			(r.Goals & r.Reachable).Len(), r.Reachable.Len(), violatedNames(r))
	})
}

// shrinking shows how long the shrinker has searched for smaller schedules, and ends the
// search once it has used as much CPU time as the schedules may.
func (c *fuzzRun) shrinking(property string, runs int) {
	used := c.used()
	if c.from == 0 {
		c.from = used
	}
	if c.flags.seconds > 0 && used-c.from >= c.flags.seconds {
		c.shrunk(errSpent)
	}
	c.bar.show(func(time.Duration) string {
		return fmt.Sprintf("shrinking %s: %s smaller schedules tried", property, thousands(runs))
	})
}

// done says how much of the campaign is done.
func (c *fuzzRun) done(r *fuzz.Report) string {
	if c.flags.seconds > 0 {
		return fmt.Sprintf("%s schedules, %.0f of %v s of CPU time",
			thousands(r.Schedules), c.used(), c.flags.seconds)
	}
	return fmt.Sprintf("%s of %s schedules", thousands(r.Schedules), thousands(c.Schedules))
}

func perSecond(n int, d time.Duration) int {
	return int(float64(n) / max(d.Seconds(), 1e-9))
}

func (c *fuzzRun) print(r *fuzz.Report) {
	elapsed := time.Since(c.start)
	if c.flags.json {
		printJSON(c.out, c.report(r, elapsed))
		return
	}
	c.printText(r, elapsed)
}

func (c *fuzzRun) printText(r *fuzz.Report, elapsed time.Duration) {
	w := c.out
	c.printEnding(r)
	printSystem(w, c.System)
	fmt.Fprintf(w, "profile     %s\nseed        %d\n", c.Profile.Name, c.Seed)
	fmt.Fprintf(w, "schedules   %s\n", thousands(r.Schedules))
	if h := &r.Heals; h.Count() > 0 {
		fmt.Fprintf(w, "heals       %s, of %d ticks (median), %d (99%%), %d (99.9%%), %d (most)\n",
			thousands(h.Count()), h.Within(500), h.Within(990), h.Within(999), h.Most())
	}
	printEvents(w, r, elapsed)
	fmt.Fprintf(w, "trace hash  %016x\n", r.TraceHash)
	fmt.Fprintf(w, "goals       %d of %d\n", (r.Goals & r.Reachable).Len(), r.Reachable.Len())
	for _, g := range r.AllGoals.In(r.Reachable &^ r.Goals) {
		fmt.Fprintf(w, "            not reached: %s: %s\n", g.Name, g.About)
	}
	printProperties(w, r)
	if r.Missed != 0 {
		fmt.Fprintf(w, "\nnot checked: the campaign missed its goals: %s\n",
			strings.Join(r.AllGoals.Names(r.Missed), ", "))
	}
	c.printFindings(w, r, func(f *fuzz.Finding) string {
		if why := f.Unshrunk(); why != "" {
			return fmt.Sprintf(" (not shrunk: %s)", why)
		}
		note := fmt.Sprintf(" (shrunk from %d to %d events)", f.Events, len(f.Schedule.Events))
		if f.Continues {
			note += fmt.Sprintf(" (the harm: it continues schedule %d, which broke a rule)", f.Number)
		}
		return note
	})
	if c.flags.until != "" {
		fmt.Fprintf(w, "\n%s: %s\n", c.flags.until, c.outcome(r))
		return
	}
	fmt.Fprintf(w, "\n%s\n", r.Outcome())
}

// printEnding prints why not all schedules were run.
func (c *fuzzRun) printEnding(r *fuzz.Report) {
	if c.cut && c.from > 0 {
		fmt.Fprintf(c.out, "shrinking ended after %v further seconds of CPU time\n", c.flags.seconds)
	}
	switch c.ended {
	case bySignal:
		fmt.Fprintf(c.out, "stopped after %s of %s schedules\n", thousands(r.Schedules), thousands(c.Schedules))
	case byUntil:
		fmt.Fprintf(c.out, "ended after %s: %s was violated\n", plural(r.Schedules, "schedule"), c.flags.until)
	case bySeconds:
		fmt.Fprintf(c.out, "ended after %s: %v seconds of CPU time were used\n",
			plural(r.Schedules, "schedule"), c.flags.seconds)
	}
}

// report is the report of the campaign in JSON.
func (c *fuzzRun) report(r *fuzz.Report, elapsed time.Duration) campaignReport {
	return campaignReport{
		System: c.System.Name(), Profile: c.Profile.Name, Seed: c.Seed,
		Schedules: r.Schedules, EndedBy: c.ended, Stopped: r.Stopped,
		Events: r.Events, EventsPerSecond: perSecond(r.Events, elapsed), TraceHash: hexadecimal(r.TraceHash),
		Heals: healsReport{
			Count: r.Heals.Count(), Median: r.Heals.Within(500), Most: r.Heals.Most(),
			Within99: r.Heals.Within(990), Within999: r.Heals.Within(999),
		},
		Goals: goalsReport{
			Reached:   listOf(r.AllGoals.Names(r.Goals & r.Reachable)),
			Unreached: listOf(r.AllGoals.Names(r.Reachable &^ r.Goals)),
			Missed:    listOf(r.AllGoals.Names(r.Missed)),
		},
		Violations: c.violations(r), NotChecked: notChecked(r), NotAsked: models.NotAsked(c.System),
		Until: c.flags.until, Verdict: c.outcome(r).String(),
	}
}
