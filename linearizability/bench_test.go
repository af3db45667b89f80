package linearizability

import (
	"fmt"
	"math/rand/v2"
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

// How long and how large the bound lets a search become.
func BenchmarkCheckPorcupine_givesUp(b *testing.B) {
	h := hard(40)
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, NotChecked, CheckPorcupine(register, h).Outcome)
	}
}
