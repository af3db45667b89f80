package command

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
)

// maxSchedules bounds a campaign.
const maxSchedules = 1_000_000_000

// fuzzFlags are the flags of raftcheck fuzz.
type fuzzFlags struct {
	system, profile string
	schedules       int
	seed            uint64
	workers         int
	json            bool
}

func parseFuzzFlags(args []string, errs io.Writer) (*fuzzFlags, error) {
	f := &fuzzFlags{}
	set := flag.NewFlagSet("fuzz", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&f.system, "system", "", "the implementation to test"+ofSystems())
	set.StringVar(&f.profile, "profile", "swarm", "the kind of weather, one of"+profileLines()+"\n")
	set.IntVar(&f.schedules, "schedules", 10_000, "how many schedules to run")
	set.Uint64Var(&f.seed, "seed", 0, "decides every schedule; 0 draws a fresh one")
	set.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "how many schedules to run side by side")
	set.BoolVar(&f.json, "json", false, "print one JSON object instead of text")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case set.NArg() > 0:
		return nil, fmt.Errorf("expected no arguments after the flags, found %q", set.Arg(0))
	case f.schedules < 1 || f.schedules > maxSchedules:
		return nil, fmt.Errorf("expected -schedules from 1 to %d, found %d", maxSchedules, f.schedules)
	case f.workers < 1 || f.workers > 1024:
		return nil, fmt.Errorf("expected -workers from 1 to 1024, found %d", f.workers)
	}
	for f.seed == 0 {
		f.seed = freshSeed()
	}
	return f, nil
}

func freshSeed() uint64 {
	var b [4]byte
	rand.Read(b[:])
	return uint64(binary.LittleEndian.Uint32(b[:]))
}

// profileLines lists the profiles and what they are about, a line each.
func profileLines() string {
	var b strings.Builder
	for _, p := range generate.Profiles() {
		fmt.Fprintf(&b, "\n%-10s  %s", p.Name, p.About)
	}
	return b.String()
}

func profileNames() string {
	var names []string
	for _, p := range generate.Profiles() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// campaign is one run of raftcheck fuzz.
type campaign struct {
	fuzz.Campaign
	findings
	flags *fuzzFlags
	out   io.Writer
	start time.Time
}

func runFuzz(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	flags, err := parseFuzzFlags(args, errs)
	if err != nil {
		return 0, err
	}
	system, err := systemNamed(flags.system)
	if err != nil {
		return 0, err
	}
	profile, ok := generate.ProfileNamed(flags.profile)
	if !ok {
		return 0, fmt.Errorf("expected a profile of: %s; found %q", profileNames(), flags.profile)
	}
	c := &campaign{findings: newFindings(errs), flags: flags, out: out, start: time.Now()}
	c.Campaign = fuzz.Campaign{
		System: system, Services: serviceSet, Profile: profile, Seed: flags.seed, Schedules: flags.schedules, Workers: flags.workers,
		Found: c.found, Progress: c.progress,
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	report, err := c.Run(ctx)
	c.bar.clear()
	if err != nil {
		err = fmt.Errorf("seed %d profile %s: %w", flags.seed, flags.profile, err)
	}
	if report == nil {
		return 0, err
	}
	c.print(report)
	return exitCode(report.Outcome()), cmp.Or(err, c.unwritten())
}

// found writes a finding at once, so that a kill loses nothing.
func (c *campaign) found(f *fuzz.Finding) {
	c.keep(f, fmt.Sprintf("fuzz seed=%d profile=%s schedule=%d", c.Seed, c.Profile.Name, f.Number))
}

func (c *campaign) progress(r *fuzz.Report) {
	c.bar.show(func(elapsed time.Duration) string {
		return fmt.Sprintf("%s of %s schedules, %s events, %s events/s, goals %d/%d, violated: %s",
			thousands(r.Schedules), thousands(c.Schedules), thousands(r.Events), thousands(perSecond(r.Events, elapsed)),
			r.Goals.Len(), r.Reachable.Len(), violatedNames(r))
	})
}

func perSecond(n int, d time.Duration) int {
	return int(float64(n) / max(d.Seconds(), 1e-9))
}

func (c *campaign) print(r *fuzz.Report) {
	elapsed := time.Since(c.start)
	if c.flags.json {
		c.printJSON(r, elapsed)
		return
	}
	c.printText(r, elapsed)
}

func (c *campaign) printText(r *fuzz.Report, elapsed time.Duration) {
	w := c.out
	if r.Stopped {
		fmt.Fprintf(w, "stopped after %s of %s schedules\n", thousands(r.Schedules), thousands(c.Schedules))
	}
	printSystem(w, c.System)
	fmt.Fprintf(w, "profile     %s\nseed        %d\n", c.Profile.Name, c.Seed)
	fmt.Fprintf(w, "schedules   %s\n", thousands(r.Schedules))
	fmt.Fprintf(w, "events      %s (%s a second; settle, run and heal counted as the events that they stand for)\n",
		thousands(r.Events), thousands(perSecond(r.Events, elapsed)))
	fmt.Fprintf(w, "trace hash  %016x\n", r.TraceHash)
	fmt.Fprintf(w, "goals       %d of %d\n", r.Goals.Len(), r.Reachable.Len())
	for _, g := range r.AllGoals.In(r.Reachable &^ r.Goals) {
		fmt.Fprintf(w, "            not reached: %s: %s\n", g.Name, g.About)
	}
	printProperties(w, r)
	if r.Missed != 0 {
		fmt.Fprintf(w, "\nnot checked: the campaign missed its goals: %s\n", strings.Join(r.AllGoals.Names(r.Missed), ", "))
	}
	c.printFindings(w, r, func(f *fuzz.Finding) string {
		if !f.Shrunk {
			return ""
		}
		return fmt.Sprintf(" (shrunk from %d to %d events)", f.Events, len(f.Schedule.Events))
	})
	fmt.Fprintf(w, "\n%s\n", r.Outcome())
}

func (c *campaign) printJSON(r *fuzz.Report, elapsed time.Duration) {
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	encoder.Encode(map[string]any{
		"system": c.System.Name(), "profile": c.Profile.Name, "seed": c.Seed,
		"schedules": r.Schedules, "events": r.Events, "events_per_second": perSecond(r.Events, elapsed),
		"trace_hash": fmt.Sprintf("%016x", r.TraceHash), "violations": c.violations(r), "not_checked": notChecked(r),
		"goals": map[string][]string{
			"reached": r.AllGoals.Names(r.Goals), "missed": r.AllGoals.Names(r.Reachable &^ r.Goals),
		},
		"verdict": r.Outcome().String(), "stopped": r.Stopped,
	})
}
