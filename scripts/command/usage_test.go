package command

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/raft/reference"
)

func TestHelp(t *testing.T) {
	code, out, errs := raftcheck(t, "help")
	require.Equal(t, exitHeld, code)
	require.Empty(t, errs)
	require.Contains(t, out, "usage: go run ./scripts/raftcheck COMMAND [flags] [FILE]\n")
	var listed []string
	for _, line := range regexp.MustCompile(`(?m)^  ([a-z-]+) {2,}[a-z]`).FindAllStringSubmatch(out, -1) {
		listed = append(listed, line[1])
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(commands)), listed, "a command has a line in usages")
	for _, flag := range []string{"-h", "-help", "--help"} {
		_, same, _ := raftcheck(t, flag)
		require.Equal(t, out, same)
	}
	code, out, errs = raftcheck(t)
	require.Equal(t, exitNotChecked, code)
	require.Empty(t, out)
	require.Contains(t, errs, "usage: ")
}

// TestHelp_ofACommand: synopsis, sentence, example and flags fit a screen, and name their values.
func TestHelp_ofACommand(t *testing.T) {
	for command := range commands {
		code, out, errs := raftcheck(t, "help", command)
		require.Equal(t, exitHeld, code)
		require.Empty(t, errs)
		_, same, _ := raftcheck(t, command, "-h")
		require.Equal(t, out, same)
		head := regexp.MustCompile(strings.ReplaceAll(
			`^usage: PROGRAM.*\n\n[A-Z].*[a-z]\.\n\nexample:\n  PROGRAM.*\n`, "PROGRAM", program+" "+command))
		require.Regexp(t, head, out)
		for line := range strings.Lines(head.ReplaceAllString(out, "")) {
			require.Regexp(t, `^(\n|[a-z][a-zA-Z, ]+:\n|  -[a-z-]+( [A-Z]+)?  +[a-z].+\n)$`, line,
				"a flag with a value has its name in back quotes")
		}
		for line := range strings.Lines(out) {
			require.LessOrEqual(t, len(line), 101, line)
		}
	}
}

// TestHelp_examplesAreRight: their flags and files are there.
func TestHelp_examplesAreRight(t *testing.T) {
	for _, u := range usages {
		args := append([]string{u.name}, strings.Fields(u.example)...)
		last := args[len(args)-1]
		if strings.HasPrefix(last, "testdata/") {
			require.FileExists(t, filepath.Join("../..", last))
			args = args[:len(args)-1]
		}
		if u.name == "list" || u.name == "campaign" {
			args = args[:len(args)-1]
		}
		code, out, errs := raftcheck(t, append(args, "-h")...)
		require.Equal(t, exitHeld, code, errs)
		require.Contains(t, out, "usage: ")
	}
}

// TestErrors: the output is two lines, an error and a command that explains it, which works.
func TestErrors(t *testing.T) {
	here(t, "a.txt", voteTwice)
	for args, want := range map[string]string{
		"bogus":                       `no command "bogus"`,
		"help bogus":                  `no command "bogus"`,
		"help fuzz replay":            `expected help of one command, found ["fuzz" "replay"]`,
		"fuzz -seed x":                `invalid value "x" for flag -seed: parse error`,
		"fuzz -sead 3":                "flag provided but not defined: -sead",
		"fuzz -system paxos":          `no system "paxos"`,
		"fuzz -profile sunny":         `no profile "sunny"`,
		"fuzz -until Beauty":          `no property "Beauty"`,
		"fuzz -seconds 0":             "expected -seconds of more than 0 and at most 86400, found 0",
		"fuzz -seconds NaN":           "expected -seconds of more than 0 and at most 86400, found NaN",
		"replay":                      "expected one FILE, found none",
		"replay a.txt b.txt":          "expected one FILE, found 2: a.txt b.txt",
		"shrink":                      "expected one FILE, found none",
		"neighbourhood -k 0 a.txt":    "expected -changes from 1 to 8, found 0",
		"escalate -schedules 0 a.txt": "expected -schedules from 1 to 1000000000, found 0",
		"explore -nodes 0":            "expected nodes from 1 to 9, found 0",
		"explore -property Beauty":    `expected a property that explore judges, found "Beauty"`,
		"hunt -engine guess":          `no engine "guess"`,
		"mutants more":                `expected no arguments after the flags, found "more"`,
		"list":                        "expected one TOPIC, found none",
		"list colours":                "expected one of " + strings.Join(topicNames(), ", ") + `, found "colours"`,
		"version 2":                   `expected no arguments after the flags, found "2"`,
	} {
		code, out, errs := raftcheck(t, strings.Fields(args)...)
		require.Equal(t, exitNotChecked, code, args)
		require.Empty(t, out, args)
		first, second, _ := strings.Cut(errs, "\n")
		require.Equal(t, "raftcheck: "+want, first, args)
		require.Regexp(t, `^run 'go run ./scripts/raftcheck [a-z ]+'\n$`, second, args)
		more := strings.Trim(strings.TrimPrefix(second, "run 'go run ./scripts/raftcheck "), "'\n")
		code, out, errs = raftcheck(t, strings.Fields(more)...)
		require.Equal(t, exitHeld, code, more)
		require.NotEmpty(t, out)
		require.Empty(t, errs)
	}
}

// TestOldNames: flags keep their names of the release before, and the help has the new ones alone.
func TestOldNames(t *testing.T) {
	here(t, "a.txt", election)
	speed := regexp.MustCompile(`\([\d,]+ a second|CPU time .*`)
	for _, test := range []struct{ old, now string }{
		{"neighbourhood -further -k 2 a.txt", "neighbourhood -append-only -changes 2 a.txt"},
		{"explore -ordered -terms 1", "explore -fifo -terms 1"},
		{"explore -plain -terms 1", "explore -no-reduction -terms 1"},
		{"explore -onward -terms 1 -writes 1 -calls 0 -system reference+send-before-persist",
			"explore -keep-going -terms 1 -writes 1 -calls 0 -system reference+send-before-persist"},
		{"hunt -seed 3 -system reference+lose-snapshot -o small.txt",
			"hunt -seed 3 -system reference+lose-snapshot -out small.txt"},
	} {
		require.Equal(t, *output(t, speed, test.now), *output(t, speed, test.old), test.old)
	}
	for command, names := range oldNames {
		_, help, _ := raftcheck(t, "help", command)
		for old, now := range names {
			require.Contains(t, help, "  -"+now)
			require.NotRegexp(t, "  -"+old+"[ \n]", help)
		}
	}
}

// output is a command's output but for speeds, and a file that it writes.
func output(t *testing.T, speed *regexp.Regexp, args string) *string {
	t.Helper()
	code, out, errs := raftcheck(t, strings.Fields(args)...)
	require.Less(t, code, exitNotChecked, errs)
	written, _ := os.ReadFile("small.txt")
	os.Remove("small.txt")
	text := fmt.Sprint(code, speed.ReplaceAllString(out, ""), string(written))
	return &text
}

func TestList(t *testing.T) {
	names := func(topic string) (list []string) {
		code, out, errs := raftcheck(t, "list", topic)
		require.Equal(t, exitHeld, code)
		require.Empty(t, errs)
		require.NotRegexp(t, "(?m) $", out)
		for line := range strings.Lines(out) {
			list = append(list, strings.Fields(line)[0])
		}
		return list
	}
	require.Equal(t, []string{"reference", "reference+send-before-persist"}, names("systems")[:2])
	require.Len(t, names("systems"), len(systems))
	for _, name := range []string{"calm", "snapshots", "members", "leases", "workers", "swarm"} {
		require.Contains(t, names("profiles"), name)
	}
	require.Len(t, names("profiles"), len(generate.Profiles()))
	require.Len(t, names("properties"), len(trial.Properties(reference.System{}))+1, "with Survival")
	require.Len(t, names("goals"), len(trial.GoalsOf(serviceSet)))
	require.Equal(t, "leader-elected", names("goals")[0])
	require.Equal(t, []string{"swarm", "rapid", "native", "explore", "scenarios"}, names("engines"))
	require.Equal(t, "kv", names("services")[0])
	for _, service := range names("services") {
		require.NotNil(t, serviceSet.Named(service), service)
	}
	require.Len(t, names("events"), len(faults.EventKinds()))

	_, out, _ := raftcheck(t, "list", "events")
	require.Contains(t, out, "\ncrash 1 ")
	_, out, _ = raftcheck(t, "list", "properties")
	require.Regexp(t, `(?m)^Fencing .*\(explore does not judge it\)$`, out)
	require.Regexp(t, `(?m)^NoPanic +rule: No input makes a node panic. \(package raft: a step returns\)$`, out)
}

func TestList_notDeterministic(t *testing.T) {
	register(t, capricious{altered{name: "capricious"}})
	_, out, _ := raftcheck(t, "list", "systems")
	require.Regexp(t, `(?m)^capricious +not deterministic: moods$`, out)
}
