package trial

import (
	"fmt"
	"io"

	"raftcheck/faults"
	"raftcheck/linearizability"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Picture runs a schedule and draws the operations of its clients as an HTML page, under
// the specification of their service. Beside them are the faults, the leaders, the nodes
// that are down, and the acts of clients in the world outside of the cluster.
func Picture(
	system raft.System, set service.Set, s *faults.Schedule, w io.Writer, watch ...Watch,
) (Result, error) {
	a := annotator{}
	runner := NewRunner(system, set, &a)
	for _, w := range watch {
		runner.Watch(w)
	}
	a.view = runner.View()
	result := runner.Run(s)
	a.finish()
	return result, linearizability.WritePicture(w, s.Service.Spec(), result.History, a.notes)
}

// annotator turns records into annotations of a history.
type annotator struct {
	view  *trace.View
	notes []linearizability.Annotation
	now   int64
	open  [faults.MaxNodes + 1]span // what each node is at present, if that is worth a note
}

// span is a stretch of time in which a node leads or is down.
type span struct {
	text  string
	start int64
}

// Observe turns a record into a note, if it is worth one.
func (a *annotator) Observe(r *trace.Record) {
	a.now = r.Time
	switch r.Kind {
	case trace.Stepped, trace.Booted, trace.Crashed, trace.Panicked, trace.BootFailed, trace.Wiped:
		a.turn(r.Node)
	case trace.Faulted:
		a.note("faults", r.Time, r.Text)
	case trace.Rotted:
		a.note("faults", r.Time, fmt.Sprintf("%s: disk rots, %s", r.Node, r.Text))
	case trace.Healed:
		a.note("faults", r.Time, "healed: "+r.Text)
	case trace.Lost:
		a.note("links", r.Time, fmt.Sprintf("%s to %s: a message is lost", r.Node, r.Peer))
	case trace.Doubled:
		a.note("links", r.Time, fmt.Sprintf("%s to %s: a message is doubled", r.Node, r.Peer))
	case trace.Worked, trace.Landed:
		a.note("outside", r.Time, fmt.Sprintf("c%d %s", r.Op.Client, r.Text))
	}
}

// turn begins a new span when a node changes what it is.
func (a *annotator) turn(id raft.NodeID) {
	n := &a.view.Nodes[id]
	text := ""
	switch {
	case n.Wiped:
		text = "disk gone"
	case n.Refused:
		text = "disk refused"
	case !n.Up:
		text = "down"
	case n.Stopped:
		text = "disk failed"
	case n.Status.Role == raft.Leader:
		text = fmt.Sprintf("leads term %d", n.Status.Term)
	}
	if text != a.open[id].text {
		a.close(id)
		a.open[id] = span{text: text, start: a.now}
	}
}

func (a *annotator) close(id raft.NodeID) {
	if s := a.open[id]; s.text != "" {
		a.notes = append(a.notes, linearizability.Annotation{
			Row: id.String(), Start: s.start, End: a.now, Text: s.text,
		})
	}
}

func (a *annotator) note(row string, at int64, text string) {
	a.notes = append(a.notes, linearizability.Annotation{Row: row, Start: at, End: at, Text: text})
}

func (a *annotator) finish() {
	for id := range a.open {
		a.close(raft.NodeID(id))
	}
}
