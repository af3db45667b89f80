package election_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/election"
	"raftcheck/models/service"
)

// steady is operations of each kind on ten leaderships, by three clients.
func steady(t require.TestingT) []service.Op {
	var ops []service.Op
	for i := range 1000 {
		text := []string{"campaign db%d 5", "keepalive db%d 1 5", "holder db%d", "campaign db%d 5",
			"resign db%d 1"}[i%5]
		ops = append(ops, parse(t, fmt.Sprintf(text, i/7%10)))
	}
	return ops
}

// An answer is a string of its own; nothing else is allocated.
func TestMachine_steadyStateAllocatesItsAnswers(t *testing.T) {
	ops := steady(t)
	var m election.Machine
	now := uint64(0)
	round := func() {
		for i, op := range ops {
			now++
			m.Apply(uint32(i%3+1), now, op)
		}
	}
	round()
	require.LessOrEqual(t, testing.AllocsPerRun(10, round), float64(len(ops)))
	state := m.AppendState(nil)
	require.Zero(t, testing.AllocsPerRun(10, func() { state = m.AppendState(state[:0]) }))
	require.Zero(t, testing.AllocsPerRun(10, func() {
		if err := m.Restore(state); err != nil {
			t.Fatal(err)
		}
	}))
}

func BenchmarkMachine_Apply(b *testing.B) {
	ops := steady(b)
	var m election.Machine
	b.ReportAllocs()
	for i := range b.N {
		m.Apply(uint32(i%3+1), uint64(i), ops[i%len(ops)])
	}
}

func BenchmarkMachine_Restore(b *testing.B) {
	var m election.Machine
	for i, op := range steady(b) {
		m.Apply(uint32(i%3+1), uint64(i), op)
	}
	var state []byte
	b.ReportAllocs()
	for b.Loop() {
		state = m.AppendState(state[:0])
		if err := m.Restore(state); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseOp(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := election.ParseOp("keepalive db 3 40"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSpec_Step(b *testing.B) {
	_, held := follow(b, "campaign 40 -> token-1-until-50-at-10-for-c1")
	_, open := follow(b, "campaign 40 -> token-1-until-50-at-10-for-c1\ncampaign 7 -> ?\nresign 1 -> ?")
	tests := []struct {
		name, state, input, output string
		known                      bool
	}{
		{"known", held, "campaign 40", "held-by-c1-until-50-at-49-for-c2", true},
		{"unknown", held, "campaign 40", "", false},
		{"known after unknown", open, "holder", "free-at-30", true},
	}
	spec := election.Spec()
	for _, test := range tests {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := spec.Step(test.state, test.input, test.output, test.known); !ok {
					b.Fatal(test.name)
				}
			}
		})
	}
}

func BenchmarkOutside(b *testing.B) {
	o := election.NewOutside(false)
	op, answer := parse(b, "campaign db 5"), "token-1-until-9-at-4-for-c1"
	b.ReportAllocs()
	for i := range b.N {
		o.Heard(1, op, answer, uint64(i))
		o.Work(1, uint64(i))
		o.Land(1, 0)
	}
}
