package apart

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/escalate"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// maxStack bounds the stack of a recursion without end, in bytes, far below MaxBytes.
const maxStack = 8 << 20

// Serve carries out the requests of the program that started this process, which never
// returns from it. It is for the main function of that program: systems are those that it
// can test, services those of their clients, and tasks those of its commands.
func Serve(systems []raft.System, services service.Set, tasks map[string]Task) {
	answers := os.Stdout
	os.Stdout = os.Stderr
	debug.SetMaxStack(maxStack)
	s := &server{
		systems: systems, services: services, tasks: tasks, sender: sender{to: gob.NewEncoder(answers)},
	}
	var end context.CancelFunc
	s.context, end = context.WithCancel(context.Background())
	requests := make(chan *request)
	heedless()() // a goroutine of package signal begins
	go s.watch.look(&s.sender)
	go receive(os.Stdin, requests, end)
	s.watch.idle = runtime.NumGoroutine() + 1 // with the one that works
	for q := range requests {
		ended := make(chan struct{})
		go s.work(q, ended)
		<-ended
	}
}

// receive passes on requests. Without the program that sends them the process ends at once,
// even if the system under test hangs.
func receive(from io.Reader, requests chan<- *request, end func()) {
	decoder := gob.NewDecoder(from)
	for {
		q := new(request)
		if decoder.Decode(q) != nil {
			os.Exit(0)
		}
		if q.Task == stop {
			end()
			continue
		}
		requests <- q
	}
}

// server is a process that carries out requests.
type server struct {
	sender
	watch    watch
	systems  []raft.System
	services service.Set
	tasks    map[string]Task
	context  context.Context // ends with the program's wish to end
	pair     *trial.Pair     // of the request before
	outcomes bool            // as in that request
	profile  *generate.Profile
}

// work carries out a request in a goroutine of its own, which the system may end.
func (s *server) work(q *request, ended chan<- struct{}) {
	defer close(ended)
	last := answer{Sort: dead, Text: "a call ends its goroutine"}
	defer func() {
		s.watch.busy.Store(false)
		if p := recover(); p != nil {
			last = panicked(p, string(debug.Stack()))
		}
		if last.Sort == dead && last.Stack == "" {
			_, stack, _ := strings.Cut(string(debug.Stack()), "\nruntime.Goexit(")
			last.Stack = systemFrames(stack)
		}
		s.send(last)
	}()
	s.watch.begin(q.Limits)
	if carry := own[q.Task]; carry != nil {
		carry(s, q)
	} else if d := s.task(q); d != nil {
		last = *d
		return
	}
	last = answer{Sort: done}
}

// panicked is the answer after a panic: the death of a system that panics where the run cannot go
// on, such as in a checker that it brings, or the end of all work.
func panicked(p any, stack string) answer {
	if _, out := p.(raft.Outage); out {
		return answer{Sort: outage, Text: trace.PanicText(p)}
	}
	var bug interface{ Stack() string } // of another goroutine, and its text has the stack too
	if err, ok := p.(error); ok && errors.As(err, &bug) {
		stack = bug.Stack()
		p = strings.TrimSuffix(err.Error(), "\n"+stack)
	}
	if frames := panickedFrames(stack); frames != "" {
		return answer{Sort: dead, Text: panics + ": " + trace.OneLine(trace.PanicText(p)), Stack: frames}
	}
	return answer{Sort: broken, Text: fmt.Sprintf("%v\n%s", p, stack)}
}

// panics is the kind of death by such a panic.
const panics = "a call panics"

// own are the requests that this package carries out, by name.
var own = map[string]func(*server, *request){
	"numbers": (*server).numbers, "schedule": (*server).schedule, "trace": (*server).trace,
	"rule": (*server).rule, "climb": (*server).climb,
}

// system returns the system of a request, which has a name of this program.
func (s *server) system(q *request) raft.System {
	for _, one := range s.systems {
		if one.Name() == q.System {
			return one
		}
	}
	panic("this program has no system " + q.System)
}

// runners returns those for the system of a request.
func (s *server) runners(q *request) *trial.Pair {
	if s.pair == nil || s.pair.First.System().Name() != q.System || s.outcomes != q.Outcomes {
		s.pair, s.outcomes = trial.NewPair(s.system(q), s.services), q.Outcomes
		if q.Outcomes {
			s.pair.OutcomesOnly()
		}
	}
	s.pair.Watch(s.calls(q))
	s.pair.First.Narrow(q.Property)
	return s.pair
}

// calls returns the functions that note what happens: for the watch, and for the program
// that asked if the request is careful.
func (s *server) calls(q *request) trial.Watch {
	if !q.Careful {
		return trial.Watch{Calls: s.watch.calls()}
	}
	return trial.Watch{
		Begins: func(of *faults.Schedule) {
			if q.In != nil {
				s.watch.leftBehind(&s.sender)
			}
			bare := *of
			bare.Events = nil
			s.send(answer{Sort: begun, Text: bare.String()})
		},
		Before: func(e faults.Event) { s.send(answer{Sort: event, Text: e.String()}) },
		Calls: func(id raft.NodeID, in raft.Input) {
			s.watch.beat()
			s.send(answer{Sort: call, Text: trace.InputText(id, in)})
		},
	}
}

// numbers runs generated schedules by their numbers.
func (s *server) numbers(q *request) {
	pair := s.runners(q)
	if q.Profile != nil {
		s.profile = q.Profile
	}
	properties, prng := propertiesOf(s.system(q)), generate.NewPRNG(0)
	for _, number := range q.Numbers {
		prng.Number(q.Seed, number)
		schedule, r := generate.Schedule(pair.First, *s.profile, prng)
		s.watch.leftovers(pair.First, schedule, &r)
		pair.Again(number, schedule, &r)
		s.put(answer{Sort: judged, Number: number, Result: packed(properties, schedule, &r)})
	}
}

// climb searches continuations of a schedule, by the numbers of climbs, up to the first in
// which an outcome is violated.
func (s *server) climb(q *request) {
	runner, of := s.runners(q).First, s.parse(q)
	climb, properties := escalate.NewClimb(runner), propertiesOf(runner.System())
	for _, number := range q.Numbers {
		start := escalate.Larger(runner.System(), of, number)
		schedule, r, _ := climb.Run(start, q.Seed, number, func() bool { return true })
		s.watch.leftovers(runner, schedule, &r)
		s.put(answer{Sort: judged, Number: number, Result: packed(properties, schedule, &r)})
		if r.Outcome() == models.Violated {
			return
		}
	}
}

// schedule runs a schedule.
func (s *server) schedule(q *request) {
	runner := s.runners(q).First
	schedule := s.parse(q)
	r := runner.Run(schedule)
	slack := runner.ClockSlack()
	s.watch.leftovers(runner, schedule, &r)
	s.put(answer{Sort: judged, Result: packed(propertiesOf(runner.System()), nil, &r), Slack: slack})
}

// parse returns the schedule of a request, whose text another process has parsed.
func (s *server) parse(q *request) *faults.Schedule {
	schedule, err := faults.Parse("a request", []byte(q.Schedule), s.services)
	if err != nil {
		panic(err)
	}
	return schedule
}

// output is a writer whose text goes to the program that asked.
type output struct{ *sender }

func (o output) Write(b []byte) (int, error) {
	o.send(answer{Sort: text, Text: string(b)})
	return len(b), nil
}

// trace writes the trace of a schedule.
func (s *server) trace(q *request) {
	schedule := s.parse(q)
	r, err := trial.Trace(s.system(q), s.services, schedule, output{&s.sender}, s.calls(q))
	if err != nil {
		panic(err) // output never fails
	}
	s.watch.leftovers(s.runners(q).First, schedule, &r)
	s.put(answer{Sort: judged, Result: packed(propertiesOf(s.system(q)), nil, &r)})
}

// rule tries a rule of the seam.
func (s *server) rule(q *request) {
	r := conform.Rules()[q.Rule].Try(s.system(q), s.services, s.calls(q))
	s.put(answer{Sort: ruled, Outcome: r.Outcome, Stated: r.Stated, Text: r.Text})
}
