package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strings"
	"time"

	"raftcheck/fuzz"
)

// testdata is where findings are written, below the folder in which raftcheck runs.
const testdata = "testdata"

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
	set.StringVar(&f.system, "system", "reference", "the implementation to test")
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
	for _, p := range fuzz.Profiles() {
		fmt.Fprintf(&b, "\n%-10s  %s", p.Name, p.About)
	}
	return b.String()
}

func profileNames() string {
	var names []string
	for _, p := range fuzz.Profiles() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// campaign is one run of raftcheck fuzz.
type campaign struct {
	fuzz.Campaign
	flags  *fuzzFlags
	out    io.Writer
	errs   io.Writer
	start  time.Time
	bar    progress
	files  map[string]string // the file of each property's finding
	kept   map[string]bool   // files that were there before
	broken error             // the first error of writing a finding
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
	profile, ok := fuzz.ProfileNamed(flags.profile)
	if !ok {
		return 0, fmt.Errorf("expected a profile of: %s; found %q", profileNames(), flags.profile)
	}
	c := &campaign{flags: flags, out: out, errs: errs, start: time.Now(), files: map[string]string{}, kept: map[string]bool{}}
	c.Campaign = fuzz.Campaign{
		System: system, Profile: profile, Seed: flags.seed, Schedules: flags.schedules, Workers: flags.workers,
		Found: c.found, Progress: c.progress,
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	c.bar.open(errs)
	report, err := c.Run(ctx)
	c.bar.clear()
	if err != nil {
		err = fmt.Errorf("seed %d profile %s: %w", flags.seed, flags.profile, err)
	} else if c.broken != nil {
		err = fmt.Errorf("a finding was not written: %w", c.broken)
	}
	if report == nil {
		return 0, err
	}
	c.print(report)
	return exitCode(report.Outcome()), err
}

// found writes a finding at once, so that a kill loses nothing, and says where it is.
func (c *campaign) found(f *fuzz.Finding) {
	file, older := f.FileName(), c.files[f.Property]
	if c.wasThere(file, older) {
		c.kept[file] = true // what somebody wrote into it stays
	}
	if !c.kept[file] {
		origin := fmt.Sprintf("fuzz seed=%d profile=%s schedule=%d", c.Seed, c.Profile.Name, f.Number)
		if err := fuzz.WriteBelow(testdata, file, f.Describe(origin)); err != nil {
			c.broken = cmp.Or(c.broken, err)
			delete(c.files, f.Property)
			return
		}
	}
	c.files[f.Property] = file
	if older != "" && older != file && !c.kept[older] {
		os.Remove(path.Join(testdata, older)) // a schedule with a lower number took its place
	}
	if !f.Shrunk {
		c.bar.clear()
		fmt.Fprintf(c.errs, "found %s in schedule %d: %s\n", f.Property, f.Number, path.Join(testdata, file))
	}
}

// wasThere reports whether a file is older than the campaign.
func (c *campaign) wasThere(file, mine string) bool {
	_, err := os.Stat(path.Join(testdata, file))
	return err == nil && file != mine
}

func (c *campaign) progress(r *fuzz.Report) {
	c.bar.show(func(elapsed time.Duration) string {
		return fmt.Sprintf("%s of %s schedules, %s events, %s events/s, goals %d/%d, violated: %s",
			thousands(r.Schedules), thousands(c.Schedules), thousands(r.Events), thousands(perSecond(r.Events, elapsed)),
			r.Goals.Len(), fuzz.AllGoals.Len(), violatedNames(r))
	})
}

func perSecond(n int, d time.Duration) int {
	return int(float64(n) / max(d.Seconds(), 1e-9))
}

// violatedNames lists the properties that were violated, "none" if none was.
func violatedNames(r *fuzz.Report) string {
	var names []string
	for _, p := range fuzz.Properties() {
		if r.Verdicts[p.Name].Violated > 0 {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
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
	fmt.Fprintf(w, "system      %s\nprofile     %s\nseed        %d\n", c.System.Name(), c.Profile.Name, c.Seed)
	fmt.Fprintf(w, "schedules   %s\n", thousands(r.Schedules))
	fmt.Fprintf(w, "events      %s (%s a second; settle, run and heal counted as the events that they stand for)\n",
		thousands(r.Events), thousands(perSecond(r.Events, elapsed)))
	fmt.Fprintf(w, "trace hash  %016x\n", r.TraceHash)
	fmt.Fprintf(w, "goals       %d of %d\n", r.Goals.Len(), fuzz.AllGoals.Len())
	for g := range fuzz.Goal(fuzz.AllGoals.Len()) {
		if !r.Goals.Has(g) {
			fmt.Fprintf(w, "            not reached: %s: %s\n", g, g.About())
		}
	}
	fmt.Fprintf(w, "\n%-22s %12s %12s %12s\n", "property", "held", "violated", "not checked")
	for _, p := range fuzz.Properties() {
		v := r.Verdicts[p.Name]
		fmt.Fprintf(w, "%-22s %12s %12s %12s\n", p.Name, thousands(v.Held), thousands(v.Violated), thousands(v.NotChecked))
	}
	if r.Missed != 0 {
		fmt.Fprintf(w, "\nnot checked: the campaign missed its goals: %s\n", strings.Join(r.Missed.Names(), ", "))
	}
	c.printFindings(r)
	fmt.Fprintf(w, "\n%s\n", r.Outcome())
}

func (c *campaign) printFindings(r *fuzz.Report) {
	for _, p := range fuzz.Properties() {
		f := r.Findings[p.Name]
		if f == nil {
			continue
		}
		fmt.Fprintf(c.out, "\n%s", f.Verdict)
		if f.Shrunk {
			fmt.Fprintf(c.out, " (shrunk from %d to %d events)", f.Events, len(f.Schedule.Events))
		}
		fmt.Fprintln(c.out)
		file := c.fileOf(p.Name)
		if file == "" {
			continue // it could not be written
		}
		fmt.Fprintf(c.out, "    go run ./scripts/raftcheck replay %s\n", file)
		fmt.Fprintf(c.out, "    go run ./scripts/raftcheck show %s\n", file)
	}
}

// fileOf is where the finding of a property is, "" if it could not be written.
func (c *campaign) fileOf(property string) string {
	if file := c.files[property]; file != "" {
		return path.Join(testdata, file)
	}
	return ""
}

// violation is a finding in JSON.
type violation struct {
	Property  string `json:"property"`
	Schedules int    `json:"schedules"`       // how many violated it
	Schedule  int    `json:"schedule"`        // the number of the first
	Events    int    `json:"events"`          // of the shrunk counterexample
	Depth     int    `json:"depth,omitempty"` // of a shortest one, in events that an exploration counts
	Verdict   string `json:"verdict"`
	File      string `json:"file"`
}

func (c *campaign) printJSON(r *fuzz.Report, elapsed time.Duration) {
	violations := []violation{}
	for _, p := range fuzz.Properties() {
		if f := r.Findings[p.Name]; f != nil {
			violations = append(violations, violation{
				Property: p.Name, Schedules: r.Verdicts[p.Name].Violated, Schedule: f.Number,
				Events: len(f.Schedule.Events), Verdict: f.Verdict, File: c.fileOf(p.Name),
			})
		}
	}
	notChecked := map[string]int{}
	for name, v := range r.Verdicts {
		if v.NotChecked > 0 {
			notChecked[name] = v.NotChecked
		}
	}
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	encoder.Encode(map[string]any{
		"system": c.System.Name(), "profile": c.Profile.Name, "seed": c.Seed,
		"schedules": r.Schedules, "events": r.Events, "events_per_second": perSecond(r.Events, elapsed),
		"trace_hash": fmt.Sprintf("%016x", r.TraceHash), "violations": violations, "not_checked": notChecked,
		"goals":   map[string][]string{"reached": r.Goals.Names(), "missed": (fuzz.AllGoals &^ r.Goals).Names()},
		"verdict": r.Outcome().String(), "stopped": r.Stopped,
	})
}
