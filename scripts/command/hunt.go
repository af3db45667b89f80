package command

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"raftcheck/fuzz/hunt"
)

// huntFlags are the flags of raftcheck hunt.
type huntFlags struct {
	hunt.Hunt
	json bool
	file string // where the counterexample is written; "" prints it
}

func parseHuntFlags(args []string, errs io.Writer) (*huntFlags, error) {
	f := &huntFlags{}
	f.Services = serviceSet
	set := flag.NewFlagSet("hunt", flag.ContinueOnError)
	set.SetOutput(errs)
	engine := set.String("engine", "swarm", "who hunts, one of"+engineLines()+"\n")
	system := set.String("system", "", "the implementation to test"+ofSystems())
	set.Float64Var(&f.Seconds, "seconds", 10, "of CPU time, until something is found")
	set.Uint64Var(&f.Seed, "seed", 0, "decides the schedules of swarm and rapid; 0 draws a fresh one")
	set.BoolVar(&f.json, "json", false, "print one JSON object instead of text")
	set.StringVar(&f.file, "o", "", "write the counterexample to this file")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	if set.NArg() > 0 {
		return nil, fmt.Errorf("expected no arguments after the flags, found %q", set.Arg(0))
	}
	var err error
	if f.Engine, err = hunt.EngineNamed(*engine); err != nil {
		return nil, err
	}
	if f.System, err = systemNamed(*system); err != nil {
		return nil, err
	}
	for f.Seed == 0 {
		f.Seed = freshSeed()
	}
	f.Root, _ = moduleRoot() // engines that need it say so
	return f, nil
}

// engineLines lists the engines and what they do, a line each.
func engineLines() string {
	var b strings.Builder
	for _, e := range hunt.Engines() {
		fmt.Fprintf(&b, "\n%-10s  %s", e.Name, e.About)
	}
	return b.String()
}

// moduleRoot is the folder of this module, in which raftcheck runs or in one below.
func moduleRoot() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for folder := here; ; folder = filepath.Dir(folder) {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module raftcheck\n") {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("expected to run in the folder of module raftcheck, or in one below it, and not in %s", here)
		}
	}
}

func runHunt(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	f, err := parseHuntFlags(args, errs)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	var bar progress
	bar.open(errs)
	f.Progress = func(r *hunt.Report) {
		bar.show(func(time.Duration) string {
			return fmt.Sprintf("%s, %.1f of %v s of CPU time", executions(r), r.CPUSeconds, f.Seconds)
		})
	}
	report, err := f.Run(ctx)
	bar.clear()
	if err != nil {
		return 0, err
	}
	code := exitHeld
	if report.Killed {
		code = exitViolated
	}
	if f.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.Encode(report)
	} else {
		printHunt(out, report, f.file == "")
	}
	if report.Killed && f.file != "" {
		err = os.WriteFile(f.file, []byte(report.Schedule), 0o644)
	}
	return code, err
}

// executions says how much was tried.
func executions(r *hunt.Report) string {
	if r.Explorations > 0 {
		return fmt.Sprintf("%s in %s", plural(r.Executions, "state"), plural(r.Explorations, "exploration"))
	}
	return plural(r.Executions, "schedule")
}

func printHunt(w io.Writer, r *hunt.Report, schedule bool) {
	fmt.Fprintf(w, "engine      %s\nsystem      %s\n", r.Engine, r.System)
	if r.Seed != 0 {
		fmt.Fprintf(w, "seed        %d\n", r.Seed)
	}
	fmt.Fprintf(w, "executions  %s\nCPU time    %.2f s\n", executions(r), r.CPUSeconds)
	if r.NotChecked > 0 {
		fmt.Fprintf(w, "not checked %s, not all of what it promises\n", plural(r.NotChecked, "schedule"))
	}
	switch {
	case r.Killed:
		fmt.Fprintf(w, "found by    %s\n\n%s (shrunk from %d to %s)\n", r.Origin, r.Verdict, r.FoundEvents, plural(r.Events, "event"))
	case r.Spent:
		fmt.Fprintf(w, "\nnothing found before the budget was spent\n")
	default:
		fmt.Fprintf(w, "\nnothing found, and nothing is left to try\n")
	}
	if r.Killed && schedule {
		fmt.Fprintf(w, "\n%s", r.Schedule)
	}
}
