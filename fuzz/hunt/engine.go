package hunt

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/escalate"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// Engine is a way to produce schedules.
type Engine struct {
	Name   string
	About  string
	Seeded bool // the seed decides which schedules are tried
	search func(*search) error
}

// Engines lists the engines in the order of the tables' columns.
func Engines() []Engine {
	return []Engine{
		{"swarm", "random schedules of a campaign", true, swarm},
		{"rapid", "the same generator, with draws of pgregory.net/rapid", true, rapidly},
		{"native", "the seeds and the corpus of FuzzSchedule, which Go's fuzzer starts from", false, native},
		{"explore", "every state within bounds, from small ones to large", false, exploring},
		{"scenarios", "the stories of testdata/scenarios", false, scenarios},
	}
}

// EngineNamed returns the engine with a name, or an error that lists the names.
func EngineNamed(name string) (Engine, error) {
	var names []string
	for _, e := range Engines() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Engine{}, fmt.Errorf("expected an engine of: %s; found %q", strings.Join(names, ", "), name)
}

// swarm runs the schedules of a campaign in the order of their numbers. If outcomes alone
// count, it continues schedules that break rules, for half of the executions at most.
func swarm(s *search) error {
	climb, climbed, known := escalate.NewClimb(s.runner), 0, kinds{}
	climb.Begin(s.Seed, 0)
	for number := 0; !s.over(); number++ {
		schedule, result := generate.Schedule(s.runner, generate.Swarm, generate.Numbered(s.Seed, number))
		s.judge(schedule, result, fmt.Sprintf("profile=%s schedule=%d", generate.Swarm.Name, number))
		if !s.Outcomes {
			continue
		}
		known.offer(schedule, s.runner.Broken(nil))
		if len(known) == 0 || 2*climbed > s.report.Executions {
			continue
		}
		if start := known.due(); start != nil {
			climb.Add(start)
		}
		for range climbTries {
			if s.over() {
				break
			}
			schedule, result := climb.Next()
			s.judge(schedule, result, fmt.Sprintf("profile=%s continuation=%d", generate.Swarm.Name, climbed))
			climbed++
		}
	}
	return nil
}

// climbTries is how many continuations a hunt runs before it gives the climb another schedule.
const climbTries = 32

// kinds are the schedules that break rules, by the rules that they break.
type kinds []*kind

// kind has the shortest of its schedules since one of them had a turn.
type kind struct {
	rules    string
	turns    int
	shortest *faults.Schedule
}

// offer offers a schedule with the rules that it breaks, if it breaks any.
func (k *kinds) offer(schedule *faults.Schedule, broken []models.Verdict) {
	if len(broken) == 0 {
		return
	}
	of := k.of(broken, generate.KeepsLeases(schedule))
	if of.shortest == nil || len(schedule.Events) < len(of.shortest.Events) {
		of.shortest = schedule
	}
}

// of returns the kind of schedules that break these rules, with leases or without.
func (k *kinds) of(broken []models.Verdict, leases bool) *kind {
	rules := fmt.Sprint(leases)
	for _, v := range broken {
		rules += " " + v.Property
	}
	for _, known := range *k {
		if known.rules == rules {
			return known
		}
	}
	added := &kind{rules: rules}
	*k = append(*k, added)
	return added
}

// due is the schedule of the kind that had the fewest turns, or nil if there is no new one.
func (k kinds) due() *faults.Schedule {
	var due *kind
	for _, one := range k {
		if one.shortest != nil && (due == nil || one.turns < due.turns) {
			due = one
		}
	}
	if due == nil {
		return nil
	}
	schedule := due.shortest
	due.turns, due.shortest = due.turns+1, nil
	return schedule
}

// errNoRoot is the error of a hunt that needs files of this module.
var errNoRoot = errors.New("expected the folder of module raftcheck, where the schedules are; found none")

// native runs the inputs that Go's fuzzer starts from.
func native(s *search) error {
	if s.Root == "" {
		return errNoRoot
	}
	corpus, err := generate.ReadNative(filepath.Join(s.Root, generate.NativeCorpus))
	if err != nil {
		return err
	}
	for _, input := range append(generate.NativeSeeds(), corpus...) {
		if s.over() {
			break
		}
		schedule, result := generate.Schedule(s.runner, generate.Swarm, &generate.Bytes{Rest: input.Choices})
		s.judge(schedule, result, "input="+input.Name)
	}
	return nil
}

// scenarioFolder is the folder of the stories, from the root of the module.
const scenarioFolder = "testdata/scenarios"

// scenarios replays the stories. A violation that a story causes on purpose is not a find.
func scenarios(s *search) error {
	if s.Root == "" {
		return errNoRoot
	}
	folder := filepath.Join(s.Root, scenarioFolder)
	files, err := filepath.Glob(filepath.Join(folder, "*.txt")) // sorted
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("expected scenarios in %s, found none", folder)
	}
	if err != nil {
		return err
	}
	for _, file := range files {
		if s.over() {
			break
		}
		schedule, err := trial.ReadSchedule(file, s.Services)
		if err != nil {
			return err
		}
		excused := violatedIn(s.System, schedule.Golden)
		schedule = schedule.WithoutChecks() // what a story expects of the reference is no property of Raft
		schedule.System, schedule.Prose, schedule.Golden = s.System.Name(), nil, nil
		s.judge(schedule, s.runner.Run(schedule), "scenario="+filepath.Base(file), excused...)
	}
	return nil
}

// violatedIn lists the properties of a system that the verdict of a file calls violated.
func violatedIn(system raft.System, golden []string) (names []string) {
	for _, p := range trial.Properties(system) {
		if slices.ContainsFunc(golden, func(line string) bool {
			return strings.HasPrefix(line, models.Verdict{Outcome: models.Violated, Property: p.Name}.String())
		}) {
			names = append(names, p.Name)
		}
	}
	return names
}
