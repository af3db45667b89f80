package session_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
	"raftcheck/models/session"
)

func TestMachine_AppendState(t *testing.T) {
	m := newMachine()
	require.Equal(t, "kept\x00\x00", string(m.AppendState([]byte("kept"))))

	apply(t, m, 300, 7, 5, "append x 1")
	apply(t, m, 2, 1, 9, "get x")
	apply(t, m, 1024, 1, 9, "get y")
	apply(t, m, 300, 7, 11, "append x 1")
	require.Equal(t, "\x0b\x03"+
		"\x02\x01\x09\x09\x011"+
		"\xac\x02\x07\x05\x05\x02ok"+
		"\x80\x08\x01\x09\x09\x03nil"+
		"x 1\n", state(m))

	apply(t, m, 2, 2, 105, "delete x")
	require.Equal(t, "\x69\x02"+"\x02\x02\x09\x69\x02ok"+"\x80\x08\x01\x09\x09\x03nil", state(m))
}

// Every difference that matters later is in the state.
func TestMachine_AppendState_tellsStatesApart(t *testing.T) {
	type command struct {
		client, seq uint32
		stamp       uint64
		text        string
	}
	seen := map[string]int{state(newMachine()): -1}
	for i, commands := range [][]command{
		{{1, 1, 0, "get x"}},
		{{2, 1, 0, "get x"}},
		{{1, 2, 0, "get x"}},
		{{1, 1, 1, "get x"}},
		{{1, 1, 0, "get x"}, {1, 1, 1, "get x"}}, // the time of the log, not of the session
		{{1, 2, 101, "get x"}},
		{{1, 1, 100, "get x"}, {1, 2, 101, "get x"}}, // when the session was opened
		{{1, 1, 0, "put x 1"}},
		{{1, 1, 0, "delete x"}},
		{{1, 1, 0, "put x ok"}},
		{{1, 1, 0, "put x 1"}, {1, 2, 0, "get x"}},
		{{1, 1, 0, "get x"}, {2, 1, 0, "get x"}},
		{{1, 1, 0, "get x"}, {2, 1, 1, "get x"}},
		{{1, 1, 0, "get x"}, {2, 1, 1, "get x"}, {1, 2, 1, "get x"}},
	} {
		m := newMachine()
		for _, c := range commands {
			apply(t, m, c.client, c.seq, c.stamp, c.text)
		}
		require.NotContains(t, seen, state(m), "%d", i)
		seen[state(m)] = i
	}

	// The order of clients does not matter within one tick.
	a, b := newMachine(), newMachine()
	apply(t, a, 1, 1, 0, "get x")
	apply(t, a, 5000, 1, 0, "get x")
	apply(t, b, 5000, 1, 0, "get x")
	apply(t, b, 1, 1, 0, "get x")
	require.Equal(t, state(a), state(b))

	// A session that is forgotten leaves no trace.
	apply(t, a, 7, 1, 200, "get x")
	apply(t, b, 9, 1, 50, "get x")
	apply(t, b, 7, 1, 200, "get x")
	require.Equal(t, state(a), state(b))
}

// A node that restores refuses the same commands as its peers, by the time of the opening.
func TestMachine_Restore_keepsOpenings(t *testing.T) {
	m := newMachine()
	apply(t, m, 1, 1, 200, "append x 1")
	apply(t, m, 1, 2, 250, "append x 2")

	restored := newMachine()
	require.NoError(t, restored.Restore(m.AppendState(nil)))
	for _, m := range []*session.Machine{m, restored} {
		c := session.Command{Client: 1, Seq: 3, Born: 100, Stamp: 250, Op: parse(t, "append x 3")}
		_, outcome := m.Apply(&c)
		require.Equal(t, session.Expired, outcome)
		c.Born = 101
		_, outcome = m.Apply(&c)
		require.Equal(t, session.Executed, outcome)
	}
	require.Equal(t, state(m), state(restored))
}

// A node that restores forgets the same sessions as its peers (LogCabin, commit 445f3839).
func TestMachine_Restore_keepsTimes(t *testing.T) {
	m := newMachine()
	apply(t, m, 2, 1, 10, "append x 2")
	apply(t, m, 1, 1, 40, "append x 1")
	apply(t, m, 3, 1, 60, "append x 3")

	restored := newMachine()
	require.NoError(t, restored.Restore(m.AppendState(nil)))
	for _, m := range []*session.Machine{m, restored} {
		require.Equal(t, uint64(60), m.Now())
		retry := session.Command{Client: 2, Seq: 1, Born: 10, Stamp: 109, Op: parse(t, "append x 2")}
		_, outcome := m.Apply(&retry)
		require.Equal(t, session.Repeated, outcome)
		retry.Stamp = 110
		_, outcome = m.Apply(&retry)
		require.Equal(t, session.Expired, outcome)
		_, ok := m.Result(1, 1)
		require.True(t, ok)
	}
	require.Equal(t, state(m), state(restored))
}

func TestMachine_Restore(t *testing.T) {
	for _, want := range []string{
		"\x00\x00", "\x05\x00x 1\n", "\x05\x01\x01\x01\x05\x05\x00", "\x63\x01\x01\x01\x00\x00\x02ok",
		"\x64\x01\x01\x02\x00\x01\x02ok",
		"\x05\x02\x01\x02\x04\x05\x02ok\x02\x01\x00\x00\x02okx 1\n",
		"\xff\xff\xff\xff\xff\xff\x3f\x01\xff\xff\xff\xff\x0f\xff\xff\xff\xff\x0f" +
			strings.Repeat("\xff\xff\xff\xff\xff\xff\x3f", 2) + "\x02ok",
		"\x05\x01\x01\x01\x05\x05\x80\x01" + strings.Repeat("r", 128),
	} {
		m := newMachine()
		apply(t, m, 9, 9, 900, "put y 1")
		data := []byte(want)
		require.NoError(t, m.Restore(data))
		clear(data)
		require.Equal(t, want, state(m))
	}
}

func TestMachine_Restore_errors(t *testing.T) {
	const one = "\x05\x01\x07\x01\x05\x05\x02ok"
	tests := map[string]string{
		"":                                         "state: expected a time as a uvarint, found 0 bytes",
		"\x80":                                     "expected a time as a uvarint",
		"\x85\x00\x00":                             "expected the shortest uvarint of time 5",
		"\x80\x80\x80\x80\x80\x80\x40\x00":         "expected a time from 0 to 281474976710655",
		"\x05":                                     "expected a number of sessions as a uvarint, found 0 bytes",
		"\x05\x80\x00":                             "expected the shortest uvarint of number of sessions 0",
		"\x05\xff\xff\xff\xff\xff\x01":             "expected a number of sessions from 0",
		"\x05\xfe\xff\xff\xff\x07":                 "expected a client as a uvarint",
		"\x05\x00\x07\x01\x05\x05\x02ok":           "expected the end of line",
		"\x05\x01\x00\x01\x05\x05\x02ok":           "expected a client from 1",
		"\x05\x01\x07\x00\x05\x05\x02ok":           "expected a sequence number from 1",
		"\x05\x01\x07\x01\x00\x06\x02ok":           "expected a time of a session from 0 to 5, found 6",
		"\x05\x01\x07\x01\x06\x06\x02ok":           "expected a time of an opening from 0 to 5, found 6",
		"\x05\x01\x07\x02\x04\x03\x02ok":           "expected a time of a session from 4 to 5, found 3",
		"\x05\x01\x07\x01":                         "expected a time of an opening as a uvarint",
		"\x05\x01\x07\x01\x05":                     "expected a time of a session as a uvarint",
		"\x05\x01\x07\x01\x85\x00\x05\x02ok":       "expected the shortest uvarint of time of an opening 5",
		"\x64\x01\x07\x01\x00\x00\x02ok":           "expected a time of a session from 1 to 100, found 0",
		"\xc8\x01\x01\x07\x01\x00\x64\x02ok":       "expected a time of a session from 101 to 200, found 100",
		"\x05\x01\x07\x01\x05\x05\x02o":            "expected a result of 2 bytes, found 1",
		"\x05\x01\x07\x01\x05\x05":                 "expected a length of a result as a uvarint",
		"\x05\x01\x07\x01\x05\x05\x82\x00ok":       "expected the shortest uvarint of length of a result 2",
		"\x05\x01\x07\x01\x05\x05\xff\xff\xff\x7f": "expected a result of 268435455 bytes, found 0",

		"\x05\x02\xff\xff\xff\xff\x0f\x01\x05\x05\x02ok\xff\xff\xff\xff\x0f\x01\x05\x05\x02ok": "" +
			"expected a client from 4294967296",

		"\x05\x02\x07\x01\x05\x05\x02ok":                       "expected a client as a uvarint",
		"\x05\x02\x07\x01\x05\x05\x02ok\x07\x01\x05\x05\x02ok": "expected a client from 8 to 4294967295, found 7",
		"\x05\x02\x07\x01\x05\x05\x02ok\x06\x01\x05\x05\x02ok": "expected a client from 8 to 4294967295, found 6",

		one + "x":            `state: kv state: expected the end of line "x"`,
		one + "x 1\nx 1\n":   `state: kv state: expected a key after "x", found "x"`,
		one + "x 1\n" + one:  "state: kv state: ",
		one + "x 1\ny nil\n": "state: kv state: expected a key and a value",
	}
	first := state(newMachine())
	for data, want := range tests {
		t.Run(want, func(t *testing.T) {
			m := newMachine()
			apply(t, m, 1, 9, 900, "put y 1")
			apply(t, m, 5000, 9, 900, "put y 1")
			require.ErrorContains(t, m.Restore([]byte(data)), want)
			require.Equal(t, first, state(m), "the first state")
			for _, client := range []uint32{1, 7, 5000} {
				_, outcome := apply(t, m, client, 1, 0, "get x")
				require.Equal(t, session.Executed, outcome)
			}
		})
	}
}

// A restored state is written again byte for byte, and the machine goes on working.
func FuzzRestore(f *testing.F) {
	m := newMachine()
	f.Add(m.AppendState(nil))
	apply(f, m, 300, 7, 5, "append x 1")
	apply(f, m, 2, 1, 9, "get x")
	apply(f, m, math.MaxUint32, math.MaxUint32, 104, "put y 2")
	f.Add(m.AppendState(nil))
	apply(f, m, 2, 2, session.TimeLimit-1, "get x")
	f.Add(m.AppendState(nil))
	f.Add([]byte("\x05\x02\x07\x01\x05\x05\x02ok\x06\x01\x05\x05\x02ok"))
	f.Add([]byte("\x05\xfe\xff\xff\xff\x07"))

	first := state(newMachine())
	op := kv.Op{Kind: kv.Put, Name: "x", Value: "5"}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m.Restore(data) != nil {
			require.Equal(t, first, state(m))
		} else {
			require.True(t, bytes.Equal(data, m.AppendState(nil)))
		}
		fork := newMachine()
		require.NoError(t, fork.Restore(m.AppendState(nil)))
		now := m.Now()
		births := []uint64{
			0, now / 2, now - min(now, session.Ticks), now, now + session.Ticks/2, now + session.Ticks*3/2,
		}
		for i, born := range births {
			c := session.Command{Client: 2, Seq: uint32(9 + i/2), Born: min(born, session.TimeLimit-1), Op: op}
			result, outcome := m.Apply(&c)
			again, o := fork.Apply(&c)
			require.Equal(t, outcome, o)
			require.Equal(t, result, again)
			require.Equal(t, state(m), state(fork))
		}
	})
}
