package mutant

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutated is the package that nearly all mutants change.
const mutated = "raft/reference"

// replayer runs mutants. Building a program for each mutant takes most
// of the time of these tests. So one program has all that change the bodies of functions
// alone, and a copy of the package for each other one.
type replayer struct {
	mutants  []*Mutant
	merger   *merger
	copied   map[int]bool // the numbers of mutants that have a copy
	together string       // the program
}

// number is that of a mutant in the program.
func (r *replayer) number(name string) int {
	return 1 + slices.IndexFunc(r.mutants, func(m *Mutant) bool { return m.Name == name })
}

var shared = sync.OnceValues(newReplayer)

// workers are the processes of the program.
var workers pool

// together has the program do something with a mutant, or with none if name is "", and
// returns its output.
func together(t *testing.T, name, verb, argument string) []byte {
	t.Helper()
	r, err := shared()
	require.NoError(t, err)
	number := r.number(name)
	require.True(t, number > 0 || name == "", "there is no such mutant")
	answer, err := workers.do(r.together, request{number, verb, argument})
	require.NoError(t, err)
	return answer
}

// replay replays a schedule on a mutant: the verdicts that did not hold, and all by property.
func replay(t *testing.T, name, file string) (lines []string, verdicts map[string]string) {
	t.Helper()
	return report(t, together(t, name, "replay", file))
}

// report returns the report of a program on a schedule.
func report(t *testing.T, out []byte) (lines []string, verdicts map[string]string) {
	t.Helper()
	var report struct {
		Lines    []string
		Verdicts map[string]string
	}
	require.NoError(t, json.Unmarshal(out, &report), "%s", out)
	return report.Lines, report.Verdicts
}

// newReplayer builds the program, in a folder that main removes.
func newReplayer() (*replayer, error) {
	mutants, err := readAll()
	if err != nil {
		return nil, err
	}
	r := &replayer{mutants: mutants, merger: newMerger(), copied: map[int]bool{}}
	copies := map[string][]byte{}
	for i, m := range mutants {
		changed, err := m.Apply(source)
		if err != nil {
			return nil, err
		}
		merged, err := r.merger.add(i+1, changed)
		if err == nil && !merged {
			r.copied[i+1] = true
			err = addCopy(copies, i+1, changed)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	files := r.merger.result()
	maps.Copy(files, copies)
	files["scripts/together/main.go"] = []byte(r.source())
	b := &Builder{Root: root, Program: "./scripts/together", Folder: scratch}
	r.together, err = b.build(context.Background(), "together", files)
	return r, err
}

// scratch is a folder for the tests of this package.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "mutants-"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := workers.close(); err != nil {
		panic(err)
	}
	os.RemoveAll(scratch)
	os.Exit(code)
}

// addCopy adds the package with a mutant in it.
func addCopy(files map[string][]byte, number int, changed map[string][]byte) error {
	for file := range changed {
		if path.Dir(file) != mutated {
			return fmt.Errorf("expected changes of bodies of functions alone in %s", file)
		}
	}
	names, err := filepath.Glob(filepath.Join(root, mutated, "*.go"))
	for _, name := range names {
		file := path.Join(mutated, filepath.Base(name))
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, ok := changed[file]
		if !ok {
			if text, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		files[path.Join(copyOf(number), path.Base(file))] = text
	}
	return err
}

// copyOf is the folder of the copy for a mutant.
func copyOf(number int) string { return fmt.Sprintf("raft/mutants/m%d", number) }

// source is the program of the mutants.
func (r *replayer) source() string {
	var imports, systems, chosen strings.Builder
	for _, number := range slices.Sorted(maps.Keys(r.copied)) {
		fmt.Fprintf(&imports, "\tm%d %q\n", number, "raftcheck/"+copyOf(number))
		fmt.Fprintf(&systems, "\t%d: m%d.System{},\n", number, number)
	}
	folders := map[string]string{mutated: "reference"}
	for file, c := range r.merger.files {
		folders[path.Dir(file)] = c.of
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		fmt.Fprintf(&imports, "\t%q\n", "raftcheck/"+folder)
		fmt.Fprintf(&chosen, "\t%s.Mutant = number\n", folders[folder])
	}
	return fmt.Sprintf(programOfAll, imports.String(), systems.String(), chosen.String())
}

// programOfAll has the imports, the copies, and the choice of a mutant to be filled in.
const programOfAll = `package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"strconv"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/trial"
	_ "raftcheck/scripts/garbage"
	"raftcheck/models/services"
	"raftcheck/raft"
%s)

var copies = map[int]raft.System{
%s}

var system raft.System // the reference, or a mutant of it

var paxi = map[string]raft.System{"paxos": paxos.Single{}, "multi-paxos": paxos.Multi{}}

var verbs = map[string]func(argument string) any{
	"replay": replay, "explore": explored, "heals": heals, "hunt": hunted,
}

func main() {
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var q struct {
			Number         int
			Verb, Argument string
		}
		err := requests.Decode(&q)
		if err == io.EOF {
			return
		}
		must(err)
		choose(q.Number)
		must(answers.Encode(verbs[q.Verb](q.Argument)))
	}
}

// choose makes system the mutant of this number, or the reference if that is 0.
func choose(number int) {
	system = reference.System{}
%s	if copies[number] != nil {
		system = copies[number]
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// replay replays a file as raftcheck replay does.
func replay(file string) any {
	s, err := trial.ReadSchedule(file, services.All())
	must(err)
	result, err := trial.Trace(system, services.All(), s, io.Discard)
	must(err)
	trial.Again(trial.NewRunner(system, services.All()), s, &result)
	verdicts := map[string]string{}
	for _, v := range result.Verdicts {
		verdicts[v.Property] = v.Outcome.String()
	}
	return map[string]any{"lines": result.Lines(), "verdicts": verdicts}
}

func explored(argument string) any {
	var order struct {
		Start    string
		Bounds   explore.Bounds
		Property string
	}
	must(json.Unmarshal([]byte(argument), &order))
	s, err := faults.Parse("start", []byte(order.Start), services.All())
	must(err)
	e := explore.Exploration{System: system, Start: s, Bounds: order.Bounds,
		Properties: []string{order.Property}, Memory: 1 << 30, Workers: 1}
	if of := paxi[s.System]; of != nil {
		e.System = of
	}
	r, err := e.Run(context.Background())
	must(err)
	return map[string]any{"depths": r.Depths, "loop": len(r.Loop), "schedule": r.Findings[0].Schedule.String()}
}

// hunted is what random schedules find in a system of Paxos.
func hunted(name string) any {
	engine, err := hunt.EngineNamed("swarm")
	must(err)
	h := hunt.Hunt{Engine: engine, System: paxi[name], Services: services.All(), Seconds: 10, Seed: 2}
	r, err := h.Run(context.Background())
	must(err)
	return r
}

// heals is how long clusters took to heal.
func heals(schedules string) any {
	n, err := strconv.Atoi(schedules)
	must(err)
	c := fuzz.Campaign{System: system, Services: services.All(), Profile: generate.Swarm, Seed: 1,
		Schedules: n, Workers: 1}
	r, err := c.Run(context.Background())
	must(err)
	h := &r.Heals
	return map[string]any{"verdict": r.Outcome().String(), "median": h.Within(500), "tail": h.Within(990),
		"most": h.Most()}
}
`
