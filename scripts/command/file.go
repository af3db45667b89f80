package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// open reads the schedule that a command names, and finds its system. With -exec that is
// the program's, whatever system the schedule names.
func open(set *flags, args []string, out io.Writer) (string, *faults.Schedule, raft.System, error) {
	var command string
	set.exec(&command)
	set.group("system, if not that of FILE")
	if err := set.parse(args, out); err != nil {
		return "", nil, nil, err
	}
	file, err := set.argument("FILE")
	if err != nil {
		return "", nil, nil, err
	}
	schedule, err := trial.ReadSchedule(file, serviceSet)
	if err != nil {
		return "", nil, nil, err
	}
	if command != "" {
		schedule.System = ""
	}
	system, err := systemOf(schedule.System, command)
	if err != nil {
		return "", nil, nil, fmt.Errorf("%s: %w", trial.ShownName(file), err)
	}
	schedule.System = system.Name()
	if err := schedule.Suits(system); err != nil {
		return "", nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return file, schedule, system, nil
}

func runReplay(ctx context.Context, args []string, out, _ io.Writer) (int, error) {
	var asJSON bool
	set := newFlags("replay")
	set.json(&asJSON)
	set.group("output")
	_, schedule, system, err := open(set, args, out)
	if err != nil {
		return 0, err
	}
	var trace io.Writer = out
	if asJSON {
		trace = io.Discard
	} else {
		printProse(out, schedule)
		if about := models.AboutNotAsked(system); about != "" {
			fmt.Fprintf(out, "# %s\n", about)
		}
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := newRunner(ctx, system)
	defer runner.Close()
	result, err := runner.Trace(schedule, trace)
	if err != nil {
		return 0, err
	}
	if trial.Nondeterminism(system) != "" {
		return replayAgain(ctx, runner, schedule, &result, asJSON, out), cmp.Or(runner.Err(), ctx.Err())
	}
	if result.Stack == "" {
		trial.Again(runner, schedule, &result)
	}
	if err := cmp.Or(runner.Err(), ctx.Err()); err != nil {
		return 0, err
	}
	if asJSON {
		printJSON(out, replayed(schedule, &result, nil, result.Outcome()))
	} else {
		printVerdict(out, schedule, result.Lines())
		printStack(out, result.Stack)
	}
	return exitCode(result.Outcome()), nil
}

// printStack prints where a system broke Survival.
func printStack(out io.Writer, stack string) {
	for line := range strings.Lines(stack) {
		fmt.Fprint(out, "    ", line)
	}
}

// replayAgain reports how often a schedule fails that may run otherwise each time. The
// first run is the one that was printed.
func replayAgain(
	ctx context.Context, runner trial.Executor, s *faults.Schedule, first *trial.Result, asJSON bool,
	out io.Writer,
) int {
	recurrences := trial.Recurrences(ctx, runner, s)
	outcome := first.Outcome()
	switch {
	case len(recurrences) > 0:
		outcome = models.Violated
	case ctx.Err() != nil:
		outcome = outcome.Worse(models.NotChecked)
	}
	if asJSON {
		printJSON(out, replayed(s, first, recurrences, outcome))
		return exitCode(outcome)
	}
	lines := first.Lines()
	if outcome != first.Outcome() {
		lines[0] += " in this run"
	}
	fmt.Fprintf(out, "----\n%s\n", strings.Join(lines, "\n"))
	printStack(out, first.Stack)
	fmt.Fprintln(out, "not deterministic:", trial.Nondeterminism(runner.System()))
	for _, c := range recurrences {
		fmt.Fprintln(out, c)
		if first.Stack == "" {
			printStack(out, c.Stack)
		}
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

// replayed is the report of replay in JSON.
func replayed(
	s *faults.Schedule, r *trial.Result, again []trial.Recurrence, outcome models.Outcome,
) replayReport {
	verdicts := map[string]string{}
	for _, v := range r.Verdicts {
		verdicts[v.Property] = v.Outcome.String()
	}
	recurrences, stack := map[string]recurrence{}, r.Stack
	for _, c := range again {
		recurrences[c.Property] = recurrence{c.Violated, c.Runs}
		if c.Property == trial.Survival.Name {
			stack = c.Stack
		}
	}
	return replayReport{
		System: s.System, Nodes: s.Nodes, Events: r.Events, TraceHash: hexadecimal(r.TraceHash),
		Goals: listOf(trial.GoalsOf(serviceSet).Names(r.Goals)), Verdicts: verdicts, Recurrences: recurrences,
		Lines: r.Lines(), Stack: linesOf(stack), Verdict: outcome.String(),
	}
}

// linesOf splits a text into its lines; an empty one has none.
func linesOf(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == '\n' })
}

func runShrink(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	var property string
	set := newFlags("shrink")
	set.StringVar(&property, "property", "", "shrink for violations of `PROPERTY` (default the first violated)")
	set.group("search")
	file, schedule, system, err := open(set, args, out)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := newRunner(ctx, system)
	defer runner.Close()
	result := runner.Run(schedule)
	if err := runner.Err(); err != nil {
		return 0, err
	}
	if property == "" {
		property = result.Violated()
	}
	if result.Of(property).Outcome != models.Violated {
		return exitCode(result.Outcome()), fmt.Errorf("%s: expected a schedule that violates %s, found: %s",
			trial.ShownName(file), cmp.Or(property, "a property"), strings.Join(result.Lines(), "; "))
	}
	var bar progress
	bar.open(errs)
	told := shrink.Told(ctx, func(runs int) {
		bar.show(func(time.Duration) string { return thousands(runs) + " smaller schedules tried" })
	})
	smallest, runs := shrink.Schedule(told, runner, schedule, property)
	bar.clear()
	result = runner.Run(smallest)
	smallest.Golden = result.Lines()
	fmt.Fprintf(errs, "%s: %d -> %d events in %d runs\n",
		property, len(schedule.Events), len(smallest.Events), runs)
	fmt.Fprint(out, smallest)
	return exitViolated, runner.Err()
}

func runShow(ctx context.Context, args []string, out, _ io.Writer) (int, error) {
	file, schedule, system, err := open(newFlags("show"), args, out)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := newRunner(ctx, system)
	defer runner.Close()
	name, drawn, err := drawBeside(file, runner, schedule)
	if errors.Is(err, errNotDrawn) {
		fmt.Fprintln(out, strings.Join(drawn.Lines, "\n"))
		return exitViolated, err
	}
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s\n%s\n", strings.Join(drawn.Lines, "\n"), trial.ShownName(name))
	return exitCode(drawn.Outcome), nil
}
