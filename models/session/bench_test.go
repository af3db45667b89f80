package session_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
	"raftcheck/models/session"
)

// run applies the same commands round after round, each as the next one of its client.
type run struct {
	m        *session.Machine
	commands []session.Command
	seq      uint32
	clock    uint64
	step     uint64 // ticks from one command to the next
}

// newRun returns a run with operations of each kind on ten keys, by clients from 1 on.
func newRun(t require.TestingT, clients int, step uint64) *run {
	r := &run{m: newMachine(), step: step}
	texts := []string{"put %s 7", "get %s", "cas %s 7 8", "delete %s", "cas %s nil 9"}
	for i := range 1000 {
		op := parse(t, fmt.Sprintf(texts[i%len(texts)], fmt.Sprintf("key%d", i/7%10)))
		r.commands = append(r.commands, session.Command{Client: uint32(i%clients + 1), Op: op})
	}
	return r
}

func (r *run) apply(i int) session.Outcome {
	r.seq++
	r.clock += r.step
	c := &r.commands[i%len(r.commands)]
	c.Seq, c.Born, c.Stamp = r.seq, r.clock, r.clock
	_, outcome := r.m.Apply(c)
	return outcome
}

func (r *run) round() {
	for i := range r.commands {
		if r.apply(i) != session.Executed {
			panic("not executed")
		}
	}
}

// TestMachine_steadyStateAllocatesNothing: with 16 clients and a command every ten ticks,
// sessions are forgotten all the time.
func TestMachine_steadyStateAllocatesNothing(t *testing.T) {
	for _, clients := range []int{10, 16, 1000} {
		for _, step := range []uint64{0, 1, 10, session.Ticks} {
			t.Run(fmt.Sprintf("clients=%d step=%d", clients, step), func(t *testing.T) {
				r := newRun(t, clients, step)
				r.round()
				snapshot := r.m.AppendState(nil)
				require.Zero(t, testing.AllocsPerRun(10, r.round))
				require.Zero(t, testing.AllocsPerRun(10, func() { r.m.Reset(); r.clock = 0; r.round() }), "a restart")
				require.Zero(t, testing.AllocsPerRun(10, func() { snapshot = r.m.AppendState(snapshot[:0]) }))
				require.Zero(t, testing.AllocsPerRun(10, func() { r.m.Result(3, r.seq) }))
			})
		}
	}
}

// TestMachine_forgottenClientsTakeNoMemory: a client that never comes back costs nothing.
func TestMachine_forgottenClientsTakeNoMemory(t *testing.T) {
	r := newRun(t, 1, session.Ticks/4)
	client := uint32(10_000)
	round := func() {
		for i := range r.commands {
			client++
			r.commands[i].Client = client
		}
		r.round()
	}
	round()
	require.Zero(t, testing.AllocsPerRun(100, round))
	require.Less(t, len(r.m.AppendState(nil)), 200)
}

func BenchmarkMachine_Apply(b *testing.B) {
	for _, test := range []struct {
		clients int
		step    uint64
	}{{10, 0}, {10, 1}, {16, 10}, {1000, 1}} {
		b.Run(fmt.Sprintf("clients=%d/step=%d", test.clients, test.step), func(b *testing.B) {
			r := newRun(b, test.clients, test.step)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				r.apply(i)
			}
		})
	}
}

// Sessions are forgotten from the front only, so the number of others makes no difference.
func BenchmarkMachine_Apply_whileManyAreRemembered(b *testing.B) {
	for _, sessions := range []int{10, 100_000} {
		b.Run(fmt.Sprint("sessions=", sessions), func(b *testing.B) {
			r := newRun(b, 10, 0)
			for i := range sessions {
				apply(b, r.m, uint32(10_000+i), 1, 0, "get x")
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				r.apply(i)
			}
		})
	}
}

func BenchmarkMachine_AppendState(b *testing.B) {
	r := newRun(b, 10, 1)
	r.round()
	var snapshot []byte
	b.ReportAllocs()
	for b.Loop() {
		snapshot = r.m.AppendState(snapshot[:0])
	}
}

func BenchmarkMachine_Restore(b *testing.B) {
	r := newRun(b, 10, 1)
	r.round()
	snapshot := r.m.AppendState(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.m.Restore(snapshot); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeCommand(b *testing.B) {
	data := session.AppendCommand(nil, 3, 700, 12, 345, "put key7 1234")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := session.DecodeCommand(kv.Service{}, data); err != nil {
			b.Fatal(err)
		}
	}
}
