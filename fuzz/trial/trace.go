package trial

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Trace runs a schedule and writes its trace for people. Each event is followed by
// its records, indented, and an event that passes time, or after which other nodes
// run, by the state of the cluster. Ticks without effect are counted, and so are equal
// events without effect. An ignored event has the reason, and a panic of a node the
// stack of its code. A line that begins with ! is a violation, below the record that it was found in,
// if it was found before the end. The error is of w, which has the text up to an event after that.
func Trace(
	system raft.System, set service.Set, s *faults.Schedule, w io.Writer, watch ...Watch,
) (Result, error) {
	t := tracer{out: bufio.NewWriter(w), events: s.Events}
	t.reader, _ = system.(raft.Describer)
	runner := NewRunner(system, set, &t)
	for _, w := range watch {
		runner.Watch(w)
	}
	t.world, t.broken, runner.after = runner.World(), runner.Broken, t.after
	t.world.Panicking(func() { t.stack = nodeStack(t.stack[:0]) })
	result := runner.Run(s)
	t.quiet.flush(t.out)
	return result, t.out.Flush()
}

// tracer writes the trace of a run.
type tracer struct {
	out    *bufio.Writer
	events []faults.Event
	world  *faults.World
	broken func([]models.Verdict) []models.Verdict // the violations so far
	found  []models.Verdict                        // those that are written
	reader raft.Describer                          // nil if the system cannot describe its messages
	event  int                                     // the event under way; 0 before the first
	headed bool                                    // its heading is written
	idle   idleTicks                               // of the event, after the last line
	note   string                                  // on the event, instead of a record
	quiet  stretch                                 // the events before it, which are not written yet
	stack  []byte                                  // of the last panic
	text   []byte
}

// Observe writes a record below the heading of its event, and the violations that it made.
func (t *tracer) Observe(r *trace.Record) {
	t.begin(r.Event)
	t.record(r)
	for _, v := range t.broken(nil) {
		if !slices.Contains(t.found, v) {
			t.found = append(t.found, v)
			t.head()
			fmt.Fprintf(t.out, "  ! %s: %s\n", v.Property, v.Text)
		}
	}
}

// record writes a record, or counts a tick without effect.
func (t *tracer) record(r *trace.Record) {
	n := &t.world.View().Nodes[r.Node]
	_, tick := r.Input.(*raft.Tick)
	switch {
	case tick && r.Kind == trace.Stepped && r.Idle(n):
		t.idle.add(r.Node)
		return
	case r.Kind == trace.Expected && r.Outcome == raft.Done:
		t.note = r.Text
		return
	}
	t.head()
	t.text = trace.AppendRecord(t.text[:0], r, t.world.View(), t.reader)
	switch r.Kind {
	case trace.Ignored:
		t.text = fmt.Appendf(t.text[:0], "ignored: %s\n", t.world.WhyIgnored())
	case trace.Panicked:
		t.text = append(t.text, t.stack...)
		t.stack = t.stack[:0]
	}
	t.indent(t.text)
}

// indent writes the lines of a record.
func (t *tracer) indent(lines []byte) {
	begins := true
	for _, c := range lines {
		if begins {
			t.out.WriteString("    ")
		}
		t.out.WriteByte(c)
		begins = c == '\n'
	}
}

// begin notes the event that is under way.
func (t *tracer) begin(event int) {
	if event > t.event {
		t.event, t.headed, t.note = event, false, ""
	}
}

// head writes the heading of the event, and the ticks that had no effect.
func (t *tracer) head() {
	t.quiet.flush(t.out)
	if !t.headed && t.event > 0 {
		fmt.Fprintf(t.out, "%d. %s\n", t.event, t.events[t.event-1])
	}
	t.headed = true
	if t.idle.total > 0 {
		t.indent(fmt.Appendf(t.text[:0], "%s\n", t.idle.String()))
	}
	t.idle = idleTicks{}
}

// after ends an event. After one that may have changed many nodes, or the set of nodes
// that run, it writes the state of the cluster.
func (t *tracer) after(e faults.Event) {
	defer t.out.Flush()
	t.begin(t.quiet.last + 1)
	if !t.headed {
		t.quiet.add(t.event, e.String(), t.note, &t.idle, t.out)
		t.idle, t.headed = idleTicks{}, true
		return
	}
	t.head()
	t.quiet.last = t.event
	switch kind := e.Kind; {
	case kind.Macro(), kind == faults.Crash, kind == faults.Tear, kind == faults.Fail, kind == faults.Restart:
		t.text = trace.AppendCluster(t.text[:0], t.world.View())
		t.out.WriteString("  = ")
		t.out.Write(t.text)
	}
}

// idleTicks counts ticks without effect.
type idleTicks struct {
	total int
	of    [faults.MaxNodes + 1]int
}

func (i *idleTicks) add(id raft.NodeID) {
	i.total++
	i.of[id]++
}

// String is the ticks on one line. A single one is written like every other input.
func (i *idleTicks) String() string {
	var b []byte
	for id, k := range i.of {
		switch {
		case k == 0:
		case i.total == 1:
			return fmt.Sprintf("n%d tick", id)
		case k == i.total:
			return fmt.Sprintf("%d ticks of n%d without effect", k, id)
		default:
			b = fmt.Appendf(b, ", %d of n%d", k, id)
		}
	}
	return fmt.Sprintf("%d ticks without effect: %s", i.total, b[2:])
}

// stretch is successive events of one text that had no effect.
type stretch struct {
	first, last int // first is 0 if nothing is to be written; last is the last event that ended
	text, note  string
	idle        idleTicks
}

// add adds an event, after it wrote the stretch before if that has another text.
func (s *stretch) add(event int, text, note string, idle *idleTicks, out io.Writer) {
	if s.first == 0 || s.text != text || s.note != note {
		s.flush(out)
		s.first, s.text, s.note, s.idle = event, text, note, idleTicks{}
	}
	s.last = event
	for id, k := range idle.of {
		s.idle.of[id] += k
	}
	s.idle.total += idle.total
}

// flush writes the stretch on one line.
func (s *stretch) flush(out io.Writer) {
	if s.first == 0 {
		return
	}
	note := s.note
	switch {
	case note != "":
	case s.idle.total > 1:
		note = s.idle.String()
	default:
		note = "without effect"
	}
	numbers := fmt.Sprint(s.first)
	if s.last > s.first {
		numbers += fmt.Sprintf("..%d", s.last)
	}
	fmt.Fprintf(out, "%s. %s: %s\n", numbers, s.text, note)
	s.first = 0
}
