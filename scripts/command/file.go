package command

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// open reads the schedule that a command names, and finds its system. The
// flags that the command has besides are in set.
func open(set *flag.FlagSet, args []string, errs io.Writer) (string, *faults.Schedule, raft.System, error) {
	set.SetOutput(errs)
	if err := set.Parse(args); err != nil {
		return "", nil, nil, err
	}
	if set.NArg() != 1 || set.Arg(0) == "" {
		return "", nil, nil, fmt.Errorf("expected %s FILE, found %d arguments %q", set.Name(), set.NArg(), set.Args())
	}
	file := set.Arg(0)
	schedule, err := trial.ReadSchedule(file, serviceSet)
	if err != nil {
		return "", nil, nil, err
	}
	system, err := systemNamed(schedule.System)
	if err != nil {
		return "", nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return file, schedule, system, nil
}

func runReplay(_ context.Context, args []string, out, errs io.Writer) (int, error) {
	set := flag.NewFlagSet("replay", flag.ContinueOnError)
	asJSON := set.Bool("json", false, "print one JSON object instead of text")
	_, schedule, system, err := open(set, args, errs)
	if err != nil {
		return 0, err
	}
	var trace io.Writer = out
	if *asJSON {
		trace = io.Discard
	} else {
		printProse(out, schedule)
	}
	result, err := trial.Trace(system, serviceSet, schedule, trace)
	if err != nil {
		return 0, err
	}
	runner := trial.NewRunner(system, serviceSet)
	if runner.Nondeterminism() != "" {
		return replayAgain(runner, schedule, &result, *asJSON, out), nil
	}
	runner.Again(schedule, &result)
	if *asJSON {
		printReplayJSON(out, schedule, &result, nil)
	} else {
		printVerdict(out, schedule, result.Lines())
	}
	return exitCode(result.Outcome()), nil
}

// replayAgain tells how often a schedule fails that may run otherwise each time.
func replayAgain(runner *trial.Runner, s *faults.Schedule, first *trial.Result, asJSON bool, out io.Writer) int {
	recurrences := runner.Recurrences(s)
	outcome := first.Outcome()
	if len(recurrences) > 0 {
		outcome = models.Violated
	}
	if asJSON {
		printReplayJSON(out, s, first, recurrences)
		return exitCode(outcome)
	}
	fmt.Fprintf(out, "----\n%s\nnot deterministic: %s\n", strings.Join(first.Lines(), "\n"), runner.Nondeterminism())
	for _, c := range recurrences {
		fmt.Fprintln(out, c)
	}
	return exitCode(outcome)
}

func printProse(out io.Writer, s *faults.Schedule) {
	for _, line := range s.Prose {
		fmt.Fprintln(out, strings.TrimRight("# "+line, " "))
	}
}

func printVerdict(out io.Writer, s *faults.Schedule, lines []string) {
	fmt.Fprintf(out, "----\n%s\n", strings.Join(lines, "\n"))
	if s.Golden != nil && !slices.Equal(s.Golden, lines) {
		fmt.Fprintf(out, "the file says otherwise:\n%s\n", strings.Join(s.Golden, "\n"))
	}
}

// recurrence is in JSON how often a schedule fails of a system that is not deterministic.
type recurrence struct {
	Violated int `json:"violated"`
	Runs     int `json:"runs"`
}

func printReplayJSON(out io.Writer, s *faults.Schedule, r *trial.Result, again []trial.Recurrence) {
	verdicts := map[string]string{}
	for _, v := range r.Verdicts {
		verdicts[v.Property] = v.Outcome.String()
	}
	recurrences := map[string]recurrence{}
	for _, c := range again {
		recurrences[c.Property] = recurrence{c.Violated, c.Runs}
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.Encode(map[string]any{
		"recurrences": recurrences,
		"system":      s.System, "nodes": s.Nodes, "events": r.Events, "trace_hash": fmt.Sprintf("%016x", r.TraceHash),
		"verdict": r.Outcome().String(), "lines": r.Lines(), "verdicts": verdicts, "goals": trial.GoalsOf(serviceSet).Names(r.Goals),
	})
}

func runShrink(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	file, schedule, system, err := open(flag.NewFlagSet("shrink", flag.ContinueOnError), args, errs)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := trial.NewRunner(system, serviceSet)
	result := runner.Run(schedule)
	property := result.Violated()
	if property == "" {
		return exitCode(result.Outcome()), fmt.Errorf("%s: expected a schedule that violates a property, found: %s", file, strings.Join(result.Lines(), "; "))
	}
	smallest, runs := shrink.Schedule(ctx, runner, schedule, property)
	result = runner.Run(smallest)
	smallest.Golden = result.Lines()
	fmt.Fprintf(errs, "%s: %d -> %d events in %d runs\n", property, len(schedule.Events), len(smallest.Events), runs)
	fmt.Fprint(out, smallest)
	return exitViolated, nil
}

func runShow(_ context.Context, args []string, out, errs io.Writer) (int, error) {
	file, schedule, system, err := open(flag.NewFlagSet("show", flag.ContinueOnError), args, errs)
	if err != nil {
		return 0, err
	}
	var page bytes.Buffer
	result, err := trial.Picture(system, serviceSet, schedule, &page)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	picture := strings.TrimSuffix(file, ".txt") + ".html"
	if err := os.WriteFile(picture, page.Bytes(), 0o644); err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s\n%s\n", strings.Join(result.Lines(), "\n"), picture)
	return exitCode(result.Outcome()), nil
}
