package fuzz

import (
	"strconv"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
)

// traceText writes the trace of a run for people: each event of the schedule,
// indented under it what followed, and after each event that passes time or
// changes who runs, the cluster as it stands.
type traceText struct {
	text   []byte
	events []faults.Event
	view   *models.View
	reader raft.Describer // nil if the system cannot read its messages aloud
	event  int            // the event whose heading is written
	record []byte
	after  []byte // the cluster after the last record
}

// Observe adds a record.
func (t *traceText) Observe(r *models.Record) {
	for t.event < r.Event {
		t.endEvent()
		t.event++
		t.text = strconv.AppendInt(t.text, int64(t.event), 10)
		t.text = append(append(t.text, ". "...), t.events[t.event-1].String()...)
		t.text = append(t.text, '\n')
	}
	t.record = models.AppendRecord(t.record[:0], r, t.view, t.reader)
	indent := true
	for _, c := range t.record {
		if indent {
			t.text = append(t.text, "    "...)
		}
		t.text = append(t.text, c)
		indent = c == '\n'
	}
	t.after = models.AppendCluster(t.after[:0], t.view)
}

// endEvent follows an event up with the state of the cluster, where it may
// have changed by more than the lines above tell at a glance.
func (t *traceText) endEvent() {
	if t.event == 0 {
		return
	}
	switch kind := t.events[t.event-1].Kind; {
	case kind.Macro(), kind == faults.Crash, kind == faults.Tear, kind == faults.Fail, kind == faults.Restart:
		t.text = append(append(t.text, "  = "...), t.after...)
	}
}

// Trace runs a schedule and returns its trace as text, with its result.
func Trace(system raft.System, s *faults.Schedule) (string, Result) {
	t := traceText{events: s.Events}
	t.reader, _ = system.(raft.Describer)
	runner := NewRunner(system, &t)
	t.view = runner.View()
	result := runner.Run(s)
	t.endEvent()
	return string(t.text), result
}
