package linearizability

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// answered is a history of ten clients over ten keys in which every client waits
// for its answer; with more than a few unknown outcomes porcupine does not end.
func answered(operations int) History {
	random := rand.New(rand.NewPCG(1, 2))
	choose := func(n int) int {
		if n == 8 { // giving up
			return 1 + random.IntN(7)
		}
		return random.IntN(n)
	}
	keys := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	return play(choose, 10, operations, keys, []string{"get", "put 1", "put 2", "put 3", "cas 1 2"})
}

func BenchmarkCheck_witness(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		h := answered(n)
		b.Run(fmt.Sprintf("operations=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.True(b, Check(register, h).ByWitness)
			}
		})
	}
}

func BenchmarkCheckPorcupine(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		h := answered(n)
		b.Run(fmt.Sprintf("operations=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.Equal(b, Linearizable, CheckPorcupine(register, h).Outcome)
			}
		})
	}
}

// ladder is a history of one key, see mixes. One operation in unknownOneIn is of
// unknown outcome, and its client goes on; half of them take effect, late.
func ladder(clients, operations, unknownOneIn int, mix string) History {
	random := rand.New(rand.NewPCG(1, 99))
	l := ladderRun{state: register.Init, h: make(History, 0, operations)}
	busy := make([]int, clients) // operation + 1; 0 is none
	for now := int64(0); len(l.h) < operations; now++ {
		switch c := random.IntN(clients); {
		case busy[c] == 0:
			l.h = append(l.h, Operation{
				Client: c + 1, Key: "x", Input: l.input(random, mix), Call: now, Return: Pending,
			})
			if unknownOneIn > 0 && random.IntN(unknownOneIn) == 0 {
				l.late = append(l.late, len(l.h)-1)
			} else {
				busy[c] = len(l.h)
			}
		case l.h[busy[c]-1].Output == "":
			l.h[busy[c]-1].Output = l.apply(busy[c] - 1)
		default:
			l.h[busy[c]-1].Return = now
			busy[c] = 0
		}
		if n := len(l.late); n > 0 && random.IntN(20) == 0 {
			if random.IntN(2) == 0 {
				l.apply(l.late[n-1])
			}
			l.late = l.late[:n-1]
		}
	}
	return l.h
}

type ladderRun struct {
	h     History
	state string
	late  []int // unknown operations that may still take effect
}

func (l *ladderRun) apply(i int) (answer string) {
	l.state, answer = runRegister(l.state, l.h[i].Input)
	return answer
}

// mixes are the operations of a ladder: reads, and writes, compare-and-swaps or
// appends. Values are of 1 to 5, or unique.
var mixes = []string{"few", "few cas", "unique", "unique cas", "unique appends"}

func (l *ladderRun) input(random *rand.Rand, mix string) string {
	few := 1 + random.IntN(5)
	value, before := few, 1+random.IntN(5)
	if strings.HasPrefix(mix, "unique") {
		value, before = len(l.h), max(0, len(l.h)-1-random.IntN(8))
	}
	switch kind := random.IntN(10); {
	case kind < 4:
		return "get"
	case kind < 9 && mix == "unique appends":
		return fmt.Sprint("append ", value)
	case kind < 7 || !strings.HasSuffix(mix, "cas"):
		return fmt.Sprint("put ", value)
	default:
		return fmt.Sprint("cas ", before, " ", value)
	}
}

func BenchmarkCheckSearch(b *testing.B) {
	rungs := []int{1_000, 10_000, 100_000, 1_000_000}
	if testing.Short() {
		rungs = rungs[:1]
	}
	for _, n := range rungs {
		for _, clients := range []int{5, 20} {
			for _, unknown := range []int{0, 100, 12} {
				for _, mix := range mixes {
					h := ladder(clients, n, unknown, mix)
					name := fmt.Sprintf("operations=%d/clients=%d/unknown=%d/%s", n, clients, unknown, mix)
					b.Run(name, func(b *testing.B) {
						b.ReportAllocs()
						for b.Loop() {
							// The longest ladders of 1 unknown in 12 may be given up.
							require.NotEqual(b, NotLinearizable, CheckSearch(declared, h).Outcome)
						}
					})
				}
			}
		}
	}
}

// How long and how large the bound lets a search become.
func BenchmarkCheckPorcupine_givesUp(b *testing.B) {
	h := hard(40)
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, NotChecked, CheckPorcupine(register, h).Outcome)
	}
}
