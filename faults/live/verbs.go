package live

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
)

// newRunner returns the runner of a command line.
func (p *program) newRunner(f *flags) *Runner {
	r := &Runner{Server: f.server, Plain: f.plain, Metrics: f.served}
	if terminal, ok := p.errs.(*os.File); ok && isTerminal(terminal) {
		r.Look = func(line string) { fmt.Fprintf(terminal, "\r\x1b[K%s", line) }
	}
	return r
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// clear takes the line of a terminal away.
func (p *program) clear(r *Runner) {
	if r.Look != nil {
		fmt.Fprint(p.errs, "\r\x1b[K")
	}
}

// replay runs a schedule, prints what happened, and counts violations.
func (p *program) replay(ctx context.Context, f *flags) (int, error) {
	r := p.newRunner(f)
	fmt.Fprintf(p.out, "system      %s (%s)\n", f.server.Name(), f.version)
	count := newCount()
	code := exitHeld
	for number := range f.replays {
		result, err := r.Run(ctx, f.schedule)
		p.clear(r)
		if err != nil {
			return code, err
		}
		if f.replays > 1 {
			fmt.Fprintf(p.out, "\nrun %d\n", number+1)
		}
		p.printRun(result, f.logs)
		count.add(result)
		code = max(code, exitCode(result.Verdicts))
		if code == exitNotChecked && count.violated() {
			code = exitViolated
		}
	}
	if f.replays > 1 {
		fmt.Fprintln(p.out)
		count.print(p.out)
	}
	return code, nil
}

// printRun prints what happened in a run, and the verdicts.
func (p *program) printRun(result *Result, logs bool) {
	for _, m := range result.Timeline {
		fmt.Fprintln(p.out, m)
	}
	if logs {
		for id, lines := range result.Logs {
			for _, line := range lines {
				fmt.Fprintf(p.out, "    n%d: %s\n", id, line)
			}
		}
	}
	for _, took := range result.Next {
		fmt.Fprintf(p.out, "next leader after %.2f s\n", took.Seconds())
	}
	fmt.Fprintf(p.out, "operations  %d, of which %d unknown\n----\n", len(result.History), result.Unknown)
	for _, v := range result.Verdicts {
		fmt.Fprintln(p.out, v)
	}
	fmt.Fprintln(p.out, notLookedAt)
}

// notLookedAt says what no run of servers shows.
const notLookedAt = "not checked, because it needs a look inside a node: terms, votes, logs and quorums"

// show runs a schedule, and draws the first run that violates a property, or else the last.
func (p *program) show(ctx context.Context, f *flags) (int, error) {
	r := p.newRunner(f)
	count := newCount()
	var shown *Result
	for range f.replays {
		result, err := r.Run(ctx, f.schedule)
		p.clear(r)
		if err != nil {
			return 0, err
		}
		if !count.violated() {
			shown = result
		}
		count.add(result)
	}
	if err := shown.draw(f.file, f.version, f.schedule.Prose, count.lines()...); err != nil {
		return 0, err
	}
	for _, v := range shown.Verdicts {
		fmt.Fprintln(p.out, v)
	}
	fmt.Fprintln(p.out, pageOf(f.file))
	return exitCode(shown.Verdicts), nil
}

// pageOf is the name of the page of a schedule's file.
func pageOf(file string) string { return strings.TrimSuffix(file, ".txt") + ".html" }

// draw writes the page of a run beside the file of its schedule.
func (r *Result) draw(file, version string, prose []string, counts ...string) error {
	l := r.page
	l.Schedule = l.Schedule.Clone()
	l.Schedule.Prose = prose
	l.Title, l.Version, l.Counts = filepath.Base(file), version, counts
	var b bytes.Buffer
	if err := l.Run().Write(&b); err != nil {
		return err
	}
	return trial.WriteWhole(filepath.Dir(file), filepath.Base(pageOf(file)), b.Bytes())
}

func (p *program) list(context.Context, *flags) (int, error) {
	tabs := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tabs, "servers:")
	for _, s := range p.servers {
		fmt.Fprintf(tabs, "  %s\t%s\n", s.Name(), s.Services().Names())
	}
	fmt.Fprintln(tabs, "\nprofiles:")
	for _, each := range profiles {
		fmt.Fprintf(tabs, "  %s\t%s\n", each.Name, each.About)
	}
	fmt.Fprintln(tabs, "\nproperties:")
	for _, each := range Properties {
		fmt.Fprintf(tabs, "  %s\t%s\n", each.Name, each.Rule)
	}
	return exitHeld, tabs.Flush()
}

// version prints the version of each server that is here, or the reason why it is not.
func (p *program) version(ctx context.Context, f *flags) (int, error) {
	version, err := f.server.Prepare(ctx)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(p.out, "%s  %s\n", f.server.Name(), version)
	return exitHeld, nil
}

// count counts runs by property and outcome.
type count struct {
	runs      int
	verdicts  map[string][3]int
	firstText map[string]string // of a violation
}

func newCount() *count { return &count{verdicts: map[string][3]int{}, firstText: map[string]string{}} }

func (c *count) add(r *Result) {
	c.runs++
	for _, v := range r.Verdicts {
		n := c.verdicts[v.Property]
		n[v.Outcome]++
		c.verdicts[v.Property] = n
		if v.Outcome == models.Violated && c.firstText[v.Property] == "" {
			c.firstText[v.Property] = v.Text
		}
	}
}

// lines say how often each property was violated that ever was.
func (c *count) lines() (lines []string) {
	for _, p := range Properties {
		if n := c.verdicts[p.Name][models.Violated]; n > 0 {
			lines = append(lines, fmt.Sprintf("%s was violated in %d of %d runs of this schedule", p.Name, n, c.runs))
		}
	}
	return lines
}

func (c *count) violated() bool { return len(c.firstText) > 0 }

// print prints a table of the properties that were asked for.
func (c *count) print(w interface{ Write([]byte) (int, error) }) {
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tabs, "property\theld\tviolated\tnot checked\t")
	for _, p := range Properties {
		if n, ok := c.verdicts[p.Name]; ok {
			fmt.Fprintf(tabs, "%s\t%d\t%d\t%d\t\n", p.Name, n[models.Held], n[models.Violated], n[models.NotChecked])
		}
	}
	tabs.Flush()
}
