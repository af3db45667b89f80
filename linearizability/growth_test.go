package linearizability

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A state that is of use to an unknown swap alone, or to a read that comes long after, is made
// before the append that leads to it returns.
func TestSearch_growthThatIsOfUse(t *testing.T) {
	swapped := history(t, "c1 0..50 x append 2 -> ok", "c2 0..? x cas nil.2 7", "c3 5..10 x get -> 7")
	require.Equal(t, Linearizable, judgeByTrying(declared, swapped))
	agree(t, declared, swapped, Linearizable)
	lines := []string{"c1 0..9000 x append a -> ok", "c2 10..20 x append b -> ok"}
	state := "nil.a.b"
	for i := range farAhead + 6 {
		lines = append(lines, fmt.Sprintf("c3 %d..%d x append %d -> ok", 30+10*i, 35+10*i, i))
		state += fmt.Sprint(".", i)
	}
	late := history(t, append(lines, "c4 8000..8010 x get -> "+state)...)
	agree(t, declared, late, Linearizable)
	late[len(late)-1].Output += ".c"
	agree(t, declared, late, NotLinearizable)
}

// Appends that nobody saw are ordered in one way only, however many there are.
func TestSearch_growthThatNobodySees(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("c%d 0..%d x append %d -> ok", 1+i, 100+i, i),
			fmt.Sprintf("c%d 0..? x append %d", 50+i, 50+i))
	}
	h := history(t, append(lines, "c99 500..510 x put 7 -> ok", "c99 520..530 x get -> 7")...)
	r := CheckSearch(declared, h)
	require.Equal(t, Linearizable, r.Outcome)
	require.Less(t, r.Steps, 100*len(h))
	h = history(t, append(lines, "c99 500..510 x put 7 -> ok", "c99 520..530 x cas 7 8 -> ok",
		"c99 540..550 x cas 7 8 -> ok")...)
	r = CheckSearch(declared, h)
	require.Equal(t, NotLinearizable, r.Outcome)
	require.Less(t, r.Steps, 500*len(h))
}

// Reads of unique appends show their order; the search is held against trying every order.
func TestSearch_uniqueAppends(t *testing.T) {
	inputs := []string{"get", "get", "get", "append 1", "append 2", "append 3", "append 4", "put 1"}
	random := rand.New(rand.NewPCG(9, 9))
	seen := map[Outcome]int{}
	for range 2000 {
		h := scramble(random, inputs, 1+random.IntN(6), 6)
		want := judgeByTrying(register, h)
		seen[want]++
		agree(t, declared, h, want)
	}
	require.Greater(t, seen[Linearizable], 300)
	require.Greater(t, seen[NotLinearizable], 300)
}
