package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"raftcheck/fuzz/conform"
	"raftcheck/models"
)

func runConform(ctx context.Context, args []string, out, _ io.Writer) (int, error) {
	var named, command string
	var asJSON bool
	set := newFlags("conform")
	set.system(&named)
	set.exec(&command)
	set.group("input")
	set.json(&asJSON)
	set.group("output")
	if err := cmp.Or(set.parse(args, out), set.noArguments()); err != nil {
		return 0, err
	}
	system, err := systemOf(named, command)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := newRunner(ctx, system)
	defer runner.Close()
	var results []conform.Result
	outcome := models.Held
	for i := range conform.Rules() {
		r := runner.Rule(i)
		results = append(results, r)
		if !r.Stated {
			outcome = outcome.Worse(r.Outcome)
		}
		if r.Ends() {
			break
		}
	}
	if err := runner.Err(); err != nil {
		return 0, err
	}
	if asJSON {
		printJSON(out, conformed(system.Name(), results, outcome))
		return exitCode(outcome), nil
	}
	printSystem(out, system)
	printConform(out, results)
	switch last := results[len(results)-1]; {
	case last.Hangs:
		fmt.Fprintln(out, "\nthe other rules were not tried: each may wait as long for a call that does not return")
	case last.Ends():
		fmt.Fprintln(out, "\nthe other rules were not tried: each needs nodes that boot")
	}
	if names := notOffered(results); len(names) > 0 {
		fmt.Fprintf(out, "\nnot checked, as the adapter does not offer it: %s\n", strings.Join(names, ", "))
	}
	fmt.Fprintf(out, "\n%s\n", outcome)
	return exitCode(outcome), nil
}

// notOffered has the rules about abilities that the adapter does not have.
func notOffered(results []conform.Result) []string {
	names := []string{}
	for _, r := range results {
		if r.Outcome == models.NotChecked {
			names = append(names, r.Name)
		}
	}
	return names
}

// printConform prints a line a rule, and the error under it.
func printConform(w io.Writer, results []conform.Result) {
	fmt.Fprintln(w)
	for _, r := range results {
		fmt.Fprintf(w, "%-12s %-12s %s\n", r.Name, outcomeOf(r), r.About)
		if r.Text != "" {
			fmt.Fprintf(w, "    %s\n", strings.ReplaceAll(strings.TrimRight(r.Text, "\n"), "\n", "\n    "))
		}
	}
}

// outcomeOf returns the outcome of a rule in a word or two.
func outcomeOf(r conform.Result) string {
	if r.Outcome == models.NotChecked {
		return "not offered"
	}
	return r.Outcome.String()
}

// conformed is the report of conform in JSON.
func conformed(system string, results []conform.Result, outcome models.Outcome) conformReport {
	rules := []ruleReport{}
	for _, r := range results {
		rules = append(rules, ruleReport{r.Name, outcomeOf(r), r.Text})
	}
	return conformReport{
		System: system, Rules: rules, NotChecked: notOffered(results), Verdict: outcome.String(),
	}
}
