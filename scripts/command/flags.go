package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"

	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/trial"
)

// flags are the flags of a command, in groups.
type flags struct {
	*flag.FlagSet
	groups []group
}

// group is flags that the help lists under one title.
type group struct {
	title string
	flags []*flag.Flag
}

func newFlags(command string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(command, flag.ContinueOnError)}
	f.SetOutput(io.Discard) // errors are returned, and print prints the help
	return f
}

// group puts the flags that were defined since the last group under a title.
func (f *flags) group(title string) {
	g := group{title: title}
	f.VisitAll(func(one *flag.Flag) {
		if !f.grouped(one) {
			g.flags = append(g.flags, one)
		}
	})
	f.groups = append(f.groups, g)
}

func (f *flags) grouped(one *flag.Flag) bool {
	for _, g := range f.groups {
		for _, other := range g.flags {
			if one == other {
				return true
			}
		}
	}
	return false
}

// flagLine is the help of a flag: its name and that of its value, a tab, and its meaning.
func flagLine(one *flag.Flag) string {
	value, about := flag.UnquoteUsage(one)
	if value != "" {
		value = " " + value
	}
	line := fmt.Sprintf("-%s%s\t%s", one.Name, value, about)
	switch one.DefValue {
	case "", "0", "false":
		return line
	}
	return line + " (default " + one.DefValue + ")"
}

// parse reads the flags, under old names too. With -h it prints the help to out.
func (f *flags) parse(args []string, out io.Writer) error {
	f.VisitAll(func(one *flag.Flag) {
		if !f.grouped(one) {
			panic("no group has the flag -" + one.Name)
		}
	})
	for old, now := range oldNames[f.Name()] {
		f.Var(f.Lookup(now).Value, old, "")
	}
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.print(out)
	case err != nil:
		return f.wrong("%w", err)
	}
	return err
}

// wrong is an error of the command line.
func (f *flags) wrong(format string, args ...any) error {
	return misuse{fmt.Errorf(format, args...), "help " + f.Name()}
}

// given reports whether the command line has the flag.
func (f *flags) given(name string) (given bool) {
	f.Visit(func(one *flag.Flag) { given = given || one.Name == name })
	return given
}

// noArguments wants nothing after the flags.
func (f *flags) noArguments() error {
	if f.NArg() > 0 {
		return f.wrong("expected no arguments after the flags, found %q", f.Arg(0))
	}
	return nil
}

// argument returns the one argument after the flags, which the help calls so.
func (f *flags) argument(called string) (string, error) {
	switch {
	case f.NArg() == 0:
		return "", f.wrong("expected one %s, found none", called)
	case f.NArg() > 1:
		return "", f.wrong("expected one %s, found %d: %s", called, f.NArg(), f.shownArguments())
	case f.Arg(0) == "":
		return "", f.wrong("expected one %s, found an empty name", called)
	}
	return f.Arg(0), nil
}

// shownArguments lists the arguments after the flags.
func (f *flags) shownArguments() string {
	names := make([]string, f.NArg())
	for i := range names {
		names[i] = trial.ShownName(f.Arg(i))
	}
	return strings.Join(names, " ")
}

// maxWorkers bounds how much runs side by side.
const maxWorkers = 1024

func (f *flags) workers(n *int, of string) {
	f.IntVar(n, "workers", runtime.GOMAXPROCS(0), "run `N` "+of+" side by side")
}

// checkWorkers wants a number of workers that a machine has room for.
func (f *flags) checkWorkers(n int) error {
	if n < 1 || n > maxWorkers {
		return f.wrong("expected -workers from 1 to %d, found %d", maxWorkers, n)
	}
	return nil
}

func (f *flags) system(name *string) {
	f.StringVar(name, "system", "", "test system `NAME`; see 'list systems' (default the first)")
}

func (f *flags) exec(command *string) {
	f.StringVar(command, "exec", "",
		"test the program that `COMMAND` starts, over a pipe (raft/pipe/PROTOCOL.md)")
}

func (f *flags) json(as *bool) { f.BoolVar(as, "json", false, "print one JSON object instead of text") }

// seconds defines the budget of a hunt.
func (f *flags) seconds(budget *float64, about string) {
	f.Float64Var(budget, "seconds", 10, about)
}

// checkSeconds wants a budget that is one.
func (f *flags) checkSeconds(budget float64) error {
	if !(budget > 0 && budget <= hunt.MaxSeconds) {
		return f.wrong("expected -seconds of more than 0 and at most %d, found %v", hunt.MaxSeconds, budget)
	}
	return nil
}
