package apart

import (
	"encoding/gob"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/process"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// request asks a process for work.
type request struct {
	Task     string // a key of tasks
	System   string
	Careful  bool // announce each event and each call
	Outcomes bool // judge outcomes alone
	Limits   Limits
	Profile  *generate.Profile // nil is that of the request before
	Seed     uint64
	Numbers  []int  // of schedules
	Rule     int    // its place
	Schedule string // its text
	Property string // to which the run is narrowed
	In       []byte // the order of a Task
}

// stop is the task that ends the context of the one at work.
const stop = "stop"

// sort is the sort of an answer.
type sort uint8

const (
	alive  sort = iota // the watch looks
	begun              // Text is the header of the schedule that begins
	event              // Text is the event that comes next
	call               // Text is the call of a node that comes next
	judged             // a schedule is judged
	text               // Text is a part of the output
	ruled              // a rule of the seam is judged
	part               // Data is a part of the answer of a Task
	dead               // Text is the kind of death, and Stack where
	broken             // Text is a bug of the harness
	outage             // Text is an error of the machine
	done               // the request is carried out
)

// answer is a part of the answer to a request.
type answer struct {
	Sort   sort
	Number int
	Text   string
	Data   []byte
	Stack  string
	CPU    time.Duration // of the process, so far
	Result result
	// Outcome and Stated are those of a conform.Result.
	Outcome models.Outcome
	Stated  bool
	Slack   trial.ClockSlack
}

// result is a trial.Result without its history. Of properties that held it has their
// places in the list of properties.
type result struct {
	Held      uint64 // a bit for each place
	Others    []models.Verdict
	TraceHash uint64
	Events    int
	Goals     trial.GoalSet
	Heals     []int
	States    []trial.State
	Schedule  string // its text, if a property is violated
	Stack     string
}

// propertiesOf lists the properties in the order of verdicts.
func propertiesOf(system raft.System) []models.Property {
	return append(models.PropertiesOf(system), trial.Expectation, trial.Linearizability, trial.Survival)
}

// heldBits is the number of properties that have a bit in result.Held.
const heldBits = 64

// packed returns the result in the form of messages; the schedule may be nil.
func packed(properties []models.Property, s *faults.Schedule, r *trial.Result) result {
	p := result{
		TraceHash: r.TraceHash, Events: r.Events, Goals: r.Goals, Stack: r.Stack, States: slices.Clone(r.States),
		Heals: slices.Clone(r.Heals),
	}
	for _, v := range r.Verdicts {
		i := slices.IndexFunc(properties, func(p models.Property) bool { return p.Name == v.Property })
		if v.Outcome == models.Held && i < heldBits {
			p.Held |= 1 << i
		} else {
			p.Others = append(p.Others, v)
		}
	}
	if s != nil && r.Outcome() == models.Violated {
		p.Schedule = s.String()
	}
	return p
}

// unpacked returns the result that was packed. Its verdicts are in the order of properties.
func (p *result) unpacked(properties []models.Property) trial.Result {
	r := trial.Result{
		TraceHash: p.TraceHash, Events: p.Events, Goals: p.Goals, Stack: p.Stack, States: p.States,
		Heals: p.Heals,
	}
	others := p.Others
	for i := range properties {
		name := properties[i].Name
		switch {
		case p.Held>>i&1 == 1:
			r.Verdicts = append(r.Verdicts, models.Verdict{Property: name, Outcome: models.Held})
		case len(others) > 0 && others[0].Property == name:
			r.Verdicts, others = append(r.Verdicts, others[0]), others[1:]
		}
	}
	return r
}

// parsed returns the schedule of a text that a process wrote, or nil.
func parsed(text string, set service.Set) *faults.Schedule {
	if text == "" {
		return nil
	}
	s, err := faults.Parse("a process", []byte(text), set)
	if err != nil {
		return nil
	}
	return s
}

// sender sends answers. The watch sends beside the work, and is the last to send.
type sender struct {
	lock sync.Mutex
	to   *gob.Encoder
	held []answer // put off until the next one that is sent
}

// send sends an answer after those that were put off. A process whose answers cannot be
// sent has no purpose.
func (s *sender) send(a answer) {
	s.lock.Lock()
	defer s.lock.Unlock()
	a.CPU = process.CPUTime()
	s.held = append(s.held, a)
	if s.to.Encode(s.held) != nil {
		fmt.Fprintln(os.Stderr, "the standard output is closed")
		os.Exit(1)
	}
	s.held = s.held[:0]
}

// put puts an answer off.
func (s *sender) put(a answer) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.held = append(s.held, a)
}
