package command

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"

	"raftcheck/fuzz/conform"
	"raftcheck/models"
)

func runConform(_ context.Context, args []string, out, errs io.Writer) (int, error) {
	set := flag.NewFlagSet("conform", flag.ContinueOnError)
	set.SetOutput(errs)
	name := set.String("system", "", "the adapter to try"+ofSystems())
	asJSON := set.Bool("json", false, "print one JSON object instead of text")
	if err := set.Parse(args); err != nil {
		return 0, err
	}
	if set.NArg() > 0 {
		return 0, fmt.Errorf("expected no arguments after the flags, found %q", set.Arg(0))
	}
	system, err := systemNamed(*name)
	if err != nil {
		return 0, err
	}
	results := conform.Check(system, serviceSet)
	outcome := models.Held
	for _, r := range results {
		if r.Outcome == models.Violated {
			outcome = models.Violated
		}
	}
	if *asJSON {
		printConformJSON(out, system.Name(), results, outcome)
	} else {
		printSystem(out, system)
		printConform(out, results)
		fmt.Fprintf(out, "\n%s\n", outcome)
	}
	return exitCode(outcome), nil
}

// printConform prints a line a rule, and what is wrong under it.
func printConform(w io.Writer, results []conform.Result) {
	fmt.Fprintln(w)
	for _, r := range results {
		fmt.Fprintf(w, "%-12s %-12s %s\n", r.Name, outcomeOf(r), r.About)
		if r.Text != "" {
			fmt.Fprintf(w, "    %s\n", strings.ReplaceAll(strings.TrimRight(r.Text, "\n"), "\n", "\n    "))
		}
	}
}

// outcomeOf is in a word or two what became of a rule.
func outcomeOf(r conform.Result) string {
	if r.Outcome == models.NotChecked {
		return "not offered"
	}
	return r.Outcome.String()
}

func printConformJSON(w io.Writer, system string, results []conform.Result, outcome models.Outcome) {
	rules := []map[string]string{}
	for _, r := range results {
		rules = append(rules, map[string]string{"rule": r.Name, "outcome": outcomeOf(r), "text": r.Text})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.Encode(map[string]any{"system": system, "rules": rules, "verdict": outcome.String()})
}
