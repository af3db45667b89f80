package command

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/trial"
)

// exploreFlags are the flags of raftcheck explore.
type exploreFlags struct {
	explore.Exploration
	certificate string
	json        bool
}

// usualBounds are those of an exploration whose flags say nothing else.
var usualBounds = explore.Bounds{Terms: 2, Calls: 1, Messages: 4}

func parseExploreFlags(args []string, errs io.Writer) (*exploreFlags, error) {
	f := &exploreFlags{}
	f.Bounds = usualBounds
	start := &faults.Schedule{}
	start.Use(serviceSet, "")
	set := flag.NewFlagSet("explore", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&start.System, "system", "", "the implementation to explore"+ofSystems())
	set.IntVar(&start.Nodes, "nodes", 3, "how many nodes there are")
	set.IntVar(&start.Voters, "voters", 0, "how many of them are voters at first; 0 is all")
	set.BoolVar(&start.PreVote, "prevote", false, "elections ask first")
	for i, bound := range explore.BoundNames {
		set.IntVar(f.Bounds.At(i), bound.Name, *f.Bounds.At(i), "bound: "+bound.About)
	}
	set.BoolVar(&f.Ordered, "ordered", false, "links keep the order of their messages")
	set.BoolVar(&f.Plain, "plain", false, "tell states apart that differ by the names of nodes alone")
	set.BoolVar(&f.Onward, "onward", false, "go on after a violation, to find all properties that can be violated")
	set.Func("property", "judge this property only; may be given several times", func(name string) error {
		f.Properties = append(f.Properties, name)
		return nil
	})
	megabytes := set.Int("memory", 8192, "megabytes that the states may take")
	set.IntVar(&f.Workers, "workers", runtime.GOMAXPROCS(0), "how many states to look at side by side")
	set.StringVar(&f.certificate, "certificate", "", "write what came of it to this file")
	set.BoolVar(&f.json, "json", false, "print one JSON object instead of text")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	f.Start, f.Memory = start, *megabytes<<20
	return f, f.open(set)
}

// open reads the schedule that the exploration starts with, if it is given.
func (f *exploreFlags) open(set *flag.FlagSet) (err error) {
	switch {
	case set.NArg() > 1:
		return fmt.Errorf("expected explore [flags] [FILE], found %q", set.Args())
	case set.NArg() == 1:
		if f.Start, err = trial.ReadSchedule(set.Arg(0), serviceSet); err != nil {
			return err
		}
	}
	if f.System, err = systemNamed(f.Start.System); err == nil {
		f.Start.System = f.System.Name()
	}
	return err
}

func runExplore(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	f, err := parseExploreFlags(args, errs)
	if err != nil {
		return 0, err
	}
	// Most of the memory is in use until the end: waiting for it to be used several
	// times over before what is not is taken back would cost more than the machine has.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(f.Memory)))
	ctx, stop := interruptible(ctx)
	defer stop()
	kept := newFindings(errs)
	start := time.Now()
	f.Progress = func(r *explore.Report) {
		kept.bar.show(func(elapsed time.Duration) string {
			return fmt.Sprintf("depth %d, %s states, %s to explore, %s states/s, %s MB",
				len(r.Levels), thousands(r.Distinct), thousands(r.Distinct-r.Explored), thousands(perSecond(r.Distinct, elapsed)), thousands(r.Bytes>>20))
		})
	}
	report, err := f.Run(ctx)
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
		printExploreJSON(out, f, report, kept.files, time.Since(start))
	} else {
		printExplore(out, f, report, kept.files, time.Since(start))
	}
	return exitCode(report.Outcome()), err
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

func printExplore(w io.Writer, f *exploreFlags, r *explore.Report, files map[string]string, elapsed time.Duration) {
	fmt.Fprintf(w, "system      %s\nbounds      %s\n", f.Start.System, boundsText(&f.Bounds))
	fmt.Fprintf(w, "states      %s (%s a second), of %s places, %s messages and %s memories\n", thousands(r.Distinct),
		thousands(perSecond(r.Distinct, elapsed)), thousands(r.Places), thousands(r.Messages), thousands(r.Memories))
	fmt.Fprintf(w, "generated   %s (%s a second) in %s steps; beyond the bounds: %s\n", thousands(r.Generated),
		thousands(perSecond(r.Generated, elapsed)), thousands(r.Steps), thousands(r.Beyond))
	fmt.Fprintf(w, "memory      %s bytes a state\n", thousands(r.Bytes/r.Distinct))
	fmt.Fprintf(w, "renamings   %d\nsum         %v\n", r.Renamings, r.Sum)
	if r.Replayed {
		fmt.Fprintf(w, "replayed    every step, from its node's boot on: the nodes of this system cannot be cloned\n")
	}
	fmt.Fprintf(w, "\n%s", levels(r.Levels))
	for _, finding := range r.Findings {
		fmt.Fprintf(w, "\n%s (%d events, no fewer do)\n", finding.Verdict, r.Depths[finding.Property])
		printReplay(w, files[finding.Property])
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

func printExploreJSON(out io.Writer, f *exploreFlags, r *explore.Report, files map[string]string, elapsed time.Duration) {
	violations := []violation{}
	for _, finding := range r.Findings {
		violations = append(violations, violation{
			Property: finding.Property, Events: len(finding.Schedule.Events), Depth: r.Depths[finding.Property],
			Verdict: finding.Verdict, File: files[finding.Property],
		})
	}
	bounds := map[string]int{}
	for i, bound := range explore.BoundNames {
		bounds[bound.Name] = *f.Bounds.At(i)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.Encode(map[string]any{
		"system": f.Start.System, "bounds": bounds, "ordered": f.Ordered, "renamings": r.Renamings,
		"states": r.Distinct, "generated": r.Generated, "beyond": r.Beyond, "levels": r.Levels,
		"states_per_second": perSecond(r.Distinct, elapsed), "bytes_per_state": r.Bytes / r.Distinct,
		"sum": r.Sum.String(), "replayed": r.Replayed, "violations": violations, "exhausted": r.Exhausted, "stopped": r.Stopped,
		"verdict": r.Outcome().String(),
	})
}
