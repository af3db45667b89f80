package trial

import (
	"bufio"
	"fmt"
	"io"

	"raftcheck/faults"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Trace runs a schedule and writes its trace for people: each event of the
// schedule, indented under it what followed, and after each event that passes
// time or changes who runs, the cluster as it stands. An error is w's.
func Trace(system raft.System, set service.Set, s *faults.Schedule, w io.Writer) (Result, error) {
	t := tracer{out: bufio.NewWriter(w), events: s.Events}
	t.reader, _ = system.(raft.Describer)
	runner := NewRunner(system, set, &t)
	t.view, runner.after = runner.View(), t.after
	result := runner.Run(s)
	return result, t.out.Flush()
}

// tracer writes a run down.
type tracer struct {
	out    *bufio.Writer
	events []faults.Event
	view   *trace.View
	reader raft.Describer // nil if the system cannot read its messages aloud
	event  int            // the event whose heading is written
	text   []byte
}

// Observe writes a record, below the heading of its event.
func (t *tracer) Observe(r *trace.Record) {
	t.head(r.Event)
	t.text = trace.AppendRecord(t.text[:0], r, t.view, t.reader)
	indent := true
	for _, c := range t.text {
		if indent {
			t.out.WriteString("    ")
		}
		t.out.WriteByte(c)
		indent = c == '\n'
	}
}

// head writes the headings of the events up to one.
func (t *tracer) head(event int) {
	for t.event < event {
		t.event++
		fmt.Fprintf(t.out, "%d. %s\n", t.event, t.events[t.event-1])
	}
}

// after follows an event up with the state of the cluster, where it may have
// changed by more than the lines above tell at a glance.
func (t *tracer) after(e faults.Event) {
	switch kind := e.Kind; {
	case kind.Macro(), kind == faults.Crash, kind == faults.Tear, kind == faults.Fail, kind == faults.Restart:
		t.text = trace.AppendCluster(t.text[:0], t.view)
		t.out.WriteString("  = ")
		t.out.Write(t.text)
	}
}
