package linearizability

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// vocabularies are the inputs of random histories. Which shortcuts a search may
// take depends on them.
var vocabularies = map[string][]string{
	"reads and writes":    {"get", "get", "put 1", "put 2"},
	"writes of one value": {"get", "get", "put 1", "put 2", "put 3", "put 4", "put 5", "put nil"},
	"compare and swap":    {"get", "put 1", "put 2", "cas 1 2", "cas 2 1", "cas nil 1"},
	"appends":             {"get", "append 1", "append 2", "put 1"},
	"appends and swaps":   {"get", "append 1", "append 2", "put 1", "put 2", "cas 1 2", "cas 1.2 1"},
	"values of one writer": {"get", "get", "put 1", "put 2", "put 3", "put 4", "cas 1 5", "cas 2 6", "cas 5 7",
		"cas 3 3", "cas 4 nil"},
}

// scramble draws a history of one key that may have an order or not: intervals
// and answers are anything that is plausible.
func scramble(random *rand.Rand, inputs []string, operations, values int) History {
	h := play(random.IntN, 2+random.IntN(3), operations, []string{"x"}, inputs)
	for range random.IntN(4) {
		op := &h[random.IntN(len(h))]
		switch {
		case op.Pending():
			op.Call = max(0, op.Call-int64(random.IntN(6)))
		case random.IntN(3) == 0:
			op.Output = h[random.IntN(len(h))].Output
		case random.IntN(2) == 0:
			op.Return = op.Call + 1
		case op.Input == "get":
			op.Output = fmt.Sprint(1 + random.IntN(values))
		default:
			op.Return, op.Output = Pending, ""
		}
	}
	return h
}

// Every shortcut of the search is held against trying every order.
func TestSearch_agreesWithTryingEveryOrder(t *testing.T) {
	for name, inputs := range vocabularies {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, uint64(len(name))))
			seen := map[Outcome]int{}
			for range 1500 {
				h := scramble(random, inputs, 1+random.IntN(6), 6)
				want := judgeByTrying(register, h)
				seen[want]++
				for _, spec := range []Spec{register, declared} {
					agree(t, spec, h, want)
				}
			}
			require.Greater(t, seen[Linearizable], 150)
			require.Greater(t, seen[NotLinearizable], 150)
		})
	}
}

// agree wants an outcome of a dive, of a sweep, and of both in turn.
func agree(t *testing.T, spec Spec, h History, want Outcome) {
	t.Helper()
	text := func() string { return fmt.Sprint(File{History: h}) }
	p := newProblem(&spec, h)
	means := budget{steps: 1 << 20, bytes: 1 << 24}
	dived, diveDepth := newSearch(p, means).dive(1 << 20)
	swept, sweepDepth := newSearch(p, means).sweep()
	require.Equal(t, want == Linearizable, dived, "%s", text())
	require.Equal(t, want == Linearizable, swept, "%s", text())
	if want == NotLinearizable {
		require.Equal(t, diveDepth, sweepDepth, "%s", text())
	}
	require.Equal(t, want, searchWithin(&spec, h, means).outcome)
}

// Histories that need what looks like no step: an operation that leads to the state that is
// there already, so that an earlier one has its place before a third changes the state.
func TestSearch_writesOfTheStateThatIsThere(t *testing.T) {
	for _, lines := range [][]string{
		{"c1 0..8 x put nil -> ok", "c2 2..? x cas nil 1", "c3 3..6 x cas nil 1 -> no",
			"c4 11..14 x cas nil 1 -> no"}, // put, then the unknown cas
		{"c1 0..2 x put 2 -> ok", "c2 0..? x put 2", "c3 4..11 x put 1 -> ok", "c4 8..9 x cas 2 3 -> ok",
			"c5 14..16 x get -> 3"}, // put 2, put 1, and the unknown put before the cas
	} {
		agree(t, declared, history(t, lines...), Linearizable)
	}
}

// Longer histories, with porcupine for the oracle.
func TestSearch_agreesWithPorcupine(t *testing.T) {
	for name, inputs := range vocabularies {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(5, uint64(len(name))))
			seen := map[Outcome]int{}
			for range 600 {
				h := scramble(random, inputs, 8+random.IntN(12), 6)
				want, m := porcupineKey(register, h, 20_000)
				seen[want]++
				if m.spent {
					continue
				}
				for _, spec := range []Spec{register, declared} {
					agree(t, spec, h, want)
				}
			}
			require.Greater(t, seen[Linearizable], 60)
			require.Greater(t, seen[NotLinearizable], 60)
		})
	}
}

// alphabets are operations with their answers, few enough that a few of them at random make
// a history in which one shortcut depends on another.
var alphabets = map[string][]string{
	"swaps": {"get -> nil", "get -> 1", "put nil -> ok", "put 1 -> ok", "cas nil 1 -> ok", "cas nil 1 -> no",
		"cas 1 nil -> ok", "cas 1 nil -> no", "put nil", "put 1", "cas nil 1", "cas 1 nil"},
	"a third value": {"get -> 2", "get -> 3", "put 1 -> ok", "put 2 -> ok", "cas 2 3 -> ok", "cas 2 3 -> no",
		"put 1", "put 2", "cas 1 2", "cas 3 1"},
	"appends": {"get -> nil", "get -> 1", "get -> 1.2", "get -> 2", "put nil -> ok", "put 1 -> ok",
		"append 1 -> ok", "append 2 -> ok", "append 2", "put 1", "cas 1 2 -> no", "cas 1.2 1 -> ok"},
}

// tiny draws a history of a few operations of an alphabet, which may have an order or not.
func tiny(random *rand.Rand, alphabet []string) History {
	ends := random.Perm(2 * (3 + random.IntN(3)))
	h := make(History, len(ends)/2)
	for i := range h {
		input, output, answered := strings.Cut(alphabet[random.IntN(len(alphabet))], " -> ")
		h[i] = Operation{Client: i, Key: "x", Input: input, Output: output,
			Call: int64(min(ends[2*i], ends[2*i+1])), Return: Pending}
		if answered {
			h[i].Return = int64(max(ends[2*i], ends[2*i+1]))
		}
	}
	return h
}

const tinyHistories = 10_000

func TestSearch_agreesOnTinyHistories(t *testing.T) {
	for name, alphabet := range alphabets {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 1))
			for range tinyHistories {
				h := tiny(random, alphabet)
				agree(t, declared, h, judgeByTrying(register, h))
			}
		})
	}
}

// The order in which a history lists its operations means nothing.
func TestSearch_orderOfTheHistory(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		h := scramble(random, vocabularies["compare and swap"], 6, 3)
		first := briefly(&declared, h, nil)
		shuffled := slices.Clone(h)
		random.Shuffle(len(h), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		require.Equal(t, first.outcome, briefly(&declared, shuffled, nil).outcome)
	}
}

// Where nothing is in flight the history is cut, however long it is.
func TestSearch_sequential(t *testing.T) {
	h := make(History, 32_000)
	for i := range h {
		h[i] = Operation{Client: 1, Key: "x", Input: "append 1", Output: "no", Call: int64(2 * i),
			Return: int64(2*i + 1)}
		if h[i].Input = fmt.Sprint("put ", i); i%2 == 1 {
			h[i].Input = "get"
		}
		h[i].Output = "ok"
		if i%2 == 1 {
			h[i].Output = fmt.Sprint(i - 1)
		}
	}
	for _, spec := range []Spec{register, declared} {
		r := CheckSearch(spec, h)
		require.Equal(t, Linearizable, r.Outcome, r.Reason)
		require.Less(t, r.Steps, 4*len(h))
	}
	h[31_999].Output = "7"
	r := CheckSearch(declared, h)
	require.Equal(t, NotLinearizable, r.Outcome)
	require.Contains(t, r.Reason, "c1 63998..63999 x get -> 7")
}

// Unknown operations that no client saw explain nothing, in any number: their effect on
// the state is undone before a read, or they never happened.
func TestSearch_unknownWritesThatNobodySaw(t *testing.T) {
	stale := history(t, "c1 0..1 x put 1 -> ok", "c1 2..3 x put 2 -> ok", "c1 100..101 x get -> 1")
	for _, pending := range []int{14, 200} {
		h := slices.Clone(stale)
		for i := range pending {
			h = append(h, Operation{Client: 2 + i, Key: "x", Input: fmt.Sprint("put ", 10+i), Call: int64(i),
				Return: Pending})
		}
		for _, spec := range []Spec{register, declared} {
			r := CheckSearch(spec, h)
			require.Equal(t, NotLinearizable, r.Outcome, r.Reason)
			require.Equal(t, "key x: no order of the operations called so far explains c1 100..101 x get -> 1",
				r.Reason)
		}
	}
}

// The steps of a search grow with the history, not with the unknown operations that were
// never seen, nor with the states that no later answer allows.
func TestSearch_ladders(t *testing.T) {
	for _, want := range []struct {
		clients, unknown int
		mix              string
		each             int // steps of an operation, at most
	}{
		{5, 12, "few cas", 12},
		{5, 12, "unique cas", 2},
		{20, 12, "unique cas", 3},
		{20, 0, "unique", 4},
		{5, 0, "unique appends", 12},
		{20, 0, "unique appends", 120},
		{5, 12, "unique appends", 60},
	} {
		h := ladder(want.clients, 1000, want.unknown, want.mix)
		r := CheckSearch(declared, h)
		require.Equal(t, Linearizable, r.Outcome, want)
		require.Less(t, r.Steps, want.each*len(h), want)
	}
}

// An unknown write that was read must come before the first of the reads ends.
func TestProblem_tightens(t *testing.T) {
	h := history(t, "c1 0..? x put 7", "c2 1..? x put 8", "c3 2..? x put 9", "c4 3..? x put 9",
		"c5 4..20 x get -> 7", "c6 6..15 x get -> 7", "c7 16..18 x get -> 9")
	p := newProblem(&declared, h)
	require.Len(t, p.calls, 4, "three reads, and the write of 7")
	require.Equal(t, []int64{15, 15, 18, 20}, p.ends)
	require.Len(t, p.unknown, 1, "the writes of 9, of which either may have been seen; that of 8 is dropped")
	require.Len(t, p.unknown[0].levels, 2)

	with := append(slices.Clone(h), history(t, "c8 0..1 x cas 3 4 -> no")...)
	require.Len(t, newProblem(&declared, with).unknown, 3, "a cas that failed may have seen anything")
}

func TestProblem_readBeforeItWasCalled(t *testing.T) {
	h := history(t, "c1 0..1 x get -> 7", "c2 2..? x put 7")
	require.Equal(t, NotLinearizable, CheckSearch(declared, h).Outcome)
	h = history(t, "c1 0..? x put nil", "c1 1..2 x get -> nil", "c1 3..4 x put 1 -> ok", "c1 5..6 x get -> nil")
	require.Equal(t, Linearizable, CheckSearch(declared, h).Outcome, "nil was there before it was written")
}

// Keys that are searched side by side give the verdict of the first, and always
// the same one.
func TestCheckSearch_sideBySide(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 1))
	var h History
	for key := range 8 {
		for _, op := range play(random.IntN, 4, 400, []string{fmt.Sprint("k", key)},
			vocabularies["compare and swap"]) {
			op.Client += 1000 * key
			h = append(h, op)
		}
	}
	require.Greater(t, len(h), sideBySide)
	good := CheckSearch(declared, h)
	require.Equal(t, Linearizable, good.Outcome)
	for i := range h {
		if (h[i].Key == "k3" || h[i].Key == "k6") && h[i].Input == "get" && !h[i].Pending() {
			h[i].Output = "nowhere"
		}
	}
	first := CheckSearch(declared, h)
	require.Equal(t, NotLinearizable, first.Outcome)
	require.Equal(t, "k3", first.Key)
	for range 20 {
		require.Equal(t, first, CheckSearch(declared, h))
	}
}
