package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestMonitor_remembersWithoutAllocating(t *testing.T) {
	m, n, from := rememberers()
	b := []byte{}
	again := func() {
		m.Remember(from)
		n.CopyFrom(&from.View.Nodes[1])
		b = n.AppendState(m.AppendMemory(b[:0], sameNames), sameNames)
	}
	again()
	if n := testing.AllocsPerRun(10, again); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// rememberers returns a monitor, another one after a run with 10 entries whose state the
// first takes over, and a view of a node.
func rememberers() (*Monitor, *trace.NodeView, *Monitor) {
	tape := newTape(3)
	replicate(tape, 10)
	tape.compact(1, 10, 77)
	w := watch(tape, sameNames, Rememberers(nil))
	for range tape.records {
		w.next()
	}
	return NewMonitor(Rememberers(nil)...), new(trace.NodeView), w.Monitor
}

func BenchmarkMonitor_Remember(b *testing.B) {
	m, _, from := rememberers()
	b.ReportAllocs()
	for b.Loop() {
		m.Remember(from)
	}
}

func BenchmarkMonitor_AppendMemory(b *testing.B) {
	_, _, m := rememberers()
	as := raft.NewRenaming(2, 3, 1)
	var encoding []byte
	b.ReportAllocs()
	for b.Loop() {
		encoding = m.AppendMemory(encoding[:0], as)
	}
	b.ReportMetric(float64(len(encoding)), "bytes")
}

func BenchmarkNodeView_CopyFrom(b *testing.B) {
	_, n, from := rememberers()
	b.ReportAllocs()
	for b.Loop() {
		n.CopyFrom(&from.View.Nodes[1])
	}
}

func BenchmarkNodeView_AppendState(b *testing.B) {
	_, _, m := rememberers()
	as := raft.NewRenaming(2, 3, 1)
	var encoding []byte
	b.ReportAllocs()
	for b.Loop() {
		encoding = m.View.Nodes[1].AppendState(encoding[:0], as)
	}
	b.ReportMetric(float64(len(encoding)), "bytes")
}
