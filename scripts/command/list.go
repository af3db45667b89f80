package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/trial"
	"raftcheck/raft"
)

// topics are the names that list prints, with a word about each.
var topics = []struct {
	name string
	rows func() [][2]string
}{
	{"systems", systemRows}, {"profiles", profileRows}, {"properties", propertyRows}, {"goals", goalRows},
	{"services", serviceRows}, {"events", eventRows}, {"engines", engineRows},
	{"models", modelRows},
}

func topicNames() (names []string) {
	for _, t := range topics {
		names = append(names, t.name)
	}
	return names
}

func runList(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	set := newFlags("list")
	if err := set.parse(args, out); err != nil {
		return 0, err
	}
	topic, err := set.argument("TOPIC")
	if err != nil {
		return 0, err
	}
	for _, t := range topics {
		if t.name == topic {
			printRows(out, t.rows())
			return exitHeld, nil
		}
	}
	return 0, set.wrong("expected one of %s, found %q", strings.Join(topicNames(), ", "), topic)
}

// printRows prints a line a row, without spaces at its end.
func printRows(w io.Writer, rows [][2]string) {
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	for _, row := range rows {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-*s  %s", width, row[0], row[1]), " "))
	}
}

func systemRows() (rows [][2]string) {
	for _, s := range systems {
		about := ""
		if s, ok := s.(raft.Nondeterministic); ok {
			about = "not deterministic: " + s.Nondeterminism()
		}
		if algorithm := raft.LimitsOf(s).Algorithm; algorithm != "" {
			about = "replicates its log by " + algorithm
		}
		rows = append(rows, [2]string{s.Name(), about})
	}
	return rows
}

// profileRows has the profiles whose services the program has.
func profileRows() (rows [][2]string) {
	for _, p := range generate.Profiles() {
		if p.Validate(serviceSet) == nil {
			rows = append(rows, [2]string{p.Name, p.About})
		}
	}
	return rows
}

// propertyRows has the rule and the source of every property of a system.
func propertyRows() (rows [][2]string) {
	listed := map[string]bool{}
	for _, s := range systems {
		explored := explore.Judges(s)
		for _, p := range append(trial.Properties(s), trial.Survival) {
			about := fmt.Sprintf("%s: %s (%s)", p.Kind, p.Rule, p.Source)
			if p.OfRaft {
				about += " (not asked of other algorithms)"
			}
			if !slices.Contains(explored, p.Name) {
				about += " (explore does not judge it)"
			}
			if !listed[p.Name] {
				rows = append(rows, [2]string{p.Name, about})
			}
			listed[p.Name] = true
		}
	}
	return rows
}

func goalRows() (rows [][2]string) {
	for _, g := range trial.GoalsOf(serviceSet) {
		rows = append(rows, [2]string{g.Name, g.About})
	}
	return rows
}

// serviceRows has the services that the header of a schedule may name.
func serviceRows() (rows [][2]string) {
	for _, s := range serviceSet {
		rows = append(rows, [2]string{s.Name()})
	}
	return rows
}

func eventRows() (rows [][2]string) {
	for _, kind := range faults.EventKinds() {
		line, effect := kind.Example()
		rows = append(rows, [2]string{line, effect})
	}
	return rows
}

func engineRows() (rows [][2]string) {
	for _, e := range hunt.Engines() {
		rows = append(rows, [2]string{e.Name, e.About})
	}
	return rows
}
