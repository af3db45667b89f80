package model_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability/model"
	_ "raftcheck/scripts/garbage"
)

// TestNamed_steps runs sequences of operations: each answers so, and no other way.
func TestNamed_steps(t *testing.T) {
	for name, test := range map[string]struct{ model, initial, run string }{
		"register": {"register", "nil", "read -> nil; write 1 -> ok; read -> 1; read -> 1"},
		"initial":  {"register", "0", "read -> 0"},
		"cas":      {"cas-register", "nil", "cas nil 1 -> ok; cas 2 3 -> no; cas 1 3 -> ok; read -> 3"},
		"append": {"kv-append", "nil",
			"get -> nil; append 1 -> ok; append 2 -> ok; get -> 12; delete -> ok; get -> nil"},
		"strings": {"kv-append", `""`,
			`get -> ""; append "ab" -> ok; append "c" -> ok; get -> "abc"; cas "abc" 7 -> ok; ` +
				`append "x" -> ok; get -> "7x"`},
		"mutex": {"mutex", "nil",
			"release -> no; acquire -> ok; acquire -> no; release -> ok; acquire -> ok"},
		"queue": {"fifo-queue", "nil",
			"dequeue -> nil; enqueue 1 -> ok; enqueue [2,3] -> ok; enqueue 1 -> ok; dequeue -> 1; " +
				"dequeue -> [2,3]; dequeue -> 1; dequeue -> nil"},
		"set": {"set", "nil",
			`read -> {}; add "b,c" -> ok; add a -> ok; add a -> ok; read -> {"b,c",a}; contains a -> true; ` +
				`remove a -> ok; remove a -> ok; contains a -> false; read -> {"b,c"}`},
		"transactions": {"txn", "0", "r x r y -> 0 0; w y 1 w x 2 -> ok; r x w x 3 r x -> 2 3; r y -> 1; r z -> 0"},
		"lists":        {"txn", "nil", "append k 1 append k 2 -> ok; r k -> [1,2]; append k 3 r k -> [1,2,3]"},
	} {
		t.Run(name, func(t *testing.T) {
			spec, ok := model.Named(test.model, test.initial)
			require.True(t, ok)
			require.Equal(t, test.model, spec.Name)
			state := spec.Init
			for step := range strings.SplitSeq(test.run, "; ") {
				input, output, _ := strings.Cut(step, " -> ")
				_, ok := spec.Step(state, input, output+"!", true)
				require.False(t, ok, "%s answers otherwise in %s", input, state)
				next, ok := spec.Step(state, input, output, true)
				require.True(t, ok, "%s in %s", step, state)
				unknown, ok := spec.Step(state, input, "", false)
				require.True(t, ok)
				require.Equal(t, next, unknown, "an unknown answer leads to the same state")
				if spec.ReadOnly(input) {
					require.Equal(t, state, next)
				}
				state = next
			}
		})
	}
}

// TestNamed_refuses: words that are no operation are refused in every model.
func TestNamed_refuses(t *testing.T) {
	for _, row := range model.Names() {
		spec, ok := model.Named(row[0], model.Nil)
		require.True(t, ok)
		for _, input := range []string{
			"", " ", "bogus", "read 1", "get ", "write", "write ", "write 1 2", "cas", "cas 1", "cas 1 ", "cas 1 2 3",
			"acquire 1", "dequeue 1", "add", "contains a b", "r", "r ", "w x", "w x ", "r x w", "append k", "r x y",
		} {
			if row[0] == "kv-append" && input == "append k" {
				continue
			}
			_, ok := spec.Step(spec.Init, input, "ok", false)
			require.False(t, ok, "%s has %q", row[0], input)
			require.False(t, spec.ReadOnly(input), "%s has %q", row[0], input)
		}
	}
	_, ok := model.Named("bogus", model.Nil)
	require.False(t, ok)
	_, ok = model.Named("mutex", "0")
	require.False(t, ok, "a mutex begins free")
}

func TestTakesInitial(t *testing.T) {
	for name, takes := range map[string]bool{
		"register": true, "cas-register": true, "kv-append": true, "txn": true,
		"mutex": false, "fifo-queue": false, "set": false, "bogus": false,
	} {
		require.Equal(t, takes, model.TakesInitial(name), name)
	}
}
