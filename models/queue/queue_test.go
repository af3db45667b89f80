package queue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/linearizability"
	"raftcheck/models/kv"
	"raftcheck/models/queue"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

func parse(t require.TestingT, text string) queue.Op {
	op, err := queue.ParseOp(text)
	require.NoError(t, err)
	return op
}

func TestParseOp_errors(t *testing.T) {
	long := strings.Repeat("n", 65)
	for text, want := range map[string]string{
		"":              `expected enqueue, dequeue or peek, found ""`,
		"none q":        `found "none"`,
		"push q 1":      `found "push"`,
		"enqueue q":     "expected enqueue QUEUE VALUE with single spaces",
		"enqueue q 1 2": "expected enqueue QUEUE VALUE with single spaces",
		"dequeue":       "expected dequeue QUEUE with single spaces",
		"peek q r":      "expected peek QUEUE with single spaces",
		"peek ":         `expected a queue of 1 to 64 letters, digits, '.', '_' and '-', found ""`,
		"peek " + long:  "expected a queue of 1 to 64",
		"enqueue q nil": `expected a value other than nil of 1 to 64`,
		"enqueue q a/b": `found "a/b"`,
	} {
		op, err := queue.ParseOp(text)
		require.ErrorContains(t, err, want, text)
		require.Zero(t, op)
	}
}

// FuzzParseOp: there is one text of each operation, and machine and specification take any.
func FuzzParseOp(f *testing.F) {
	for _, text := range []string{"enqueue q 1", "dequeue q", "peek q", "enqueue q nil", "peek  q"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		op, err := queue.ParseOp(text)
		if err != nil {
			require.Zero(t, op)
			return
		}
		require.Equal(t, text, op.String())
		require.Equal(t, text, strings.Replace(op.Input(), op.Kind.String(), op.Kind.String()+" "+op.Key(), 1))
		var m queue.Machine
		spec := queue.Spec()
		_, ok := spec.Step(spec.Init, op.Input(), m.Apply(1, 5, op), true)
		require.True(t, ok)
	})
}

func TestMachine(t *testing.T) {
	var fill []string
	for i := range queue.MaxWaiting {
		fill = append(fill, fmt.Sprintf("enqueue q %d=ok", i))
	}
	for name, steps := range map[string][]string{
		"empty":    {"dequeue q=nil", "peek q=nil", "dequeue q=nil"},
		"in order": {"enqueue q a=ok", "enqueue q b=ok", "peek q=a", "dequeue q=a", "dequeue q=b", "dequeue q=nil"},
		"twice":    {"enqueue q a=ok", "enqueue q a=ok", "dequeue q=a", "dequeue q=a", "dequeue q=nil"},
		"two":      {"enqueue q a=ok", "enqueue p b=ok", "dequeue q=a", "dequeue q=nil", "dequeue p=b"},
		"full":     append(fill[:len(fill):len(fill)], "enqueue q a=full", "dequeue q=0", "enqueue q a=ok"),
	} {
		t.Run(name, func(t *testing.T) {
			var m queue.Machine
			spec := queue.Spec()
			state := spec.Init
			for _, step := range steps {
				text, want, _ := strings.Cut(step, "=")
				op := parse(t, text)
				require.Equal(t, want, m.Apply(1, 0, op), text)
				if op.Key() != "q" {
					continue
				}
				for _, output := range []string{want, "other"} {
					next, ok := spec.Step(state, op.Input(), output, true)
					require.Equal(t, output == want, ok, text)
					if ok {
						state = next
					}
				}
			}
		})
	}
}

func TestMachine_otherOperationsPanic(t *testing.T) {
	var m queue.Machine
	require.Panics(t, func() { m.Apply(1, 0, kv.Op{Kind: kv.Get, Name: "x"}) })
	require.Panics(t, func() { m.Apply(1, 0, queue.Op{}) })
	require.Panics(t, func() { m.Query(parse(t, "dequeue q")) })
}

// TestMachine_restores every state that AppendState wrote: the same values in the same
// order.
func TestMachine_restores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m, other queue.Machine
		other.Apply(1, 0, parse(t, "enqueue z 9"))
		for i, kind := range rapid.SliceOf(rapid.IntRange(0, 3)).Draw(t, "kinds") {
			name := rapid.SampledFrom([]string{"q", "p"}).Draw(t, "queue")
			text := "dequeue " + name
			if kind > 0 {
				text = fmt.Sprintf("enqueue %s v%d", name, i)
			}
			m.Apply(1, 0, parse(t, text))
		}
		state := m.AppendState(nil)
		require.NoError(t, other.Restore(state))
		require.Equal(t, string(state), string(other.AppendState(nil)))
		for range 100 {
			op := parse(t, "dequeue q")
			require.Equal(t, m.Query(parse(t, "peek q")), other.Query(parse(t, "peek q")))
			require.Equal(t, m.Apply(1, 0, op), other.Apply(1, 0, op))
		}
	})
}

func TestMachine_restoreErrors(t *testing.T) {
	for state, want := range map[string]string{
		"q a":        "expected the end of line",
		"q\n":        "expected a queue and 1 to 64 values",
		"q a  b\n":   "expected a queue and 1 to 64 values",
		"q nil\n":    "expected a queue and 1 to 64 values",
		"q a\nq b\n": "expected a queue after",
		"q a\np b\n": "expected a queue after",
		"\n":         "expected a queue and 1 to 64 values",
		"q" + strings.Repeat(" v", queue.MaxWaiting+1) + "\n": "expected a queue and 1 to 64 values",
	} {
		var m queue.Machine
		m.Apply(1, 0, parse(t, "enqueue q 1"))
		require.ErrorContains(t, m.Restore([]byte(state)), want, "%q", state)
		require.Empty(t, m.AppendState(nil))
	}
}

// call is an operation of a history of queue q; a return of 0 is none.
func call(client int, at, until int64, input, output string) linearizability.Operation {
	if until == 0 {
		until = linearizability.Pending
	}
	return linearizability.Operation{
		Client: client, Key: "q", Input: input, Output: output, Call: at, Return: until,
	}
}

// TestSpec_histories: a value goes out once and in order, and an operation without an
// answer may have happened or not, at any time since.
func TestSpec_histories(t *testing.T) {
	a, b := call(1, 0, 1, "enqueue a", "ok"), call(1, 2, 3, "enqueue b", "ok")
	lost := call(2, 4, 0, "dequeue", "")
	type history = linearizability.History
	const held, violated = linearizability.Linearizable, linearizability.NotLinearizable
	for name, test := range map[string]struct {
		history history
		want    linearizability.Outcome
	}{
		"in order": {
			history{a, b, call(3, 5, 6, "dequeue", "a"), call(3, 7, 8, "dequeue", "b")}, held,
		},
		"out of order": {history{a, b, call(3, 5, 6, "dequeue", "b")}, violated},
		"twice": {
			history{a, b, call(3, 5, 6, "dequeue", "a"), call(4, 7, 8, "dequeue", "a")}, violated,
		},
		"from nowhere":       {history{a, call(3, 5, 6, "dequeue", "c")}, violated},
		"lost":               {history{a, call(3, 5, 6, "dequeue", "nil")}, violated},
		"an unknown dequeue": {history{a, b, lost, call(3, 5, 6, "dequeue", "b")}, held},
		"it never happened": {
			history{a, lost, call(3, 5, 6, "dequeue", "a"), call(3, 7, 8, "dequeue", "nil")}, held,
		},
		"it happened later": {
			history{a, b, lost, call(3, 5, 6, "peek", "a"), call(3, 7, 8, "peek", "b")}, held,
		},
		"it took one value":    {history{a, b, lost, call(3, 5, 6, "dequeue", "nil")}, violated},
		"an unknown enqueue":   {history{call(1, 0, 0, "enqueue a", ""), call(3, 5, 6, "dequeue", "a")}, held},
		"a peek takes nothing": {history{a, call(3, 5, 6, "peek", "a"), call(3, 7, 8, "dequeue", "a")}, held},
		"an unknown peek either": {
			history{a, call(2, 4, 0, "peek", ""), call(3, 7, 8, "dequeue", "nil")}, violated,
		},
	} {
		t.Run(name, func(t *testing.T) {
			result := linearizability.CheckPorcupine(queue.Spec(), test.history)
			require.Equal(t, test.want, result.Outcome, result.Reason)
		})
	}
}

func TestSpec_refusesOtherInputs(t *testing.T) {
	for _, input := range []string{
		"", "get", "enqueue", "enqueue ", "enqueue nil", "enqueue a b", "dequeue a", "peek ",
	} {
		_, ok := queue.Spec().Step("", input, "", false)
		require.False(t, ok, "%q", input)
	}
}

func TestService_simpler(t *testing.T) {
	require.Equal(t, []string{"enqueue x 7"}, service.Simpler(queue.Service{}, "enqueue y 7"))
	require.Empty(t, service.Simpler(queue.Service{}, "enqueue x 7"))
}

func TestService_goals(t *testing.T) {
	called := func(text string) trace.Record {
		return trace.Record{Kind: trace.Called, Op: raft.OpID{Client: 1, Seq: 1}, Text: text}
	}
	returned := func(client uint32, text string) trace.Record {
		return trace.Record{Kind: trace.Returned, Op: raft.OpID{Client: client, Seq: 1}, Text: text}
	}
	watch := queue.Service{}.NewWatch()
	for name, test := range map[string]struct {
		saw  []trace.Record
		want uint64
	}{
		"a value is taken": {[]trace.Record{called("dequeue q"), returned(1, "7")}, 1},
		"none is there":    {[]trace.Record{called("dequeue q"), returned(1, "nil")}, 2},
		"a peek":           {[]trace.Record{called("dequeue q"), called("peek q"), returned(1, "7")}, 0},
		"another client":   {[]trace.Record{called("dequeue q"), returned(2, "ok")}, 0},
		"it is forgotten":  {[]trace.Record{returned(1, "7")}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			watch.Reset()
			reached := uint64(0)
			for i := range test.saw {
				reached |= watch.Observe(&test.saw[i])
			}
			require.Equal(t, test.want, reached)
		})
	}
	require.Len(t, queue.Service{}.Goals(), 2)
}
