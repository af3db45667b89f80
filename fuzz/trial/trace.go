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

// Trace runs a schedule and writes its trace for people. Each event is followed by
// its records, indented, and an event that passes time, or after which other nodes
// run, by the state of the cluster. The error is of w.
func Trace(system raft.System, set service.Set, s *faults.Schedule, w io.Writer) (Result, error) {
	t := tracer{out: bufio.NewWriter(w), events: s.Events}
	t.reader, _ = system.(raft.Describer)
	runner := NewRunner(system, set, &t)
	t.view, runner.after = runner.View(), t.after
	result := runner.Run(s)
	return result, t.out.Flush()
}

// tracer writes the trace of a run.
type tracer struct {
	out    *bufio.Writer
	events []faults.Event
	view   *trace.View
	reader raft.Describer // nil if the system cannot describe its messages
	event  int            // the last event whose heading was written
	text   []byte
}

// Observe writes a record below the heading of its event.
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

// head writes the headings of the events up to and including event.
func (t *tracer) head(event int) {
	for t.event < event {
		t.event++
		fmt.Fprintf(t.out, "%d. %s\n", t.event, t.events[t.event-1])
	}
}

// after writes the state of the cluster after an event that may have changed many
// nodes, or the set of nodes that run.
func (t *tracer) after(e faults.Event) {
	switch kind := e.Kind; {
	case kind.Macro(), kind == faults.Crash, kind == faults.Tear, kind == faults.Fail, kind == faults.Restart:
		t.text = trace.AppendCluster(t.text[:0], t.view)
		t.out.WriteString("  = ")
		t.out.Write(t.text)
	}
}
