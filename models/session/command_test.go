package session_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
	"raftcheck/models/session"
)

func TestDecodeCommand(t *testing.T) {
	tests := map[string]struct {
		data []byte
		want session.Command
	}{
		"small": {
			[]byte("\x01\x02\x00\x03put x 7"),
			session.Command{Client: 1, Seq: 2, Stamp: 3, Op: kv.Op{Kind: kv.Put, Name: "x", Value: "7"}},
		},
		"born after it was sent": {
			[]byte("\x01\x02\x05\x03get x"),
			session.Command{Client: 1, Seq: 2, Born: 5, Stamp: 3, Op: kv.Op{Kind: kv.Get, Name: "x"}},
		},
		"large": {
			session.AppendCommand(nil, math.MaxUint32, 300, session.TimeLimit-1, session.TimeLimit-1, "get y"),
			session.Command{
				Client: math.MaxUint32, Seq: 300, Born: session.TimeLimit - 1, Stamp: session.TimeLimit - 1,
				Op: kv.Op{Kind: kv.Get, Name: "y"},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := session.DecodeCommand(kv.Service{}, test.data)
			require.NoError(t, err)
			require.Equal(t, test.want, c)
			again := session.AppendCommand([]byte("kept"), c.Client, c.Seq, c.Born, c.Stamp, c.Op.String())
			require.Equal(t, append([]byte("kept"), test.data...), again)

			clear(test.data)
			require.Equal(t, test.want, c, "the command keeps no reference to the bytes")
		})
	}
}

func TestDecodeCommand_errors(t *testing.T) {
	tests := map[string]string{
		"":                                      "command: expected a client as a uvarint, found 0 bytes",
		"\x80":                                  "expected a client as a uvarint",
		"\x81\x00\x01\x00\x00get x":             "expected the shortest uvarint of client 1, found 2 bytes",
		"\x00\x01\x00\x00get x":                 "expected a client from 1 to 4294967295, found 0",
		"\x80\x80\x80\x80\x10\x01\x00\x00get x": "expected a client from 1 to 4294967295, found 4294967296",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f": "expected a client as a uvarint",
		"\x01":                      "expected a sequence number as a uvarint, found 0 bytes",
		"\x01\x00\x00\x00get x":     "expected a sequence number from 1",
		"\x01\x82\x00\x00\x00get x": "expected the shortest uvarint of sequence number 2",
		"\x01\x01":                  "expected a birth as a uvarint, found 0 bytes",
		"\x01\x01\x80\x00\x00get x": "expected the shortest uvarint of birth 0",
		"\x01\x01\x80\x80\x80\x80\x80\x80\x40\x00get x": "expected a birth from 0 to 281474976710655, " +
			"found 281474976710656",
		"\x01\x01\x00": "expected a stamp as a uvarint, found 0 bytes",
		"\x01\x01\x00\x80\x80\x80\x80\x80\x80\x40get x": "expected a stamp from 0 to 281474976710655, " +
			"found 281474976710656",
		"\x01\x01\x00\x00":        "command: expected get, put",
		"\x01\x01\x00\x00get x\n": "command: expected a key",
		"\x01\x01\x00\x00put x":   "command: expected put KEY VALUE",
	}
	for data, want := range tests {
		t.Run(want, func(t *testing.T) {
			c, err := session.DecodeCommand(kv.Service{}, []byte(data))
			require.ErrorContains(t, err, want)
			require.Zero(t, c)
		})
	}
}

// FuzzDecodeCommand: a command has one encoding, and no command makes the machine panic.
func FuzzDecodeCommand(f *testing.F) {
	for _, op := range []string{"get x", "put x 7", "append x 3", "cas x nil 4", "delete x", "put x nil", ""} {
		f.Add(session.AppendCommand(nil, 1, 1, 0, 5, op))
		born, stamp := uint64(session.TimeLimit-session.Ticks), uint64(session.TimeLimit-1)
		f.Add(session.AppendCommand(nil, 70_000, math.MaxUint32, born, stamp, op))
	}
	m := session.NewMachine(kv.Service{})
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := session.DecodeCommand(kv.Service{}, data)
		if err != nil {
			require.Zero(t, c)
			return
		}
		again := session.AppendCommand(nil, c.Client, c.Seq, c.Born, c.Stamp, c.Op.String())
		require.True(t, bytes.Equal(data, again))

		m.Reset()
		result, outcome := m.Apply(&c)
		require.Equal(t, max(c.Born, c.Stamp), m.Now())
		if c.Stamp >= c.Born+session.Ticks {
			require.Equal(t, session.Expired, outcome)
			return
		}
		require.Equal(t, session.Executed, outcome)
		_, ok := kv.Spec().Step(kv.Nil, c.Op.Input(), result, true)
		require.True(t, ok)
	})
}
