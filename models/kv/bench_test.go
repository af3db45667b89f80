package kv_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
)

// commands is what a run applies: operations of each kind over ten keys.
func commands(t require.TestingT, clients int, texts ...string) []kv.Command {
	var cs []kv.Command
	for i := range 1000 {
		text := fmt.Sprintf(texts[i%len(texts)], fmt.Sprintf("key%d", i/7%10))
		cs = append(cs, kv.Command{Client: uint32(i%clients + 1), Seq: 1, Op: parse(t, text)})
	}
	return cs
}

// round applies all commands, each as the next of its client.
func round(m *kv.Machine, cs []kv.Command, seq *uint32) {
	for i := range cs {
		*seq++
		cs[i].Seq = *seq
		m.Apply(&cs[i])
	}
}

var steady = []string{"put %s 7", "get %s", "cas %s 7 8", "delete %s", "cas %s nil 9"}

func TestMachine_steadyStateAllocatesNothing(t *testing.T) {
	for _, clients := range []int{10, 2000} {
		cs := commands(t, clients, steady...)
		var m kv.Machine
		seq := uint32(0)
		round(&m, cs, &seq)
		require.Zero(t, testing.AllocsPerRun(10, func() { round(&m, cs, &seq) }))
		require.Zero(t, testing.AllocsPerRun(10, func() { m.Reset(); round(&m, cs, &seq) }), "a restart")
		require.Zero(t, testing.AllocsPerRun(10, func() { m.Hash() }))
	}
}

func BenchmarkMachine_Apply(b *testing.B) {
	for _, clients := range []int{10, 5000} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			cs := commands(b, clients, steady...)
			if clients > 1000 {
				for i := range cs {
					cs[i].Client += 1024
				}
			}
			var m kv.Machine
			seq := uint32(0)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				seq++
				c := &cs[i%len(cs)]
				c.Seq = seq
				m.Apply(c)
			}
		})
	}
}

func BenchmarkMachine_Hash(b *testing.B) {
	cs := commands(b, 10, "put %s 7")
	var m kv.Machine
	seq := uint32(0)
	round(&m, cs, &seq)
	b.ReportAllocs()
	for b.Loop() {
		m.Hash()
	}
}

func BenchmarkDecodeCommand(b *testing.B) {
	data := kv.AppendCommand(nil, 3, 700, "put key7 1234")
	b.ReportAllocs()
	for b.Loop() {
		_, err := kv.DecodeCommand(data)
		if err != nil {
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
