package kv_test

import (
	"bytes"
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

func apply(t require.TestingT, m *kv.Machine, text string) string {
	return m.Apply(1, 0, parse(t, text))
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
		"get of nothing": {"get x=nil"},
		"put":            {"put x 7=ok", "get x=7", "put x 8=ok", "get x=8", "get y=nil"},
		"keys in any order": {"put x 1=ok", "put a 2=ok", "put z 3=ok", "put xa 4=ok", "get x=1", "get a=2",
			"get z=3", "get xa=4"},
		"append":                 {"append x 1=ok", "append x 2=ok", "get x=1.2"},
		"append after put":       {"put x 1=ok", "append x 2=ok", "get x=1.2"},
		"append never makes nil": {"append x n=ok", "append x il=ok", "get x=n.il", "cas x nil 3=no"},
		"append separates":       {"append x 1=ok", "append x 23=ok", "get x=1.23"},
		"append up to the end": append(fill[:15:15], "append x "+v49+"=ok", "get x="+full,
			"append x 1=full", "get x="+full),
		"append over the end": append(fill[:15:15], "append x "+v49+"v=full", "append x "+v48+"=ok",
			"append x 1=full"),
		"append full, then put": append(fill[:15:15], "append x "+v64+"=full", "put x 1=ok",
			"append x 2=ok", "get x=1.2"),
		"cas":         {"put x 3=ok", "cas x 3 4=ok", "cas x 3 5=no", "get x=4"},
		"cas creates": {"cas x 3 4=no", "get x=nil", "cas x nil 4=ok", "cas x nil 5=no", "get x=4"},
		"delete": {"delete x=ok", "put x 7=ok", "delete x=ok", "get x=nil", "delete x=ok",
			"cas x nil 1=ok", "get x=1"},
		"append after delete": {"put x 1=ok", "delete x=ok", "append x 2=ok", "get x=2"},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			var m kv.Machine
			state := kv.Nil
			for i, step := range steps {
				text, want, _ := strings.Cut(step, "=")
				require.Equal(t, want, apply(t, &m, text), "%d: %s", i+1, text)

				if op := parse(t, text); op.Key() == "x" {
					next, ok := kv.Spec().Step(state, op.Input(), want, true)
					require.True(t, ok, "the specification answers otherwise: %s", step)
					state = next
				}
			}
		})
	}
}

// foreign is an operation of another service.
type foreign struct{ kv.Op }

func TestMachine_refusesWhatIsNoOperationOfItsOwn(t *testing.T) {
	var m kv.Machine
	get, put := parse(t, "get x"), parse(t, "put x 1")
	require.Panics(t, func() { m.Apply(1, 0, foreign{get}) })
	require.Panics(t, func() { m.Apply(1, 0, &get) })
	require.Panics(t, func() { m.Apply(1, 0, nil) })
	require.Panics(t, func() { m.Apply(1, 0, kv.Op{}) })
	require.Panics(t, func() { m.Apply(1, 0, kv.Op{Kind: 9, Name: "x"}) })
	require.Panics(t, func() { m.Query(foreign{get}) })
	require.Panics(t, func() { m.Query(put) })
	require.Empty(t, m.AppendState(nil))
}

func TestMachine_Query(t *testing.T) {
	var m kv.Machine
	require.Equal(t, kv.Nil, m.Query(parse(t, "get x")))
	apply(t, &m, "put x 7")
	require.Equal(t, "7", m.Query(parse(t, "get x")))
	require.Equal(t, "x 7\n", string(m.AppendState(nil)))
	apply(t, &m, "delete x")
	require.Equal(t, kv.Nil, m.Query(parse(t, "get x")))
}

func TestMachine_AppendState(t *testing.T) {
	for want, texts := range map[string][]string{
		"":                        {},
		"x 1\n":                   {"put x 1"},
		"x 2\n":                   {"append x 2", "get y", "cas y 1 2", "delete z"},
		"x 1.2\n":                 {"put x 1", "put y 2", "append x 2", "delete y"},
		"X 1\nx 2\nx- 3\nx.a 4\n": {"put x.a 4", "put x- 3", "put X 1", "put x 2"},
	} {
		var m kv.Machine
		for _, text := range texts {
			apply(t, &m, text)
		}
		require.Equal(t, "kept"+want, string(m.AppendState([]byte("kept"))), "%v", texts)
	}
}

func TestMachine_Restore(t *testing.T) {
	longest := strings.Repeat("k", kv.MaxTokenBytes) + " " + strings.Repeat("v", kv.MaxValueBytes) + "\n"
	for _, state := range []string{"", "x 1\n", "X 1\nx 1.2\nx- 3\n", "nil 1\n", longest} {
		var m kv.Machine
		apply(t, &m, "put y 1")
		data := []byte(state)
		require.NoError(t, m.Restore(data))
		clear(data)
		require.Equal(t, state, string(m.AppendState(nil)))
	}
}

func TestMachine_Restore_errors(t *testing.T) {
	const keyAndValue = "expected a key and a value, found "
	tests := map[string]string{
		"x 1":              `kv state: expected the end of line "x 1", found the end of the state`,
		"\n":               keyAndValue + `""`,
		"x\n":              keyAndValue + `"x"`,
		"x \n":             keyAndValue + `"x "`,
		" 1\n":             keyAndValue + `" 1"`,
		"x  1\n":           keyAndValue + `"x  1"`,
		"x 1 2\n":          keyAndValue + `"x 1 2"`,
		"x 1 \n":           keyAndValue,
		"x 1\r\n":          keyAndValue,
		"x nil\n":          keyAndValue,
		"x \xff\n":         keyAndValue,
		"x 1\n\n":          keyAndValue + `""`,
		"x 1\nx 1\n":       `expected a key after "x", found "x"`,
		"x 1\nw 1\n":       `expected a key after "x", found "w"`,
		"x- 1\nx 1\n":      `expected a key after "x-", found "x"`,
		"x 1\ny 1\nz":      `expected the end of line "z"`,
		"x 1\ny 1\nxa 1\n": `expected a key after "y", found "xa"`,
		strings.Repeat("k", kv.MaxTokenBytes+1) + " 1\n":       keyAndValue,
		"x " + strings.Repeat("v", kv.MaxValueBytes+1) + "\n":  keyAndValue,
		"a 1\nb 2\n" + strings.Repeat("z", 10_000):             "expected the end of line",
		"a 1\nb 2\n" + strings.Repeat("z", 10_000) + " \x00\n": keyAndValue,
	}
	for state, want := range tests {
		t.Run(want, func(t *testing.T) {
			var m kv.Machine
			apply(t, &m, "put y 1")
			err := m.Restore([]byte(state))
			require.ErrorContains(t, err, want)
			require.Less(t, len(err.Error()), 300)
			require.Empty(t, m.AppendState(nil), "the first state")
			require.Equal(t, kv.Nil, apply(t, &m, "get x"))
		})
	}
}

// A machine that is restored writes its state again byte for byte, and goes on working.
func FuzzRestore(f *testing.F) {
	for _, state := range []string{"", "x 1\n", "x 1\ny 1.2\n", "x 1", "y 1\nx 1\n", "x nil\n",
		"nil x\n", "x 1\n\n"} {
		f.Add([]byte(state))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		var m kv.Machine
		apply(t, &m, "put y 1")
		err := m.Restore(state)
		if err != nil {
			require.Empty(t, m.AppendState(nil))
		} else {
			require.True(t, bytes.Equal(state, m.AppendState(nil)))
		}
		require.Equal(t, "ok", apply(t, &m, "put x 5"))
		require.Equal(t, "5", apply(t, &m, "get x"))
	})
}

// TestMachine_answersAsTheSpecification also takes other ways to the same
// state: a machine used before, and one that goes through its snapshot.
func TestMachine_answersAsTheSpecification(t *testing.T) {
	spec := kv.Spec()
	reused := new(kv.Machine)
	rapid.Check(t, func(t *rapid.T) {
		var m, restored kv.Machine
		reused.Reset()
		require.Empty(t, reused.AppendState(nil))
		states := map[string]string{}
		for range rapid.IntRange(0, 60).Draw(t, "operations") {
			op := anyOp(t)
			client, now := rapid.Uint32().Draw(t, "client"), rapid.Uint64().Draw(t, "now")
			result := m.Apply(client, now, op)
			require.Equal(t, result, reused.Apply(1, 0, op), "no matter whose and when")
			if rapid.Bool().Draw(t, "snapshot") {
				require.NoError(t, restored.Restore(restored.AppendState(nil)))
			}
			require.Equal(t, result, restored.Apply(1, 0, op))

			states[op.Key()] = answersAs(t, spec, states, op, result)
			require.Equal(t, states[op.Key()], m.Query(kv.Op{Kind: kv.Get, Name: op.Key()}))
		}
		state := m.AppendState(nil)
		require.Equal(t, state, reused.AppendState(nil))
		require.Equal(t, state, restored.AppendState(nil))
	})
}

// answersAs holds a result against the specification and returns the next state.
func answersAs(t require.TestingT, spec linearizability.Spec, states map[string]string, op kv.Op,
	result string) string {
	state, ok := states[op.Key()]
	if !ok {
		state = spec.Init
	}
	next, ok := spec.Step(state, op.Input(), result, true)
	require.True(t, ok, "%v in %q answered %q", op, state, result)
	for _, other := range []string{"ok", "no", "full", "nil", "1", ""} {
		_, ok = spec.Step(state, op.Input(), other, true)
		require.Equal(t, other == result, ok, "%v in %q must answer %q alone", op, state, result)
	}
	unknown, ok := spec.Step(state, op.Input(), "anything", false)
	require.True(t, ok)
	require.Equal(t, next, unknown)
	require.Equal(t, op.ReadOnly(), spec.ReadOnly(op.Input()))
	if op.ReadOnly() {
		require.Equal(t, state, next)
	}
	return next
}

func TestSpec_refusesWhatIsNoInput(t *testing.T) {
	for _, input := range []string{
		"", "get x", "get ", "delete x", "put", "put ", "put nil", "put 1 2", "append nil", "append",
		"cas 1", "cas 1 nil",
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

func TestService(t *testing.T) {
	var s kv.Service
	require.Equal(t, "kv", s.Name())
	require.Equal(t, s.Name(), s.Spec().Name)
	op, err := s.ParseOp("cas x 3 4")
	require.NoError(t, err)
	require.Equal(t, parse(t, "cas x 3 4"), op)
	require.Equal(t, "no", s.NewMachine().Apply(1, 0, op))
	require.Equal(t, "[cas x 3 4]", fmt.Sprint([]any{op}))
}
