package linearizability

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// forgotten is a history in which the outcome of every operation is unknown, but for
// those that are kept.
func forgotten(h, kept History) History {
	f := slices.Clone(h)
	for i := range f {
		if !slices.Contains(kept, f[i]) {
			f[i].Return, f[i].Output = Pending, ""
		}
	}
	return f
}

// plausible draws a history of three clients of one key, with answers that each input
// may have in some state.
func plausible(random *rand.Rand, inputs []string) (h History) {
	answers := map[string][]string{"get": {"nil", "1", "2"}, "cas": {"ok", "no"}}
	for client := 1; client <= 3; client++ {
		time := int64(random.IntN(4))
		for range 1 + random.IntN(2) {
			op := Operation{Client: client, Key: "x", Input: inputs[random.IntN(len(inputs))], Output: "ok",
				Call: time, Return: time + 1 + int64(random.IntN(3))}
			verb, _, _ := strings.Cut(op.Input, " ")
			if some := answers[verb]; some != nil {
				op.Output = some[random.IntN(len(some))]
			}
			time = op.Return + 1
			if random.IntN(8) == 0 {
				op.Return, op.Output = Pending, ""
			}
			h = append(h, op)
		}
	}
	return h
}

// Answers of a conflict contradict each other, and no fewer of them do, as trying
// every order finds.
func TestConflict_isSmallest(t *testing.T) {
	for name, inputs := range vocabularies {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(5, uint64(len(name))))
			sizes := map[int]int{}
			for range 800 {
				h := plausible(random, inputs)
				conflict := Conflict(declared, h, len(h))
				sizes[len(conflict)]++
				if judgeByTrying(declared, h) == Linearizable {
					require.Nil(t, conflict)
					continue
				}
				require.NotEmpty(t, conflict)
				require.Equal(t, conflict, Conflict(declared, h, len(conflict)))
				require.Nil(t, Conflict(declared, h, len(conflict)-1))
				require.Equal(t, NotLinearizable, judgeByTrying(declared, forgotten(h, conflict)), "%v: %v", h, conflict)
				for i := range conflict {
					fewer := slices.Delete(slices.Clone(conflict), i, i+1)
					require.Equal(t, Linearizable, judgeByTrying(declared, forgotten(h, fewer)), "%v: %v", h, conflict)
				}
			}
			require.Greater(t, sizes[0], 80)
			require.Greater(t, sizes[2], 25)
			require.Positive(t, sizes[3])
		})
	}
}

// A conflict in a long history is as small as in a short one.
func TestConflict_long(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	h := play(random.IntN, 5, 2000, []string{"x"}, []string{"get", "put 1", "put 2"})
	last := int64(0)
	for i := range h {
		if !h[i].Pending() {
			last = max(last, h[i].Call, h[i].Return)
		}
	}
	h = append(h,
		Operation{Client: 6, Key: "x", Input: "put 7", Output: "ok", Call: last + 1, Return: last + 2},
		Operation{Client: 6, Key: "x", Input: "get", Output: "8", Call: last + 3, Return: last + 4})
	require.Equal(t, h[len(h)-1:], Conflict(declared, h, 1), "nobody wrote 8")
	h[len(h)-1].Output = "nil"
	conflict := Conflict(declared, h, len(h))
	require.Len(t, conflict, 2, "some write, and the read that goes back behind it")
	require.Equal(t, h[len(h)-1], conflict[1])
}

// TestConflict_first: of two contradictions the one that came first is reported.
func TestConflict_first(t *testing.T) {
	h := history(t, "c1 0..1 x put 1 -> ok", "c1 2..3 x get -> 7", "c1 4..5 x get -> 8")
	require.Equal(t, h[1:2], Conflict(register, h, len(h)))
}

// TestConflict_tooMany: all 66 answers are needed, so a pass over 17 pieces ends at the first
// piece more than are wanted.
func TestConflict_tooMany(t *testing.T) {
	ops := history(t, "c1 0..1 x put 0 -> ok")
	for i := range int64(64) {
		ops = append(ops, Operation{Client: 1, Key: "x", Input: "append 1", Output: "ok",
			Call: 2*i + 2, Return: 2*i + 3})
	}
	ops = append(ops, Operation{Client: 1, Key: "x", Input: "get", Output: "0" + strings.Repeat(".1", 63),
		Call: 200, Return: 201})
	c := conflict{spec: declared, ops: ops, probe: maxConflictProbe, left: maxConflictSteps}
	for i := range ops {
		c.kept = append(c.kept, i)
	}
	c.most = 16
	require.False(t, c.pass(4))
	c.most = 17
	require.True(t, c.pass(4))
	require.Len(t, c.kept, 66)
	c.left = 0
	require.Nil(t, c.smallest(), "it is given up with too many left")
	c.most = 66
	require.Equal(t, ops, c.smallest())
}

// A search that was given up shows no contradiction, and that no answer is needed.
func TestConflict_givenUp(t *testing.T) {
	var h History
	for i := range int64(9) {
		h = append(h, Operation{Client: 1, Key: "x", Input: "cas nil nil", Output: "ok",
			Call: 2 * i, Return: 2*i + 1})
	}
	h = append(h, Operation{Client: 1, Key: "x", Input: "get", Output: "2", Call: 20, Return: 21})
	c := conflict{spec: register, ops: h, kept: []int{0, 9}, probe: maxConflictProbe, left: maxConflictSteps}
	require.Equal(t, NotLinearizable, c.search(h).outcome)
	require.False(t, c.pass(1), "not one answer too many is known to be needed")
	c.probe = 0
	require.Equal(t, NotChecked, c.search(h).outcome)
	require.True(t, c.pass(1))
}

func TestConflict_none(t *testing.T) {
	require.Nil(t, Conflict(declared, nil, 1))
	require.Nil(t, Conflict(Spec{}, History{{Client: 1, Key: "x", Input: "get", Output: "7", Return: 1}}, 1))
	require.Nil(t, Conflict(declared, History{{Client: 0, Key: "x", Input: "get", Output: "7", Return: 1}}, 1))
}
