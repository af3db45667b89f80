package command

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/linearizability/foreign"
	"raftcheck/linearizability/model"
	"raftcheck/models"
)

// stdin is the file "-".
var stdin io.Reader = os.Stdin

// serviceSpecs are the models of services.
func serviceSpecs() (specs []linearizability.Spec) {
	for _, each := range serviceSet {
		spec := each.Spec()
		known := func(other linearizability.Spec) bool { return other.Name == spec.Name }
		if !slices.ContainsFunc(specs, known) {
			specs = append(specs, spec)
		}
	}
	return specs
}

// judging is a history file, and its verdict.
type judging struct {
	file   string
	read   *foreign.Recording // nil if the file could not be read
	result linearizability.Result
	reason string // in a sentence; "" if linearizable
	page   string // the file of its page
	err    error
}

func runJudge(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	var o foreign.Options
	var asJSON, page bool
	set := newFlags("judge")
	set.StringVar((*string)(&o.Format), "format", "",
		"take the files for `FORMAT` text, edn, log or json (default by looking)")
	set.StringVar(&o.Model, "model", "", "judge by model `NAME`; see 'list models' (default by operations)")
	set.StringVar(&o.Initial, "initial", "", "before any operation each key has `VALUE` (default nil)")
	set.StringVar((*string)(&o.FailedCas), "failed-cas", "",
		"take a compare-and-swap that Jepsen calls failed as `MEANING` answered or never")
	set.group("input")
	set.BoolVar(&page, "page", false, "draw each history as an HTML page beside its file")
	set.json(&asJSON)
	set.group("output")
	if err := cmp.Or(set.parse(args, out), checkJudge(set, &o)); err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	var all []*judging
	var interrupted error
	for _, file := range set.Args() {
		j := judgeUnless(ctx, file, o, page)
		if j == nil {
			interrupted = fmt.Errorf("%w before %s was judged", ctx.Err(), file)
			break
		}
		if j.err != nil {
			fmt.Fprintf(errs, "%s: %s\n", name, printable(j.err.Error()))
		}
		all = append(all, j)
	}
	outcome := printJudged(out, all, asJSON)
	if slices.ContainsFunc(all, func(j *judging) bool { return j.err != nil }) {
		outcome = outcome.Worse(models.NotChecked) // such as a page that was not drawn
	}
	if interrupted != nil {
		outcome = outcome.Worse(models.NotChecked)
	}
	return exitCode(outcome), interrupted
}

// judgeUnless reads and judges a file, and draws its page if asked to. It returns nil as soon as
// ctx ends, which a search for an order does not notice.
func judgeUnless(ctx context.Context, file string, o foreign.Options, page bool) *judging {
	if ctx.Err() != nil {
		return nil
	}
	judged, bugs := make(chan *judging, 1), make(chan any, 1)
	go func() {
		defer func() {
			if bug := recover(); bug != nil {
				bugs <- bug
			}
		}()
		j := judge(file, o)
		if page && j.err == nil {
			j.err = j.draw()
		}
		judged <- j
	}()
	select {
	case j := <-judged:
		return j
	case bug := <-bugs:
		panic(bug)
	case <-ctx.Done():
		return nil
	}
}

// checkJudge wants files, and names that there are.
func checkJudge(set *flags, o *foreign.Options) error {
	known := func(name string, rows [][2]string) bool {
		return name == "" || slices.ContainsFunc(rows, func(row [2]string) bool { return row[0] == name })
	}
	dashes := 0
	for _, file := range set.Args() {
		if file == "-" {
			dashes++
		}
	}
	switch {
	case set.NArg() == 0:
		return set.wrong("expected one or more FILE, found none")
	case dashes > 1:
		return set.wrong("expected standard input once, found %d times -", dashes)
	case !known(string(o.Format), foreign.Formats()):
		return set.wrong("expected -format text, edn, log or json, found %q", o.Format)
	case !known(o.Model, modelRows()):
		return set.wrong("no model %q; see 'list models'", o.Model)
	case o.FailedCas != "" && o.FailedCas != foreign.Answered && o.FailedCas != foreign.Never:
		return set.wrong("expected -failed-cas answered or never, found %q", o.FailedCas)
	}
	return nil
}

// modelRows has the models that histories may name.
func modelRows() [][2]string {
	rows := model.Names()
	for _, spec := range serviceSpecs() {
		about := "histories as text, of the service"
		if foreign.Reads(spec.Name) {
			about = "histories of the service"
		}
		rows = append(rows, [2]string{spec.Name, about})
	}
	return rows
}

// specOf returns the specification of a history.
func specOf(r *foreign.Recording) (linearizability.Spec, error) {
	for _, spec := range serviceSpecs() {
		if spec.Name == r.Model && r.Initial == model.Nil {
			return spec, nil
		}
	}
	spec, ok := model.Named(r.Model, r.Initial)
	if !ok && r.Initial != model.Nil {
		return spec, fmt.Errorf("expected no -initial, as model %s has no initial value", r.Model)
	}
	if !ok {
		return spec, fmt.Errorf("no model %q; see 'list models'", r.Model)
	}
	return spec, nil
}

// judge reads and judges a file.
func judge(file string, o foreign.Options) *judging {
	j := &judging{file: file}
	content, err := readHistory(file)
	if err != nil {
		j.err = err
		return j
	}
	if j.read, j.err = foreign.Read(shownName(file), content, o); j.err != nil {
		return j
	}
	spec, err := specOf(j.read)
	if err != nil {
		j.err = fmt.Errorf("%s: %w", shownName(file), err)
		return j
	}
	if j.err = checkInputs(shownName(file), spec, j.read); j.err != nil {
		return j
	}
	j.result = linearizability.Check(spec, j.read.History)
	j.reason = model.Reason(spec, j.result, j.read.History)
	return j
}

// checkInputs wants operations of the model. Other formats than text were read with theirs.
func checkInputs(name string, spec linearizability.Spec, r *foreign.Recording) error {
	if r.Format != foreign.Text {
		return nil
	}
	for i := range r.History {
		op := &r.History[i]
		if _, known := spec.Step(spec.Init, op.Input, "", false); !known {
			return fmt.Errorf("%s:%d: expected an operation of model %s, found %q",
				name, r.First+i, spec.Name, op.Input)
		}
	}
	return nil
}

func shownName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return trial.ShownName(file)
}

// maxHistoryBytes is the size of the largest file that Read accepts.
const maxHistoryBytes = 64 << 20

func readHistory(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(stdin, maxHistoryBytes+1)) // Read rejects the byte too many
	}
	return trial.ReadFile(file, maxHistoryBytes)
}

// ofKey is the operations of the key that the verdict names.
func (j *judging) ofKey() (ops linearizability.History) {
	for _, op := range j.read.History {
		if op.Key == j.result.Key {
			ops = append(ops, op)
		}
	}
	return ops
}

// maxPageOperations is how many operations a page has room for.
const maxPageOperations = 10_000

// draw writes the page of the history; of a large one, that of the offending key, or of a
// short end of that which has no order.
func (j *judging) draw() error {
	spec, err := specOf(j.read)
	if err != nil {
		return err
	}
	ops := j.read.History
	if len(ops) > maxPageOperations && j.result.Key != "" {
		ops = j.ofKey()
	}
	if len(ops) > maxPageOperations && j.outcome() == models.Violated {
		_, spec, ops = linearizability.Tail(spec, ops)
	}
	var page bytes.Buffer
	if err := linearizability.WritePicture(&page, spec, ops, j.read.Notes); err != nil {
		return fmt.Errorf("%s: %w", shownName(j.file), err)
	}
	j.page = "history.html"
	if j.file != "-" {
		j.page = strings.TrimSuffix(j.file, filepath.Ext(j.file)) + ".html"
	}
	return writePage(j.page, page.Bytes())
}

// outcome is the verdict as the other commands have it.
func (j *judging) outcome() models.Outcome {
	switch {
	case j.read == nil:
		return models.NotChecked
	case j.result.Outcome == linearizability.NotLinearizable:
		return models.Violated
	case j.result.Outcome == linearizability.Linearizable:
		return models.Held
	}
	return models.NotChecked
}

// printJudged prints the verdicts, and returns that of all.
func printJudged(w io.Writer, all []*judging, asJSON bool) models.Outcome {
	outcome := models.Held
	for _, j := range all {
		outcome = outcome.Worse(j.outcome())
	}
	switch {
	case asJSON:
		printJSON(w, judged(all, outcome))
	case len(all) == 1 && all[0].read != nil:
		all[0].print(w)
	case len(all) > 1:
		printJudgedTable(w, all)
	}
	return outcome
}

// print prints the verdict on one history.
func (j *judging) print(w io.Writer) {
	c := j.count()
	fmt.Fprintf(w, "history     %s\nformat      %s\nmodel       %s, from %s\n",
		shownName(j.file), j.read.Format, j.read.Model, j.read.Initial)
	fmt.Fprintf(w, "operations  %d, of them unknown %d\nclients     %d\nkeys        %d\nfaults      %d\n",
		c.operations, c.unknown, c.clients, c.keys, len(j.read.Notes))
	if j.read.Shifted {
		fmt.Fprintf(w, "            client c1 is number 0 of the file, c2 is 1, and so on\n")
	}
	if j.read.Doubled {
		fmt.Fprintf(w, "            times are twice those of the file, as an operation took none\n")
	}
	if j.page != "" {
		fmt.Fprintf(w, "page        %s\n", trial.ShownName(j.page))
	}
	fmt.Fprintf(w, "----\n%s\n", j.verdict())
	if j.contradicted() {
		fmt.Fprintf(w, "the file says otherwise: expect %s\n", j.read.Expect)
	}
}

// verdict is the verdict and its reason in a line.
func (j *judging) verdict() string {
	if j.reason == "" {
		return j.outcome().String()
	}
	return j.outcome().String() + ": " + j.reason
}

func (j *judging) contradicted() bool {
	return j.read.Expect != linearizability.NotChecked && j.read.Expect != j.result.Outcome
}

// printJudgedTable prints a line a history, and the reasons behind them.
func printJudgedTable(w io.Writer, all []*judging) {
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tabs, "operations\tunknown\tkeys\tfaults\tsteps\t  verdict\n")
	counts := map[models.Outcome]int{}
	for _, j := range all {
		counts[j.outcome()]++
		if j.read == nil {
			fmt.Fprintf(tabs, "-\t-\t-\t-\t-\t  %-11s  %s\n", j.outcome(), shownName(j.file))
			continue
		}
		c := j.count()
		fmt.Fprintf(tabs, "%d\t%d\t%d\t%d\t%d\t  %-11s  %s\n", c.operations, c.unknown, c.keys,
			len(j.read.Notes), j.result.Steps, j.outcome(), shownName(j.file))
	}
	tabs.Flush()
	for _, j := range all {
		if j.read != nil && (j.reason != "" || j.contradicted()) {
			fmt.Fprintf(w, "\n%s\n    %s\n", shownName(j.file), j.verdict())
		}
		if j.read != nil && j.contradicted() {
			fmt.Fprintf(w, "    the file says otherwise: expect %s\n", j.read.Expect)
		}
	}
	fmt.Fprintf(w, "\nheld %d, violated %d, not checked %d\n",
		counts[models.Held], counts[models.Violated], counts[models.NotChecked])
}

// counted is how much there is of a history.
type counted struct{ operations, unknown, clients, keys int }

func (j *judging) count() counted {
	clients, keys := map[int]bool{}, map[string]bool{}
	c := counted{operations: len(j.read.History)}
	for i := range j.read.History {
		op := &j.read.History[i]
		clients[op.Client], keys[op.Key] = true, true
		if op.Pending() {
			c.unknown++
		}
	}
	c.clients, c.keys = len(clients), len(keys)
	return c
}

// judged is the report of judge in JSON.
func judged(all []*judging, outcome models.Outcome) judgeReport {
	report := judgeReport{Histories: []historyReport{}, Verdict: outcome.String()}
	for _, j := range all {
		h := historyReport{File: j.file, Page: j.page, Verdict: j.outcome().String()}
		if j.err != nil {
			h.Error = j.err.Error()
		}
		if j.read != nil {
			c := j.count()
			h.Format, h.Model, h.Initial = string(j.read.Format), j.read.Model, j.read.Initial
			h.Operations, h.Unknown, h.Clients, h.Keys = c.operations, c.unknown, c.clients, c.keys
			h.Faults, h.Key, h.Reason = len(j.read.Notes), j.result.Key, j.reason
			h.KeysGivenUp, h.Steps = j.result.Unchecked, j.result.Steps
			if j.read.Expect != linearizability.NotChecked {
				h.Expect = j.read.Expect.String()
			}
		}
		report.Histories = append(report.Histories, h)
	}
	return report
}
