package kv_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// operations are the operations of a run, of each kind and over some keys.
func operations(t require.TestingT, keys int, texts ...string) []service.Op {
	var ops []service.Op
	for i := range 1000 {
		ops = append(ops, parse(t, fmt.Sprintf(texts[i%len(texts)], fmt.Sprintf("key%d", i/7%keys))))
	}
	return ops
}

func round(m *kv.Machine, ops []service.Op) {
	for _, op := range ops {
		m.Apply(1, 0, op)
	}
}

var steady = []string{"put %s 7", "get %s", "cas %s 7 8", "delete %s", "cas %s nil 9"}

func TestMachine_steadyStateAllocatesNothing(t *testing.T) {
	ops := operations(t, 100, steady...)
	get := parse(t, "get key7")
	var m kv.Machine
	round(&m, ops)
	state := m.AppendState(nil)
	require.Zero(t, testing.AllocsPerRun(10, func() { round(&m, ops) }))
	require.Zero(t, testing.AllocsPerRun(10, func() { m.Reset(); round(&m, ops) }), "a restart")
	require.Zero(t, testing.AllocsPerRun(10, func() { m.Query(get) }))
	require.Zero(t, testing.AllocsPerRun(10, func() { state = m.AppendState(state[:0]) }))
}

func BenchmarkMachine_Apply(b *testing.B) {
	for _, keys := range []int{10, 140} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			ops := operations(b, keys, steady...)
			var m kv.Machine
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				m.Apply(1, 0, ops[i%len(ops)])
			}
		})
	}
}

func BenchmarkMachine_AppendState(b *testing.B) {
	var m kv.Machine
	round(&m, operations(b, 10, "put %s 7"))
	var state []byte
	b.ReportAllocs()
	for b.Loop() {
		state = m.AppendState(state[:0])
	}
}

func BenchmarkMachine_Restore(b *testing.B) {
	var m kv.Machine
	round(&m, operations(b, 10, "put %s 7"))
	state := m.AppendState(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Restore(state); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseOp(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (kv.Service{}).ParseOp("put key7 1234"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSpec_Step(b *testing.B) {
	spec := kv.Spec()
	b.ReportAllocs()
	for b.Loop() {
		spec.Step("7", "cas 7 8", "ok", true)
	}
}
