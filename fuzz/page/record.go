package page

import (
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Record runs a schedule and writes the run down. It returns the result of the run too,
// which is that of a [trial.Runner]. The title names the schedule.
func Record(system raft.System, set service.Set, s *faults.Schedule, title string) (*Run, trial.Result) {
	r, result := record(system, set, s, title, trial.Watch{}, func(*recorder) {}, nil)
	return r.run, result
}

// record is Record, and looks at the run after its last event. A death is one of the system's
// process. If it is at an event, the run ends in front of that, and its last step has the death.
func record(
	system raft.System, set service.Set, s *faults.Schedule, title string, calls trial.Watch,
	look func(*recorder), death *trial.Result,
) (*recorder, trial.Result) {
	r := newRecorder(s, title)
	r.reader, _ = system.(raft.Describer)
	watch := newWatch(system, r)
	runner := trial.NewRunner(system, set, r, watch)
	runner.Watch(calls)
	r.world, r.view = runner.World(), runner.View()
	r.world.Lowered(r.carriedOut)
	runner.Begin(s)
	r.close(faults.Event{})
	whole := s
	if at := eventOf(death); at > 0 {
		s = s.Clone()
		s.Events = s.Events[:at-1]
	}
	for i := range s.Events {
		r.begin(i)
		runner.Apply(s.Events[i])
		r.end(s.Events[i])
	}
	look(r)
	result := runner.Finish()
	if r.any {
		r.close(faults.Event{})
	}
	again := trial.NewRunner(system, set)
	again.Watch(calls)
	trial.Again(again, s, &result)
	r.run.Unlike, r.run.Other = trial.Nondeterminism(system), models.AboutNotAsked(system)
	if eventOf(death) > 0 {
		r.died(whole, death)
		watch.at[trial.Survival.Name] = len(r.run.Steps) - 1
	}
	if death != nil {
		result.Verdicts = append(result.Verdicts, death.Of(trial.Survival.Name))
	}
	r.finish(system, s, &result, watch)
	return r, result
}

// eventOf is the event of a death, 0 for one after the run, and without any.
func eventOf(death *trial.Result) int {
	if death == nil {
		return 0
	}
	return death.Of(trial.Survival.Name).Event
}

// died adds the step at which the process of the system ended.
func (r *recorder) died(s *faults.Schedule, death *trial.Result) {
	v := death.Of(trial.Survival.Name)
	r.begin(v.Event - 1)
	r.text = append(append(r.text, v.Text...), '\n')
	for line := range strings.Lines(death.Stack) {
		r.text = append(append(r.text, "    "...), line...)
	}
	r.close(s.Events[v.Event-1])
}

// recorder is the observer that writes a run down. Records add to the open step. The step
// is closed when the world has carried out the plain event that the records belong to.
type recorder struct {
	run      *Run
	schedule *faults.Schedule
	world    *faults.World
	view     *trace.View
	reader   raft.Describer // nil if the system cannot describe its messages
	words    map[string]int
	times    []int // the step of each time of the run

	event int  // of the schedule, counted from 1
	first bool // no step of the event is closed yet
	notes []faults.Note

	step  Step // the open one
	any   bool // it has a record
	text  []byte
	quiet int // ticks without effect since the last step

	nodes []nodeState
	links links
	calls map[raft.OpID]int // operations by their name
	acts  map[int][]int     // the acts under way of each client, oldest first
	names map[uint64]int    // the word of each command, by the hash of its entry
}

func newRecorder(s *faults.Schedule, title string) *recorder {
	r := &recorder{
		schedule: s, words: map[string]int{}, notes: s.Notes,
		nodes: make([]nodeState, s.Nodes+1), links: newLinks(s.Nodes),
		calls: map[raft.OpID]int{}, acts: map[int][]int{}, names: map[uint64]int{},
	}
	r.run = &Run{
		Title: title, Schedule: s.String(), System: s.System, Service: s.Service.Name(),
		Nodes: s.Nodes, PreVote: s.PreVote,
		Prose: append([]string{}, s.Prose...), Fields: fieldNames[:],
		Steps: []Step{}, Messages: []Message{}, Operations: []Operation{}, Acts: []Act{}, Words: []string{},
	}
	for _, word := range fixedWords {
		r.word(word)
	}
	for id := range r.nodes {
		r.nodes[id].rate = 100
	}
	return r
}

// word returns the number of a text.
func (r *recorder) word(text string) int {
	number, ok := r.words[text]
	if !ok {
		number = len(r.run.Words)
		r.words[text] = number
		r.run.Words = append(r.run.Words, text)
	}
	return number
}

// now is the number of the open step.
func (r *recorder) now() int { return len(r.run.Steps) }

// begin notes the next event of the schedule.
func (r *recorder) begin(event int) { r.event, r.first = event+1, true }

// end closes the steps of an event. An event of which nothing was recorded has a step too.
func (r *recorder) end(e faults.Event) {
	if r.any || r.first && r.quiet == 0 {
		r.close(e)
	}
	r.rest()
}

// Observe adds a record to the open step.
func (r *recorder) Observe(rec *trace.Record) {
	if rec.Kind == trace.Stepped {
		_, tick := rec.Input.(*raft.Tick)
		if tick && !r.any && rec.Idle(&r.view.Nodes[rec.Node]) {
			r.nodes[rec.Node].clock++
			r.quiet++
			r.at(rec.Time)
			return
		}
		r.rest()
		if tick {
			r.nodes[rec.Node].clock++
		}
	}
	r.rest()
	r.any = true
	r.at(rec.Time)
	if rec.Node != raft.None {
		r.step.Node = int(rec.Node)
	}
	r.take(rec)
	r.text = trace.AppendRecord(r.text, rec, r.view, r.reader)
}

// at notes that a time of the run belongs to the open step.
func (r *recorder) at(time int64) {
	for int64(len(r.times)) <= time {
		r.times = append(r.times, r.now())
	}
}

// take adds the messages, clients and nodes of a record.
func (r *recorder) take(rec *trace.Record) {
	switch rec.Kind {
	case trace.Stepped:
		r.stepped(rec)
	case trace.Booted:
		r.nodes[rec.Node].booted(rec.Durable)
	case trace.Crashed, trace.Panicked, trace.Wiped:
		r.links.stopped(r, int(rec.Node))
		r.nodes[rec.Node].stopped(rec)
	case trace.Lost:
		r.links.lost++
	case trace.Ignored:
		r.step.Ignored = true
	case trace.Worked, trace.Landed:
		r.acted(rec)
	default:
		r.client(rec)
	}
}

// stepped adds a step of a node.
func (r *recorder) stepped(rec *trace.Record) {
	if in, proposed := rec.Input.(*raft.Propose); proposed {
		r.names[trace.HashBytes(uint64(raft.Command)+1, in.Data)] = r.command(in.Op)
	}
	r.nodes[rec.Node].wrote(rec)
	r.links.sent(r, rec)
	for _, e := range rec.Executed {
		r.executed(rec, e)
	}
}

// carriedOut closes the step of a plain event. The world calls it after the event's records.
func (r *recorder) carriedOut(e faults.Event) {
	if !r.any && r.quiet > 0 {
		return // ticks without effect
	}
	r.links.carriedOut(r, e)
	r.faulted(e)
	r.asked(e)
	r.close(e)
}

// rest closes a step for the ticks without effect so far.
func (r *recorder) rest() {
	if r.quiet == 0 {
		return
	}
	step := Step{Event: r.event, Quiet: r.quiet}
	r.quiet = 0
	r.title(&step, "")
	for id := range r.nodes {
		n := &r.nodes[id]
		if n.fields[fieldClock] != n.clock {
			n.fields[fieldClock] = n.clock
			step.Changes = append(step.Changes, Change{Node: id, Fields: []uint64{fieldClock, n.clock}})
		}
	}
	r.run.Steps = append(r.run.Steps, step)
}

// title gives a step the schedule's event and remark if it is the first of the event, and
// the plain event if that is another.
func (r *recorder) title(step *Step, line string) {
	head := ""
	if r.event > 0 && r.event <= len(r.schedule.Events) {
		head = r.schedule.Events[r.event-1].String()
	}
	if r.first {
		step.Head, step.Note = head, r.note()
		r.first = false
	}
	if line != head {
		step.Line = line
	}
}

// note is the remarks in front of the event.
func (r *recorder) note() (text string) {
	for ; len(r.notes) > 0 && r.notes[0].Before < r.event; r.notes = r.notes[1:] {
		text = appendRemark(text, r.notes[0].Text)
	}
	return text
}

// close ends the open step.
func (r *recorder) close(e faults.Event) {
	step := &r.step
	step.Event, step.Text = r.event, string(r.text)
	line := ""
	if e.Kind != 0 {
		line = e.String()
	}
	r.title(step, line)
	if step.Ignored {
		step.Text = "ignored: " + r.world.WhyIgnored() + "\n"
	}
	for id := range r.world.All().All() {
		r.change(step, int(id))
	}
	r.links.changed(r, step)
	r.run.Steps = append(r.run.Steps, *step)
	r.step, r.any, r.text = Step{}, false, r.text[:0]
}

// appendRemark appends the text of a remark among the events, without its "#".
func appendRemark(text, remark string) string {
	remark = strings.TrimSpace(strings.TrimPrefix(remark, "#"))
	if text == "" || remark == "" {
		return text + remark
	}
	return text + "\n" + remark
}
