package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/trial"
)

// huntFlags are the flags of raftcheck hunt.
type huntFlags struct {
	hunt.Hunt
	json bool
	file string // where the counterexample is written; "" prints it
}

func parseHuntFlags(args []string, out io.Writer) (*huntFlags, error) {
	f := &huntFlags{}
	f.Services = serviceSet
	var engine, system string
	set := newFlags("hunt")
	set.system(&system)
	set.StringVar(&engine, "engine", "swarm", "hunt with engine `NAME`; see 'list engines'")
	set.Uint64Var(&f.Seed, "seed", 0,
		"decide the schedules of swarm and rapid by `SEED`; 0 draws a fresh one")
	set.BoolVar(&f.Outcomes, "outcomes", false, "count outcomes alone, and no rule that nodes keep on the way")
	set.group("input")
	set.seconds(&f.Seconds, "end after `S` seconds of CPU time")
	set.group("limits")
	set.json(&f.json)
	set.StringVar(&f.file, "out", "", "write the counterexample to `FILE`")
	set.group("output")
	err := cmp.Or(set.parse(args, out), set.noArguments(), set.checkSeconds(f.Seconds),
		checkOutput("-out", f.file))
	if err != nil {
		return nil, err
	}
	if f.Engine, err = engineNamed(engine); err != nil {
		return nil, err
	}
	if f.System, err = systemNamed(system); err != nil {
		return nil, err
	}
	for f.Seed == 0 {
		f.Seed = freshSeed()
	}
	f.Root, _ = moduleRoot() // engines that need it say so
	return f, nil
}

// engineNamed returns the engine of a name.
func engineNamed(name string) (hunt.Engine, error) {
	e, err := hunt.EngineNamed(name)
	if err != nil {
		err = misuse{fmt.Errorf("no engine %q", name), "list engines"}
	}
	return e, err
}

// moduleRoot is the folder of this module, in which raftcheck runs or in one below.
func moduleRoot() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for folder := here; ; folder = filepath.Dir(folder) {
		text, err := trial.ReadFile(filepath.Join(folder, "go.mod"), 1<<20)
		if err == nil && strings.HasPrefix(string(text), "module raftcheck\n") {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("expected to run in module raftcheck, in its folder or below it, not in %s", here)
		}
	}
}

func runHunt(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	f, err := parseHuntFlags(args, out)
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
	runner := newRunner(ctx, f.System)
	defer runner.Close()
	report, err := f.run(ctx, runner)
	bar.clear()
	if err != nil {
		return 0, err
	}
	code := exitHeld
	if report.Killed {
		code = exitViolated
	}
	if f.json {
		printJSON(out, report)
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
		fmt.Fprintf(w, "found by    %s\n\n%s (shrunk from %d to %s)\n",
			r.Origin, r.Verdict, r.FoundEvents, plural(r.Events, "event"))
	case r.Spent:
		fmt.Fprintf(w, "\nnothing found before the budget was spent\n")
	default:
		fmt.Fprintf(w, "\nnothing found, and nothing is left to try\n")
	}
	if r.Killed && schedule {
		fmt.Fprintf(w, "\n%s", r.Schedule)
	}
}
