package kv_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/kv"
)

func TestParseOp(t *testing.T) {
	longest := strings.Repeat("k", kv.MaxTokenBytes)
	tests := map[string]struct {
		op    kv.Op
		input string
	}{
		"get x":            {kv.Op{Kind: kv.Get, Name: "x"}, "get"},
		"put x 7":          {kv.Op{Kind: kv.Put, Name: "x", Value: "7"}, "put 7"},
		"append a.B_c-9 3": {kv.Op{Kind: kv.Append, Name: "a.B_c-9", Value: "3"}, "append 3"},
		"cas x 3 4":        {kv.Op{Kind: kv.Cas, Name: "x", Old: "3", Value: "4"}, "cas 3 4"},
		"cas x nil 4":      {kv.Op{Kind: kv.Cas, Name: "x", Old: "nil", Value: "4"}, "cas nil 4"},
		"delete x":         {kv.Op{Kind: kv.Delete, Name: "x"}, "delete"},
		"get nil":          {kv.Op{Kind: kv.Get, Name: "nil"}, "get"},
		"put put ok":       {kv.Op{Kind: kv.Put, Name: "put", Value: "ok"}, "put ok"},
		"get " + longest:   {kv.Op{Kind: kv.Get, Name: longest}, "get"},
		"put x " + longest: {kv.Op{Kind: kv.Put, Name: "x", Value: longest}, "put " + longest},
		"cas x " + longest + " 1": {kv.Op{Kind: kv.Cas, Name: "x", Old: longest, Value: "1"},
			"cas " + longest + " 1"},
	}
	for text, test := range tests {
		t.Run(text, func(t *testing.T) {
			op, err := kv.ParseOp(text)
			require.NoError(t, err)
			require.Equal(t, test.op, op)
			require.Equal(t, text, op.String())
			require.Equal(t, test.input, op.Input())
			require.Equal(t, strings.Fields(text)[1], op.Key())
			require.Equal(t, test.input == "get", op.ReadOnly())
		})
	}
}

func TestParseOp_errors(t *testing.T) {
	tooLong := strings.Repeat("k", kv.MaxTokenBytes+1)
	const name = "expected get, put, append, cas or delete, found "
	tests := map[string]string{
		"":                 name + `""`,
		"put":              `expected put KEY VALUE with single spaces, found "put"`,
		"set x 7":          name + `"set"`,
		" get x":           name + `""`,
		"GET x":            name + `"GET"`,
		"none x":           name + `"none"`,
		"get":              `expected get KEY with single spaces, found "get"`,
		"get x y":          `expected get KEY with single spaces, found "get x y"`,
		"get x ":           `expected get KEY with single spaces, found "get x "`,
		"get ":             `expected a key of 1 to 64 letters, digits, '.', '_' and '-', found ""`,
		"put x":            `expected put KEY VALUE with single spaces`,
		"put  7":           `expected a key of 1 to 64`,
		"put x ":           `expected a value of 1 to 64`,
		"put x 7 8":        `expected put KEY VALUE with single spaces`,
		"put x nil":        "expected a value other than nil",
		"append x nil":     "expected a value other than nil",
		"cas x 1 nil":      "expected a value other than nil",
		"cas x 1":          "expected cas KEY OLD NEW with single spaces",
		"cas x  1":         `expected an old value of 1 to 64`,
		"cas x a/b 1":      `found "a/b"`,
		"put x a\tb":       `found "a\tb"`,
		"put x ä":          `expected a value`,
		"get " + tooLong:   "expected a key",
		"put x " + tooLong: "expected a value",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			op, err := kv.ParseOp(text)
			require.ErrorContains(t, err, want)
			require.Zero(t, op)

			boxed, err := kv.Service{}.ParseOp(text)
			require.ErrorContains(t, err, want)
			require.Nil(t, boxed)
		})
	}
}

var (
	anyKey = rapid.SampledFrom([]string{"x", "y", "nil", "long-key_of.many"})
	// Appends of the long value fill a value up.
	anyValue = rapid.SampledFrom([]string{"1", "2", "n", "il", "ok", strings.Repeat("v", kv.MaxTokenBytes)})
)

func anyOp(t *rapid.T) kv.Op {
	op := kv.Op{Kind: kv.Kind(rapid.IntRange(int(kv.Get), int(kv.Delete)).Draw(t, "kind")),
		Name: anyKey.Draw(t, "key")}
	switch op.Kind {
	case kv.Cas:
		op.Old = rapid.OneOf(anyValue, rapid.Just(kv.Nil)).Draw(t, "old")
		op.Value = anyValue.Draw(t, "new")
	case kv.Put, kv.Append:
		op.Value = anyValue.Draw(t, "value")
	}
	return op
}

func TestParseOp_readsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := anyOp(t)
		parsed, err := kv.ParseOp(op.String())
		require.NoError(t, err)
		require.Equal(t, op, parsed)
	})
}

func TestKind_String(t *testing.T) {
	require.Equal(t, "cas", kv.Cas.String())
	require.Equal(t, "none", kv.Kind(0).String())
	require.Equal(t, "none", kv.Kind(200).String())
}
