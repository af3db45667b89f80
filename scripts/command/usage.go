package command

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A usage is the help of a command, apart from its flags.
type usage struct {
	name    string
	args    string // after the name
	about   string // one sentence, without its capital and its full stop
	example string // the words after the name
}

var usages = []usage{
	{"conform", "[flags]", "check that an adapter keeps the rules of the seam, before Raft is judged", ""},
	{"conform-trace", "FILE",
		"compare a log of a real run, in the schema of etcd's tracing, with the paper's algorithm",
		"testdata/traces/election.ndjson"},
	{"fuzz", "[flags]", "run random schedules and write those that violate a property to testdata/found",
		"-profile members -seed 7 -schedules 20000"},
	{"campaign", "status|merge|report [flags] DIR",
		"say what the folder of fuzz -campaign has, add up its shards, or judge its findings anew",
		"report nightly"},
	{"explore", "[flags] [FILE]",
		"visit every state within bounds, of an empty cluster or from the end of a schedule",
		"-terms 2 -calls 1 -messages 4"},
	{"neighbourhood", "[flags] FILE", "run every schedule that is at most a few changes away from one",
		"-changes 2 testdata/scenarios/torn-write.txt"},
	{"escalate", "[flags] FILE",
		"search continuations of a schedule that breaks a rule for an outcome that clients can see",
		"testdata/found/durability-e15088e6.txt"},
	{"hunt", "[flags]", "search for one violation, with one engine and a budget of CPU time",
		"-engine explore -seconds 60"},
	{"mutants", "[flags]", "measure which engine finds which deliberate bug of the reference",
		"-mutant vote-no-log-check -engine swarm"},
	{"replay", "[flags] FILE", "run a schedule and print its steps and verdicts",
		"testdata/scenarios/split-vote.txt"},
	{"shrink", "[flags] FILE", "print the smallest schedule found that violates the same property",
		"testdata/found/electionsafety-abd160d3.txt"},
	{"show", "[flags] FILE",
		"draw a run of a schedule as an HTML page beside its file: nodes, messages, disks, clients",
		"testdata/found/linearizability-fc23caf4.txt"},
	{"play", "[flags] [FILE]",
		"serve a page on this machine on which one carries out events by hand, and undoes them",
		"-system reference -nodes 5"},
	{"bisect", "[flags] FILE", "find the commit from which on a schedule fails, with git bisect",
		"-good v1.0 -bad HEAD testdata/found/durability-e15088e6.txt"},
	{"judge", "[flags] FILE...",
		"judge histories of clients of any system, from files or, with -, standard input",
		"-page testdata/histories/stale-read.txt"},
	{"list", "TOPIC", "print the names of " + strings.Join(topicNames(), ", "), "profiles"},
	{"version", "", "print the versions of this program, of raftcheck and of Go", ""},
}

// usageOf returns the help of a command that there is.
func usageOf(command string) usage {
	for _, u := range usages {
		if u.name == command {
			return u
		}
	}
	panic("no usage of " + command)
}

// oldNames has flags under their names of the release before this one, by command:
// they still work, and the help does not list them. The next release drops them.
var oldNames = map[string]map[string]string{
	"explore":       {"ordered": "fifo", "plain": "no-reduction", "onward": "keep-going"},
	"hunt":          {"o": "out"},
	"mutants":       {"only": "mutant"},
	"neighbourhood": {"further": "append-only", "k": "changes"},
}

// printOverview prints the help of all commands, a line each.
func printOverview(w io.Writer) {
	fmt.Fprintf(w, "%s tests implementations of Raft under schedules of faults.\n\n", name)
	fmt.Fprintf(w, "usage: %s COMMAND [flags] [FILE]\n\n", program)
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, u := range usages {
		fmt.Fprintf(tabs, "  %s\t%s\n", u.name, u.about)
	}
	tabs.Flush()
	fmt.Fprintf(w, `
run '%s help COMMAND' for its flags and an example

exit codes:
  0  everything held
  1  a property was violated
  2  something was not checked, or the command line is wrong
  3  a bug of raftcheck
`, program)
}

// print prints the help of a command and of its flags.
func (f *flags) print(w io.Writer) {
	u := usageOf(f.Name())
	fmt.Fprintf(w, "usage: %s\n\n", strings.TrimSpace(program+" "+u.name+" "+u.args))
	fmt.Fprintf(w, "%s%s.\n\n", strings.ToUpper(u.about[:1]), u.about[1:])
	fmt.Fprintf(w, "example:\n  %s\n", strings.TrimSpace(program+" "+u.name+" "+u.example))
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, g := range f.groups {
		fmt.Fprintf(tabs, "\n%s:\n", g.title)
		for _, one := range g.flags {
			fmt.Fprintf(tabs, "  %s\n", flagLine(one))
		}
	}
	tabs.Flush()
}
