package kv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/linearizability"
	"raftcheck/models/kv"
)

func parse(t require.TestingT, text string) kv.Op {
	op, err := kv.ParseOp(text)
	require.NoError(t, err)
	return op
}

// apply applies an operation as a client's next one.
func apply(t require.TestingT, m *kv.Machine, client, seq uint32, text string) (string, bool) {
	return m.Apply(&kv.Command{Client: client, Seq: seq, Op: parse(t, text)})
}

func TestMachine_Apply(t *testing.T) {
	v64 := strings.Repeat("v", 64)
	fill := []string{"put x " + v64 + "=ok"}
	for range 14 { // 64 + 14*65 = 974 bytes, and 1024 are allowed
		fill = append(fill, "append x "+v64+"=ok")
	}
	v49, v48 := v64[:49], v64[:48]
	full := strings.Repeat(v64+".", 15) + v49
	tests := map[string][]string{
		"get of nothing":         {"get x=nil"},
		"put":                    {"put x 7=ok", "get x=7", "put x 8=ok", "get x=8", "get y=nil"},
		"append":                 {"append x 1=ok", "append x 2=ok", "get x=1.2"},
		"append after put":       {"put x 1=ok", "append x 2=ok", "get x=1.2"},
		"append never makes nil": {"append x n=ok", "append x il=ok", "get x=n.il", "cas x nil 3=no"},
		"append is told apart":   {"append x 1=ok", "append x 23=ok", "get x=1.23"},
		"append up to the end":   append(fill[:15:15], "append x "+v49+"=ok", "get x="+full, "append x 1=full", "get x="+full),
		"append over the end":    append(fill[:15:15], "append x "+v49+"v=full", "append x "+v48+"=ok", "append x 1=full"),
		"append full, then put":  append(fill[:15:15], "append x "+v64+"=full", "put x 1=ok", "append x 2=ok", "get x=1.2"),
		"cas":                    {"put x 3=ok", "cas x 3 4=ok", "cas x 3 5=no", "get x=4"},
		"cas creates":            {"cas x 3 4=no", "get x=nil", "cas x nil 4=ok", "cas x nil 5=no", "get x=4"},
		"delete":                 {"delete x=ok", "put x 7=ok", "delete x=ok", "get x=nil", "delete x=ok", "cas x nil 1=ok", "get x=1"},
		"append after delete":    {"put x 1=ok", "delete x=ok", "append x 2=ok", "get x=2"},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			var m kv.Machine
			state := kv.Nil
			for i, step := range steps {
				text, want, _ := strings.Cut(step, "=")
				result, fresh := apply(t, &m, 1, uint32(i+1), text)
				require.True(t, fresh)
				require.Equal(t, want, result, "%d: %s", i+1, text)

				if op := parse(t, text); op.Key == "x" {
					next, ok := kv.Spec().Step(state, op.Input(), want, true)
					require.True(t, ok, "the specification answers otherwise: %s", step)
					state = next
				}
			}
		})
	}
}

func TestMachine_Apply_retry(t *testing.T) {
	for _, client := range []uint32{1, 1023, 1024, 1 << 31} {
		t.Run(fmt.Sprint(client), func(t *testing.T) {
			var m kv.Machine
			result, fresh := apply(t, &m, client, 1, "append x 1")
			require.Equal(t, "ok", result)
			require.True(t, fresh)
			before := m.Hash()

			// A retry gets the cached result, whatever it says it is.
			for _, text := range []string{"append x 1", "get x"} {
				result, fresh = apply(t, &m, client, 1, text)
				require.Equal(t, "ok", result)
				require.False(t, fresh)
			}
			require.Equal(t, before, m.Hash())

			result, fresh = apply(t, &m, client, 5, "get x") // a client may skip numbers
			require.Equal(t, "1", result)
			require.True(t, fresh)
			before = m.Hash()

			result, fresh = apply(t, &m, client, 1, "append x 1") // long answered
			require.Empty(t, result)
			require.False(t, fresh)
			require.Equal(t, before, m.Hash())

			// Another client's number is another session.
			result, fresh = apply(t, &m, client+1, 5, "get x")
			require.Equal(t, "1", result)
			require.True(t, fresh)
		})
	}
}

func TestMachine_Result(t *testing.T) {
	var m kv.Machine
	for _, client := range []uint32{2, 5000} {
		_, ok := m.Result(client, 0)
		require.False(t, ok)
		apply(t, &m, client, 3, "get x")
		result, ok := m.Result(client, 3)
		require.True(t, ok)
		require.Equal(t, "nil", result)
		for _, other := range []uint32{0, 2, 4} {
			_, ok = m.Result(client, other)
			require.False(t, ok)
		}
	}
	_, ok := m.Result(1, 0)
	require.False(t, ok, "clients 1 and 2 share an array, but no session")
}

func TestMachine_Apply_noCommand(t *testing.T) {
	get := kv.Op{Kind: kv.Get, Key: "x"}
	var m, empty kv.Machine
	for _, c := range []kv.Command{{}, {Client: 1, Seq: 1}, {Client: 1, Op: get}, {Seq: 1, Op: get}, {Client: 1, Seq: 1, Op: kv.Op{Kind: 9}}} {
		result, fresh := m.Apply(&c)
		require.Empty(t, result)
		require.False(t, fresh)
	}
	require.Equal(t, empty.Hash(), m.Hash())
}

func TestMachine_Hash(t *testing.T) {
	run := func(texts ...string) uint64 {
		var m kv.Machine
		for i, text := range texts {
			apply(t, &m, uint32(i+1), 1, text)
		}
		return m.Hash()
	}
	var empty kv.Machine
	seen := map[uint64]string{empty.Hash(): "nothing"}
	for _, texts := range [][]string{
		{"get x"}, {"put x 1"}, {"put x 2"}, {"put y 1"}, {"put x 1", "put y 1"}, {"put x y"}, {"put xy 1"}, {"put ab c"}, {"put a bc"},
		{"get x", "put x 1"}, {"put x 1", "get x"}, {"append x 1", "append x 2"}, {"append x 2", "append x 1"},
	} {
		hash := run(texts...)
		require.NotContains(t, seen, hash, "%v", texts)
		seen[hash] = fmt.Sprint(texts)
	}
	require.Equal(t, run("put x 1"), run("append x 1"), "the contents and the answer are the same")

	var one, two kv.Machine
	apply(t, &one, 1, 1, "get x")
	apply(t, &two, 2, 1, "get x")
	require.NotEqual(t, one.Hash(), two.Hash(), "whose session it is")
	apply(t, &two, 2, 2, "get x")
	apply(t, &one, 2, 1, "get x")
	require.NotEqual(t, one.Hash(), two.Hash())

	// The order in which keys and clients came, and keys that went, do not matter.
	var a, b kv.Machine
	apply(t, &a, 1, 1, "put x 1")
	apply(t, &a, 5000, 1, "put y 2")
	apply(t, &b, 5000, 1, "put y 2")
	apply(t, &b, 1, 1, "put x 1")
	require.Equal(t, a.Hash(), b.Hash())
	apply(t, &a, 2, 1, "put z 1")
	apply(t, &a, 2, 2, "delete z")
	apply(t, &b, 2, 2, "delete z")
	require.Equal(t, a.Hash(), b.Hash())
}

// TestMachine_answersAsTheSpecification runs commands, retries among them.
func TestMachine_answersAsTheSpecification(t *testing.T) {
	spec := kv.Spec()
	reused := new(kv.Machine) // emptied for each run, and never to be told from a new one
	rapid.Check(t, func(t *rapid.T) {
		var m kv.Machine
		reused.Reset()
		require.Equal(t, m.Hash(), reused.Hash())
		states := map[string]string{}
		seqs := map[uint32]uint32{}
		for range rapid.IntRange(0, 60).Draw(t, "commands") {
			client := rapid.SampledFrom([]uint32{1, 2, 1023, 1024, 90_000}).Draw(t, "client")
			c := kv.Command{Client: client, Seq: uint32(rapid.IntRange(1, 30).Draw(t, "seq")), Op: anyOp(t)}
			result, fresh := m.Apply(&c)
			again, freshAgain := reused.Apply(&c)
			require.Equal(t, result, again)
			require.Equal(t, fresh, freshAgain)
			require.Equal(t, c.Seq > seqs[client], fresh, "applied if and only if it is new")
			if !fresh {
				continue
			}
			seqs[client] = c.Seq
			cached, ok := m.Result(client, c.Seq)
			require.True(t, ok)
			require.Equal(t, result, cached)

			state, ok := states[c.Op.Key]
			if !ok {
				state = spec.Init
			}
			next, ok := spec.Step(state, c.Op.Input(), result, true)
			require.True(t, ok, "%v in %q answered %q", c.Op, state, result)
			for _, other := range []string{"ok", "no", "full", "nil", "1", ""} {
				_, ok = spec.Step(state, c.Op.Input(), other, true)
				require.Equal(t, other == result, ok, "%v in %q must answer %q alone", c.Op, state, result)
			}
			unknown, ok := spec.Step(state, c.Op.Input(), "anything", false)
			require.True(t, ok)
			require.Equal(t, next, unknown)
			if spec.ReadOnly(c.Op.Input()) {
				require.Equal(t, state, next)
			}
			states[c.Op.Key] = next
		}
		require.Equal(t, m.Hash(), reused.Hash())
	})
}

func TestSpec_refusesWhatIsNoInput(t *testing.T) {
	for _, input := range []string{
		"", "get x", "get ", "delete x", "put", "put ", "put nil", "put 1 2", "append nil", "append", "cas 1", "cas 1 nil",
		"cas 1 2 3", "cas  2", "cas 1 ", "set 1", "put " + strings.Repeat("v", 65),
	} {
		for _, known := range []bool{true, false} {
			next, ok := kv.Spec().Step("1", input, "ok", known)
			require.False(t, ok, "%q", input)
			require.Equal(t, "1", next)
		}
		require.False(t, kv.Spec().ReadOnly(input))
	}
}

// TestMachine_historyIsLinearizable closes the circle: what the machine answers
// to clients one after the other is accepted, and a retry applied twice is not.
func TestMachine_historyIsLinearizable(t *testing.T) {
	var m kv.Machine
	var h linearizability.History
	call := func(client, seq uint32, text string) {
		result, _ := apply(t, &m, client, seq, text)
		op := parse(t, text)
		now := int64(10 * len(h))
		h = append(h, linearizability.Operation{
			Client: int(client), Key: op.Key, Input: op.Input(), Output: result,
			Call: now, Return: now + 5, Position: len(h) + 1,
		})
	}
	call(1, 1, "append x 1")
	call(2, 1, "append x 2")
	apply(t, &m, 1, 1, "append x 1")
	call(3, 1, "get x")
	require.Equal(t, "1.2", h[2].Output)
	require.NoError(t, linearizability.CheckWitness(kv.Spec(), h))

	apply(t, &m, 1, 2, "append x 1") // the retry, with a new number: a client's bug
	call(3, 2, "get x")
	require.Equal(t, linearizability.NotLinearizable, linearizability.Check(kv.Spec(), h).Outcome)
}
