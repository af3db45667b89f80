package session_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/models/kv"
	"raftcheck/models/service"
	"raftcheck/models/session"
	_ "raftcheck/scripts/garbage"
)

func newMachine() *session.Machine { return session.NewMachine(kv.Service{}) }

func parse(t require.TestingT, text string) service.Op {
	op, err := kv.Service{}.ParseOp(text)
	require.NoError(t, err)
	return op
}

// apply applies the first attempt of a command.
func apply(
	t require.TestingT, m *session.Machine, client, seq uint32, stamp uint64, text string,
) (string, session.Outcome) {
	return m.Apply(&session.Command{Client: client, Seq: seq, Born: stamp, Stamp: stamp, Op: parse(t, text)})
}

func state(m *session.Machine) string { return string(m.AppendState(nil)) }

// TestMachine_Apply runs commands, each written as client, seq, born, stamp:
// operation = outcome result.
func TestMachine_Apply(t *testing.T) {
	tests := map[string][]string{
		"a retry gets its result again": {
			"1 1 0 0: append x 1 = executed ok", "1 2 0 0: get x = executed 1",
			"2 1 0 0: append x 2 = executed ok", "1 2 0 9: get x = repeated 1", "1 2 0 9: append x 1 = repeated 1",
			"2 2 0 9: get x = executed 1.2",
		},
		"a client may skip numbers": {"1 1 0 0: append x 1 = executed ok", "1 5 0 0: append x 2 = executed ok",
			"1 6 0 0: get x = executed 1.2"},
		"a command answered long ago has no result": {
			"1 1 0 0: append x 1 = executed ok", "1 5 0 0: get x = executed 1",
			"1 1 0 0: append x 1 = repeated ", "1 3 0 0: append x 1 = repeated ", "1 6 0 0: get x = executed 1",
		},
		"another client's number is another session": {
			"1 5 0 0: append x 1 = executed ok", "2 5 0 0: append x 1 = executed ok",
			"1023 5 0 0: append x 1 = executed ok",
			"1024 5 0 0: append x 1 = executed ok", "4294967295 5 0 0: append x 1 = executed ok",
			"1024 5 0 0: append x 1 = repeated ok",
			"4294967295 5 0 0: append x 1 = repeated ok", "1 6 0 0: get x = executed 1.1.1.1.1",
		},
		"a late retry of an executed command": {
			"1 1 0 0: append x 1 = executed ok", "1 1 0 99: append x 1 = repeated ok",
			"1 1 0 100: append x 1 = expired ", "2 1 100 100: get x = executed 1",
		},
		"a late retry of a command that others outlived": {
			"1 1 7 9: append x 1 = executed ok", "2 1 108 108: get x = executed 1",
			"1 1 7 108: append x 1 = repeated ok",
			"2 2 109 109: get x = executed 1", "1 1 7 9: append x 1 = expired ", "2 3 109 109: get x = executed 1",
		},
		"repeating renews nothing": {
			"1 1 0 0: append x 1 = executed ok", "1 1 0 60: append x 1 = repeated ok",
			"1 1 0 120: append x 1 = expired ",
		},
		"execution renews": {
			"1 1 0 0: append x 1 = executed ok", "1 2 60 60: append x 2 = executed ok",
			"1 2 60 159: append x 2 = repeated ok",
			"1 1 0 159: append x 1 = repeated ", "1 2 60 160: append x 2 = expired ",
			"1 1 0 160: append x 1 = expired ",
		},
		"renewing changes who is forgotten first": {
			"1 1 0 0: append x 1 = executed ok", "2 1 10 10: append x 2 = executed ok",
			"3 1 20 20: append x 3 = executed ok",
			"1 2 30 30: append x 1 = executed ok", "9 1 110 110: get x = executed 1.2.3.1",
			"2 1 10 110: append x 2 = expired ", "3 1 20 110: append x 3 = repeated ok",
			"1 2 30 110: append x 1 = repeated ok",
			"3 1 20 120: append x 3 = expired ", "1 2 30 129: append x 1 = repeated ok",
			"1 2 30 130: append x 1 = expired ",
		},
		"never executed, young, and the session is forgotten": {
			"1 1 0 0: append x 1 = executed ok", "2 1 150 150: get x = executed 1",
			"1 2 60 140: append x 2 = executed ok", "1 2 60 140: append x 2 = repeated ok",
			"2 2 150 150: get x = executed 1.2",
		},
		"never executed, old, but the session is remembered": {
			"1 1 0 90: append x 1 = executed ok", "1 2 0 180: append x 2 = executed ok",
			"1 3 0 180: get x = executed 1.2",
		},
		"never executed, and too old": {"1 1 0 100: append x 1 = expired ", "1 2 1 100: get x = executed nil"},
		"the age is of the log's time": {"2 1 99 99: get x = executed nil", "1 1 0 0: append x 1 = executed ok",
			"3 1 100 0: get x = executed 1", "4 1 0 0: get x = expired "},
		"the first birth sets the time": {"1 1 1000 0: get x = executed nil", "2 1 900 0: get x = expired ",
			"2 1 901 0: get x = executed nil"},
		"time does not go back": {"1 1 500 500: append x 1 = executed ok", "2 1 450 450: get x = executed 1",
			"1 1 500 599: append x 1 = repeated ok", "1 2 500 600: append x 1 = expired ",
			"3 1 510 510: get x = executed 1"},
		"an expired command sets the time as well": {
			"1 1 0 0: append x 1 = executed ok", "2 1 0 100: get x = expired ", "1 1 0 0: append x 1 = expired ",
			"3 1 100 100: get x = executed 1", "3 1 100 200: get x = expired ", "3 2 100 100: get x = expired ",
		},
		"a repeated command sets the time as well": {
			"1 1 50 50: append x 1 = executed ok", "1 1 50 120: append x 1 = repeated ok",
			"2 1 20 20: get x = expired ",
			"1 1 50 150: append x 1 = expired ",
		},
		"a command that an earlier session may have executed": {
			"1 5 0 0: append x 5 = executed ok", "1 3 100 100: append x 3 = executed ok",
			"1 5 0 100: append x 5 = expired ",
			"1 6 0 100: get x = expired ", "1 2 0 100: get x = repeated ", "1 3 100 100: append x 3 = repeated ok",
			"1 6 1 150: get x = executed 5.3", "1 7 1 249: get x = executed 5.3", "1 8 0 249: get x = expired ",
			"1 8 1 348: get x = executed 5.3", "1 9 1 448: get x = expired ",
		},
		"births go back and forth": {
			"1 1 90 90: append x 1 = executed ok", "1 2 10 90: append x 2 = executed ok",
			"1 3 120 120: append x 3 = executed ok",
			"1 4 0 120: append x 4 = executed ok", "1 5 130 130: get x = executed 1.2.3.4",
		},
		"the end of time": {
			"1 1 281474976710655 281474976710655: append x 1 = executed ok",
			"1 1 281474976710655 1: append x 1 = repeated ok",
			"1 2 281474976710555 0: append x 1 = expired ", "1 2 281474976710556 0: append x 1 = executed ok",
			"2 1 281474976710555 0: get x = expired ", "2 1 281474976710556 0: get x = executed 1.1",
		},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine()
			now := uint64(0)
			for i, step := range steps {
				head, want, _ := strings.Cut(step, " = ")
				numbers, text, _ := strings.Cut(head, ": ")
				c := session.Command{Op: parse(t, text)}
				_, err := fmt.Sscan(numbers, &c.Client, &c.Seq, &c.Born, &c.Stamp)
				require.NoError(t, err)

				result, outcome := m.Apply(&c)
				require.Equal(t, want, outcome.String()+" "+result, "%d: %s", i+1, step)
				now = max(now, c.Born, c.Stamp)
				require.Equal(t, now, m.Now())
				cached, ok := m.Result(c.Client, c.Seq)
				require.Equal(t, outcome == session.Executed || outcome == session.Repeated && result != "", ok)
				require.Equal(t, result, cached)
			}
		})
	}
}

func TestMachine_Apply_invalidCommand(t *testing.T) {
	m := newMachine()
	apply(t, m, 1, 1, 50, "put x 1")
	before := state(m)
	op := parse(t, "put x 2")
	for _, c := range []session.Command{
		{},
		{Client: 1, Seq: 2, Stamp: 60},
		{Client: 1, Stamp: 60, Op: op},
		{Seq: 2, Stamp: 60, Op: op},
		{Client: 1, Seq: 2, Born: session.TimeLimit, Op: op},
		{Client: 1, Seq: 2, Stamp: session.TimeLimit, Op: op},
		{Client: 1, Seq: 2, Born: 1<<64 - 1, Stamp: 1<<64 - 1, Op: op},
	} {
		result, outcome := m.Apply(&c)
		require.Empty(t, result)
		require.Zero(t, outcome)
		require.Equal(t, before, state(m))
	}
}

func TestMachine_Result(t *testing.T) {
	m := newMachine()
	for _, client := range []uint32{2, 5000} {
		_, ok := m.Result(client, 0)
		require.False(t, ok)
		apply(t, m, client, 3, 0, "get x")
		result, ok := m.Result(client, 3)
		require.True(t, ok)
		require.Equal(t, kv.Nil, result)
		for _, seq := range []uint32{0, 2, 4} {
			_, ok = m.Result(client, seq)
			require.False(t, ok)
		}
	}
	for _, client := range []uint32{0, 1, 3, 4999} {
		_, ok := m.Result(client, 0)
		require.False(t, ok)
	}
	apply(t, m, 9, 1, session.Ticks, "get x")
	for _, client := range []uint32{2, 5000} {
		_, ok := m.Result(client, 3)
		require.False(t, ok, "forgotten")
	}
}

func TestMachine_Query(t *testing.T) {
	m := newMachine()
	apply(t, m, 1, 1, 7, "put x 1")
	before := state(m)
	require.Equal(t, "1", m.Query(parse(t, "get x")))
	require.Equal(t, kv.Nil, m.Query(parse(t, "get y")))
	require.Equal(t, before, state(m))
	require.Panics(t, func() { m.Query(parse(t, "put x 2")) })
}

// witness is a service whose machine answers with its arguments.
type witness struct{ kv.Service }

func (witness) NewMachine() service.Machine { return &witnessMachine{} }

type witnessMachine struct {
	kv.Machine
	applied int
}

func (w *witnessMachine) Apply(client uint32, now uint64, op service.Op) string {
	w.applied++
	return fmt.Sprint(w.applied, " ", client, " ", now, " ", op)
}

func TestMachine_tellsTheServiceClientAndTime(t *testing.T) {
	m := session.NewMachine(witness{})
	result, _ := apply(t, m, 7, 1, 40, "get x")
	require.Equal(t, "1 7 40 get x", result)
	result, _ = apply(t, m, 5000, 1, 30, "put x 1")
	require.Equal(t, "2 5000 40 put x 1", result)
	result, _ = apply(t, m, 7, 1, 50, "get x")
	require.Equal(t, "1 7 40 get x", result)
}

// TestMachine_historyIsLinearizable: the specification accepts the machine's answers to
// clients one after the other, and rejects a retry that was executed twice.
func TestMachine_historyIsLinearizable(t *testing.T) {
	m := newMachine()
	var h linearizability.History
	call := func(client, seq uint32, text string) {
		now := int64(10 * len(h))
		result, _ := apply(t, m, client, seq, uint64(now), text)
		op := parse(t, text)
		h = append(h, linearizability.Operation{
			Client: int(client), Key: op.Key(), Input: op.Input(), Output: result,
			Call: now, Return: now + 5, Position: len(h) + 1,
		})
	}
	call(1, 1, "append x 1")
	call(2, 1, "append x 2")
	apply(t, m, 1, 1, 30, "append x 1")
	call(3, 1, "get x")
	require.Equal(t, "1.2", h[2].Output)
	require.NoError(t, linearizability.CheckWitness(kv.Spec(), h))

	apply(t, m, 1, 2, 30, "append x 1") // the retry, with a new number: a client's bug
	call(3, 2, "get x")
	require.Equal(t, linearizability.NotLinearizable, linearizability.Check(kv.Spec(), h).Outcome)
}

func TestOutcome_String(t *testing.T) {
	require.Equal(t, "none", session.Outcome(0).String())
	require.Equal(t, "expired", session.Expired.String())
	require.Equal(t, "outcome 9", session.Outcome(9).String())
}
