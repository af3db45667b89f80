package apart

import (
	"bytes"
	"context"
	"encoding/gob"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Task is work on a system that ends with it, such as an exploration: it is carried out in
// one process as a whole.
type Task func(*Work)

// Work is a task at work, in the process of the system.
type Work struct {
	System   raft.System
	Services service.Set
	Context  context.Context // ends when the work is to come to an end
	// Careful is set if an earlier process died of this work. Then the work must be that of
	// one goroutine.
	Careful bool

	in       []byte
	watch    func() trial.Watch
	send     func([]byte)
	beating  func()
	announce func(string)
}

// Get decodes the order, which has the type that Do was given.
func (w *Work) Get(order any) { decode(w.in, order) }

// Send sends a part of the answer. It may be called by several goroutines.
func (w *Work) Send(part any) { w.send(encode(part)) }

// Watch returns the functions that a runner of the work must call; see [trial.Runner.Watch].
// Each goroutine needs its own.
func (w *Work) Watch() trial.Watch { return w.watch() }

// Beat notes that the system is about to take a step, for work without a runner. It may be
// called by several goroutines.
func (w *Work) Beat() { w.beating() }

// Announce notes, if the work is careful, the words for that which the system does next.
func (w *Work) Announce(words func() string) {
	if w.Careful {
		w.announce(words())
	}
}

// Part is a part of the answer of a task.
type Part []byte

// Get decodes the part, which has the type that Send was given.
func (p Part) Get(part any) { decode(p, part) }

// encode and decode panic: tasks and commands are of one program.
func encode(v any) []byte {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func decode(b []byte, v any) {
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(v); err != nil {
		panic(err)
	}
}

// Ended is the end of a process that died of a task.
type Ended struct {
	Schedule *faults.Schedule // up to the event that was its last; nil if it is not known
	Result   trial.Result     // Survival is violated
	Last     string           // the last words of Announce, or the last call
}

// Do carries out a task in a process, and passes on the parts of its answer. If the process
// dies, the task is carried out once more, carefully and without its parts, to know the
// schedule that ends it.
func (r *Runner) Do(task string, order any, take func(Part)) *Ended {
	q := request{Task: task, In: encode(order)}
	d := r.once(&q, take)
	if d == nil {
		return nil
	}
	c, again := r.carefully(&q, ignore)
	switch {
	case again == nil && (strings.HasPrefix(d.kind, stayBehind) || d.bySignal()):
		return nil // started once for good, or signalled from outside
	case r.err != nil:
		return &Ended{Result: (&account{}).died(d)} // nobody knows how the second run ends
	case again == nil:
		return &Ended{Result: d.once(notTwice)}
	}
	ended := &Ended{Schedule: c.schedule, Result: c.died(again), Last: c.call}
	if c.schedule != nil && strings.HasPrefix(again.kind, stayBehind) {
		// The run came to its end, and has a verdict on everything.
		if result := r.Run(c.schedule); result.Of(trial.Survival.Name).Outcome == models.Violated {
			ended.Result = result
		}
	}
	return ended
}

// Once carries out a task, and reports whether the process died of it. Nobody finds out why.
func (r *Runner) Once(task string, order any, take func(Part)) (died bool) {
	return r.once(&request{Task: task, In: encode(order)}, take) != nil
}

func (r *Runner) once(q *request, take func(Part)) *death {
	return r.ask(q, func(a *answer) {
		if a.Sort == part {
			take(a.Data)
		}
	})
}

// Allow lets processes take so many bytes, if that is more than the usual.
func (r *Runner) Allow(bytes int64) { r.bytes = bytes }

// Here carries out a task in this process.
func Here(
	ctx context.Context, task Task, system raft.System, set service.Set, order any, take func(Part),
) {
	task(&Work{
		System: system, Services: set, Context: ctx, in: encode(order),
		watch: func() trial.Watch { return trial.Watch{} }, beating: func() {},
		send: func(b []byte) { take(b) },
	})
}

// task carries out a task of the program, and returns how the system has harmed its process,
// nil if it has not. Careful work ends at once by a signal, so that its place is known.
func (s *server) task(q *request) *answer {
	signalled := func() string { return "" }
	if !q.Careful {
		signalled = heedless()
	}
	s.tasks[q.Task](&Work{
		System: s.system(q), Services: s.services, Context: s.context, Careful: q.Careful, in: q.In,
		watch: func() trial.Watch { return s.calls(q) }, beating: s.watch.beat,
		send:     func(b []byte) { s.send(answer{Sort: part, Data: b}) },
		announce: func(words string) { s.send(answer{Sort: call, Text: words}) },
	})
	n, by := settled(s.watch.idle, patient), signalled()
	switch {
	case by != "" && s.context.Err() == nil:
		return &answer{Sort: dead, Text: by}
	case n > s.watch.idle:
		return &answer{Sort: dead, Text: s.watch.stays(n), Stack: newestFrames()}
	}
	return nil
}
