package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/mutant"
	"raftcheck/fuzz/trial"
)

// mutantsFlags are the flags of raftcheck mutants.
type mutantsFlags struct {
	hunt.Matrix
	json     bool
	markdown bool
	found    string // the folder for counterexamples; "" writes none
}

func parseMutantsFlags(args []string, out io.Writer) (*mutantsFlags, error) {
	f := &mutantsFlags{}
	var folder, cache string
	var only, engines []string
	var trusted bool
	set := newFlags("mutants")
	set.StringVar(&folder, "mutants", "",
		"read the mutants in `FOLDER` (default testdata/mutants of the module)")
	set.BoolVar(&trusted, "trust", false,
		"build the files of -mutants and run them with your rights: they are programs")
	set.Func("mutant", "hunt mutant `NAME` alone; may be repeated (default all)", appendTo(&only))
	set.Func("engine", "hunt with engine `NAME` alone, see 'list engines'; may be repeated (default all)",
		appendTo(&engines))
	set.BoolVar(&f.Outcomes, "outcomes", false, "count outcomes alone, and no rule that nodes keep on the way")
	set.group("input")
	set.seconds(&f.Seconds, "end each hunt after `S` seconds of CPU time")
	set.IntVar(&f.Seeds, "seeds", 3, "hunt under seeds 1 to `N`, as long as each finds the bug")
	set.group("limits")
	set.workers(&f.Workers, "programs")
	set.StringVar(&cache, "cache", "",
		"keep the built programs in `FOLDER` (default raftcheck in the user's cache)")
	set.BoolVar(&f.markdown, "markdown", false, "print the table in Markdown")
	set.StringVar(&f.found, "found", "", "write the smallest counterexample of each mutant to `FOLDER`")
	set.json(&f.json)
	set.group("output")
	err := cmp.Or(set.parse(args, out), set.noArguments(),
		set.checkSeconds(f.Seconds), set.checkWorkers(f.Workers))
	if err == nil && f.found != "" {
		err = checkFolder("-found", f.found)
	}
	switch {
	case err != nil:
		return nil, err
	case f.Seeds < 1 || f.Seeds > hunt.MaxSeeds:
		return nil, set.wrong("expected -seeds from 1 to %d, found %d", hunt.MaxSeeds, f.Seeds)
	case folder != "" && !trusted:
		return nil, set.wrong("expected -trust with -mutants: its files are programs, and run with your rights")
	case f.json && f.markdown:
		return nil, set.wrong("expected -json or -markdown, found both")
	}
	return f, f.open(folder, cache, only, engines)
}

func appendTo(list *[]string) func(string) error {
	return func(s string) error {
		*list = append(*list, s)
		return nil
	}
}

// open finds the module, the mutants and the engines that the flags name.
func (f *mutantsFlags) open(folder, cache string, only, engines []string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	if cache == "" {
		if cache, err = os.UserCacheDir(); err != nil {
			return fmt.Errorf("expected -cache FOLDER: %w", err)
		}
		cache = filepath.Join(cache, "raftcheck")
	}
	f.Builder = &mutant.Builder{Root: root, Program: "./scripts/raftcheck", Folder: cache}
	if f.Mutants, err = hunt.ReadRows(cmp.Or(folder, filepath.Join(root, "testdata", "mutants"))); err != nil {
		return err
	}
	if err := f.keep(only); err != nil {
		return err
	}
	for _, name := range engines {
		e, err := engineNamed(name)
		if err != nil {
			return err
		}
		f.Engines = append(f.Engines, e)
	}
	if len(engines) == 0 {
		f.Engines = hunt.Engines()
	}
	return nil
}

// keep leaves out the mutants that are not named, if any are.
func (f *mutantsFlags) keep(only []string) error {
	for _, name := range only {
		if !slices.ContainsFunc(f.Mutants, func(r *hunt.Row) bool { return r.Name == name }) {
			return fmt.Errorf("expected the name of a mutant, without .txt, found %q", name)
		}
	}
	f.Mutants = slices.DeleteFunc(f.Mutants, func(r *hunt.Row) bool {
		return len(only) > 0 && !slices.Contains(only, r.Name)
	})
	return nil
}

func runMutants(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	f, err := parseMutantsFlags(args, out)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	var bar progress
	bar.open(errs)
	f.Progress = func(done, all int, what string) {
		bar.show(func(time.Duration) string {
			return fmt.Sprintf("%s of %s: %s", thousands(done), thousands(all), what)
		})
	}
	var unwritten error
	f.Finished = func(r *hunt.Row) {
		if f.found != "" {
			unwritten = cmp.Or(unwritten, writeCounterexample(f.found, r))
		}
	}
	table, err := f.Run(ctx)
	bar.clear()
	if err != nil {
		return 0, err
	}
	if unwritten != nil {
		unwritten = fmt.Errorf("a counterexample was not written: %w", unwritten)
	}
	for _, text := range table.Errors() {
		fmt.Fprintln(errs, "raftcheck:", printable(text))
	}
	switch {
	case f.json:
		printJSON(out, table)
	case f.markdown:
		printMarkdown(out, table, nil)
	default:
		printTable(out, table)
		printSummary(out, table)
	}
	return exitCode(table.Outcome()), unwritten
}

// writeCounterexample writes the smallest one of a mutant to a file with its name.
func writeCounterexample(folder string, r *hunt.Row) error {
	s, err := r.Counterexample(serviceSet)
	if s == nil || err != nil {
		return err
	}
	return trial.WriteBelow(folder, r.Name+".txt", s)
}

func printTable(w io.Writer, t *hunt.Table) {
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tabs, "mutant\t%s\n", strings.Join(t.Engines, "\t"))
	for _, r := range append(slices.Clone(t.Mutants), t.Reference) {
		fmt.Fprint(tabs, r.Name)
		for _, c := range r.Cells {
			fmt.Fprint(tabs, "\t", cellText(r, c))
		}
		fmt.Fprintln(tabs)
	}
	tabs.Flush()
}

// cellText returns the result of an engine with a mutant: the property, the executions and
// the CPU seconds, and of how many seeds, if not of all.
func cellText(r *hunt.Row, c *hunt.Cell) string {
	text := "-"
	switch {
	case c.Killed && c.Executions != nil:
		text = fmt.Sprintf("%s %s %.2fs", c.Property, thousands(*c.Executions), *c.CPUSeconds)
	case c.Killed:
		text = c.Property
	case r.Error == "" && c.Error == "" && c.Runs == 0:
		text = "?" // the engine never ran on it
	}
	if c.Killed && c.Kills < c.Runs {
		text += fmt.Sprintf(" (%d of %d seeds)", c.Kills, c.Runs)
	}
	if r.Error != "" || c.Error != "" {
		text = strings.TrimPrefix(text+" error", "- ")
	}
	return text
}

func printSummary(w io.Writer, t *hunt.Table) {
	s := &t.Summary
	if t.Stopped {
		fmt.Fprintf(w, "\nstopped before all was done\n")
	}
	fmt.Fprintf(w, "\nmutants     %d, killed %d\n", s.Mutants, s.Killed)
	if slices.Contains(t.Engines, "swarm") {
		fmt.Fprintf(w, "swarm       kills %d within %v CPU seconds %s, and %d under each of %d\n",
			s.BySwarm, s.SwarmSeconds, "under half or more of the seeds that it got", s.BySwarmAlways, t.Seeds)
	}
	fmt.Fprintf(w, "smallest    counterexamples have %s at the median\n\n", plural(s.Events, "event"))
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tabs,
		"engine\tkills\talways\talone\texecutions\tmost\tCPU s\tmost\tevents\tfalse alarms\terrors\t")
	for _, e := range s.Engines {
		fmt.Fprintf(tabs, "%s\t%d\t%d\t%d\t%s\t%s\t%.2f\t%.2f\t%d\t%d\t%d\t\n",
			e.Engine, e.Killed, e.Always, len(e.Alone), thousands(e.Executions), thousands(e.ExecutionsMost),
			e.CPUSeconds, e.CPUSecondsMost, e.Events, e.FalseAlarms, e.Errors)
	}
	tabs.Flush()
	for _, list := range []struct {
		what  string
		names []string
	}{{"not checked", s.NotChecked}, {"escaped", s.Escaped}} {
		if len(list.names) > 0 {
			fmt.Fprintf(w, "\n%s: %s\n", list.what, strings.Join(list.names, ", "))
		}
	}
	if len(s.Escaped) == 0 && s.Killed == s.Mutants {
		fmt.Fprintf(w, "\nnone escaped\n")
	}
}

// printMarkdown prints the results that are the same on every machine that has the time. With
// a second table, of -outcomes, a column has the outcome that is violated first, and the
// executions until then.
func printMarkdown(w io.Writer, t, outcomes *hunt.Table) {
	title, line := "", ""
	if outcomes != nil {
		title, line = "outcome | ", "---|"
	}
	fmt.Fprintf(w, "| mutant | property | %s%s |\n|---|---|%s%s\n",
		title, strings.Join(t.Engines, " | "), line, strings.Repeat("--:|", len(t.Engines)))
	for _, r := range t.Mutants {
		property, cells := "-", []string{}
		for _, c := range r.Cells {
			if property == "-" && c.Killed {
				property = c.Property
			}
			cells = append(cells, markdownCell(r, c))
		}
		if outcomes != nil {
			property += " | " + outcomeCell(outcomes, r.Name)
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", r.Name, property, strings.Join(cells, " | "))
	}
}

// outcomeCell has the result of the first engine that kills a mutant by an outcome alone: "?"
// if it was not measured.
func outcomeCell(outcomes *hunt.Table, mutant string) string {
	i := slices.IndexFunc(outcomes.Mutants, func(r *hunt.Row) bool { return r.Name == mutant })
	if i < 0 {
		return "?"
	}
	r := outcomes.Mutants[i]
	for _, c := range r.Cells {
		if c.Executions != nil {
			return c.Property + " " + markdownCell(r, c)
		}
	}
	return "-"
}

// markdownCell has the executions to the kill; half of the seeds that it got kill, or it is a dash.
func markdownCell(r *hunt.Row, c *hunt.Cell) string {
	switch {
	case r.Error != "" || c.Error != "":
		return "error"
	case c.Executions != nil:
		return thousands(*c.Executions)
	}
	return "-"
}
