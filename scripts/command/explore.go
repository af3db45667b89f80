package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
)

// exploreFlags are the flags of raftcheck explore.
type exploreFlags struct {
	explore.Exploration
	exec        string // the command of a program, in place of a system
	certificate string
	json        bool
}

// usualBounds are those of an exploration whose flags say nothing else.
var usualBounds = explore.Bounds{Terms: 2, Calls: 1, Messages: 4}

// mostMegabytes is the largest memory that a number of bytes can express: 2047 where
// an int has 32 bits.
const mostMegabytes = math.MaxInt >> 20

func parseExploreFlags(args []string, out io.Writer) (*exploreFlags, error) {
	f := &exploreFlags{}
	f.Bounds, f.Start = usualBounds, &faults.Schedule{}
	f.Start.Use(serviceSet, "")
	set := newFlags("explore")
	set.system(&f.Start.System)
	set.exec(&f.exec)
	set.IntVar(&f.Start.Nodes, "nodes", 3, "start with `N` nodes")
	set.IntVar(&f.Start.Voters, "voters", 0, "start with nodes 1 to `N` as voters; 0 is all")
	set.BoolVar(&f.Start.PreVote, "prevote", false, "candidates ask for pre-votes first")
	set.group("cluster, if no FILE is given")
	for i, bound := range explore.BoundNames {
		b := f.Bounds.At(i)
		set.IntVar(b, bound.Name, *b, "at most `N` "+bound.About)
	}
	set.group("bounds")
	set.BoolVar(&f.FIFO, "fifo", false, "links keep the order of their messages")
	set.BoolVar(&f.NoReduction, "no-reduction", false,
		"count states as different that differ by nodes' names or ignored messages")
	set.BoolVar(&f.KeepGoing, "keep-going", false,
		"go on after a violation, to find every property that can be violated")
	set.Func("property", "judge `PROPERTY` alone; may be repeated (default all that explore judges)",
		appendTo(&f.Properties))
	megabytes := set.Int("memory", min(8192, mostMegabytes/2),
		"take up to `MB` megabytes; with -checkpoint, the disk takes more")
	set.workers(&f.Workers, "searches")
	set.group("search")
	set.StringVar(&f.Folder, "checkpoint", "",
		"keep each depth in `FOLDER`, go on from there, and use its disk")
	set.StringVar(&f.certificate, "certificate", "", "write bounds, states and verdict to `FILE`")
	set.json(&f.json)
	set.group("output")
	if err := cmp.Or(set.parse(args, out), set.checkWorkers(f.Workers)); err != nil {
		return nil, err
	}
	if *megabytes < 1 || *megabytes > mostMegabytes {
		return nil, set.wrong("expected -memory from 1 to %d megabytes, found %d", mostMegabytes, *megabytes)
	}
	if err := checkOutput("-certificate", f.certificate); err != nil {
		return nil, err
	}
	f.Memory = *megabytes << 20
	if set.NArg() > 1 {
		return nil, set.wrong("expected at most one FILE, found %d: %s", set.NArg(), set.shownArguments())
	}
	if err := f.open(set.Arg(0)); err != nil {
		return nil, err
	}
	for _, p := range f.Properties {
		if !slices.Contains(explore.Judges(f.System), p) {
			return nil, misuse{fmt.Errorf("expected a property that explore judges, found %q", p), "list properties"}
		}
	}
	return f, nil
}

// open reads the schedule that the exploration starts with, if it is given.
func (f *exploreFlags) open(file string) (err error) {
	if file != "" {
		if f.Start, err = trial.ReadSchedule(file, serviceSet); err != nil {
			return err
		}
	}
	if f.exec != "" && file != "" {
		f.Start.System = "" // the program is explored, whatever system the schedule names
	}
	if f.System, err = systemOf(f.Start.System, f.exec); err == nil {
		f.Start.System = f.System.Name()
	}
	return err
}

func runExplore(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	f, err := parseExploreFlags(args, out)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	kept := newFindings(aside(f.json, out, errs), errs)
	start := time.Now()
	f.Progress = func(r *explore.Report) {
		kept.bar.show(func(elapsed time.Duration) string { return explored(r, elapsed) })
	}
	runner := newRunner(ctx, f.System)
	defer runner.Close()
	report, err := f.run(runner)
	kept.bar.clear()
	if err != nil {
		return 0, err
	}
	for _, finding := range report.Findings {
		kept.write(finding, "explore "+boundsText(&f.Bounds)+"; no shorter one within the bounds")
	}
	err = kept.unwritten()
	if f.certificate != "" {
		err = cmp.Or(err, os.WriteFile(f.certificate, []byte(f.Certify(report).String()), 0o644))
	}
	if f.json {
		printJSON(out, f.report(report, kept.files, time.Since(start)))
	} else {
		printExplore(out, f, report, kept.files, time.Since(start))
	}
	return exitCode(report.Outcome()), err
}

// explored says how far an exploration is.
func explored(r *explore.Report, elapsed time.Duration) string {
	return fmt.Sprintf("depth %d, %s states, %s to explore, %s states/s, %s MB",
		len(r.Levels), thousands(r.Distinct), thousands(r.Distinct-r.Explored),
		thousands(perSecond(r.Distinct, elapsed)), thousands(r.Bytes>>20))
}

// boundsText has the bounds that are not zero.
func boundsText(b *explore.Bounds) string {
	var parts []string
	for i, bound := range explore.BoundNames {
		if v := *b.At(i); v > 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", bound.Name, v))
		}
	}
	return strings.Join(parts, " ")
}

func printExplore(
	w io.Writer, f *exploreFlags, r *explore.Report, files map[*fuzz.Finding]string, elapsed time.Duration,
) {
	printSystem(w, f.System)
	fmt.Fprintf(w, "bounds      %s\n", boundsText(&f.Bounds))
	fmt.Fprintf(w, "states      %s (%s a second), of %s places, %s messages and %s memories\n",
		thousands(r.Distinct), thousands(perSecond(r.Distinct, elapsed)),
		thousands(r.Places), thousands(r.Messages), thousands(r.Memories))
	fmt.Fprintf(w, "generated   %s (%s a second) in %s steps; beyond the bounds: %s\n",
		thousands(r.Generated), thousands(perSecond(r.Generated, elapsed)),
		thousands(r.Steps), thousands(r.Beyond))
	fmt.Fprintf(w, "memory      %s bytes a state\n", thousands(r.Bytes/max(r.Distinct, 1)))
	if r.OnDisk > 0 {
		fmt.Fprintf(w, "on disk     %s states\n", thousands(r.OnDisk))
	}
	fmt.Fprintf(w, "renamings   %d\nsum         %v\n", r.Renamings, r.Sum)
	if f.Bounds.Heal > 0 {
		fmt.Fprintf(w, "healed      %s states\n", thousands(r.Healed))
	}
	if r.Replayed {
		fmt.Fprintln(w, "replayed    every step from its node's boot on: nodes of this system cannot be cloned")
	}
	fmt.Fprintf(w, "not judged  %s\n", strings.Join(f.NotJudged(), ", "))
	fmt.Fprintf(w, "\n%s", levels(r.Levels))
	for _, finding := range r.Findings {
		fmt.Fprintf(w, "\n%s (%d events, no fewer do)\n", finding.Verdict, r.Depths[finding.Property])
		if finding.Property == "Liveness" && len(r.Loop) > 0 {
			fmt.Fprintf(w, "after it, again and again:\n    %s\n", strings.Join(r.Loop, "\n    "))
		}
		printReplay(w, files[finding])
	}
	lines := r.Lines()
	fmt.Fprintf(w, "\n%s\n", strings.Join(lines[len(r.Findings):], "\n"))
}

// levels draws how many states there are at each depth.
func levels(counts []int) string {
	const width = 50
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	var b strings.Builder
	for depth, n := range counts {
		fmt.Fprintf(&b, "%5d %14s %s\n", depth, thousands(n), strings.Repeat("#", (n*width+most-1)/most))
	}
	return b.String()
}

// report is the report of the exploration in JSON.
func (f *exploreFlags) report(
	r *explore.Report, files map[*fuzz.Finding]string, elapsed time.Duration,
) explorationReport {
	violations := []violation{}
	for _, finding := range r.Findings {
		violations = append(violations, violation{
			Property: finding.Property, Events: len(finding.Schedule.Events), Depth: r.Depths[finding.Property],
			Verdict: finding.Verdict, File: files[finding],
		})
	}
	bounds := map[string]int{}
	for i, bound := range explore.BoundNames {
		bounds[bound.Name] = *f.Bounds.At(i)
	}
	return explorationReport{
		System: f.Start.System, Bounds: bounds, FIFO: f.FIFO, Renamings: r.Renamings,
		States: r.Distinct, StatesPerSecond: perSecond(r.Distinct, elapsed),
		BytesPerState: r.Bytes / max(r.Distinct, 1), OnDisk: r.OnDisk, Generated: r.Generated, Beyond: r.Beyond,
		Levels: r.Levels, Healed: r.Healed, Loop: listOf(r.Loop), Sum: r.Sum.String(), Replayed: r.Replayed,
		Unkept:     r.Unkept,
		Violations: violations, NotChecked: properties(r.NotChecked), NotJudged: listOf(f.NotJudged()),
		NotAsked:  models.NotAsked(f.System),
		Exhausted: r.Exhausted, Stopped: r.Stopped, Verdict: r.Outcome().String(),
	}
}
