package kv_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
)

func TestDecodeCommand(t *testing.T) {
	tests := map[string]struct {
		data []byte
		want kv.Command
	}{
		"small": {[]byte("\x01\x02put x 7"), kv.Command{Client: 1, Seq: 2, Op: kv.Op{Kind: kv.Put, Key: "x", Value: "7"}}},
		"large": {
			kv.AppendCommand(nil, math.MaxUint32, 300, "get y"),
			kv.Command{Client: math.MaxUint32, Seq: 300, Op: kv.Op{Kind: kv.Get, Key: "y"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := kv.DecodeCommand(test.data)
			require.NoError(t, err)
			require.Equal(t, test.want, c)
			again := kv.AppendCommand([]byte("kept"), c.Client, c.Seq, c.Op.String())
			require.Equal(t, append([]byte("kept"), test.data...), again)

			clear(test.data)
			require.Equal(t, test.want, c, "the command keeps no reference to the bytes")
		})
	}
}

func TestDecodeCommand_errors(t *testing.T) {
	tests := map[string]string{
		"":                              "expected a client as a uvarint, found 0 bytes",
		"\x80":                          "expected a client as a uvarint",
		"\x81\x00\x01get x":             "expected the shortest uvarint of client 1, found 2 bytes",
		"\x00\x01get x":                 "expected a client from 1 to 4294967295, found 0",
		"\x80\x80\x80\x80\x10\x01get x": "expected a client from 1 to 4294967295, found 4294967296",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f": "expected a client as a uvarint",
		"\x01":              "expected a sequence number as a uvarint, found 0 bytes",
		"\x01\x00get x":     "expected a sequence number from 1",
		"\x01\x82\x00get x": "expected the shortest uvarint of sequence number 2",
		"\x01\x01":          "command: expected get, put",
		"\x01\x01get x\n":   "command: expected a key",
		"\x01\x01put x":     "command: expected put KEY VALUE",
	}
	for data, want := range tests {
		t.Run(want, func(t *testing.T) {
			c, err := kv.DecodeCommand([]byte(data))
			require.ErrorContains(t, err, want)
			require.Zero(t, c)
		})
	}
}

// There is one encoding of each command, and applying any is harmless.
func FuzzDecodeCommand(f *testing.F) {
	for _, op := range []string{"get x", "put x 7", "append x 3", "cas x nil 4", "delete x", "put x nil", ""} {
		f.Add(kv.AppendCommand(nil, 1, 1, op))
		f.Add(kv.AppendCommand(nil, 70_000, math.MaxUint32, op))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := kv.DecodeCommand(data)
		if err != nil {
			require.Zero(t, c)
			return
		}
		require.True(t, bytes.Equal(data, kv.AppendCommand(nil, c.Client, c.Seq, c.Op.String())))

		var m kv.Machine
		result, fresh := m.Apply(&c)
		require.True(t, fresh)
		_, ok := kv.Spec().Step(kv.Nil, c.Op.Input(), result, true)
		require.True(t, ok)
	})
}
