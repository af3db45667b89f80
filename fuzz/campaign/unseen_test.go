package campaign

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUnseen: one schedule in ten shows a new kind if every tenth kind was seen once.
func TestUnseen(t *testing.T) {
	u := unseen([]int{1, 1, 1, 2, 3, 3}, 10)
	require.Equal(t, Unseen{Seen: 6, Once: 3, Twice: 1, Left: 0.9 * 3 * 2 / (2 * 2), Next: 0.3}, u)
	require.Zero(t, unseen(nil, 0))
}

// TestUnseen_isABound compares the estimate with what is there: of 400 kinds, each
// schedule shows some, rare ones rarely.
func TestUnseen_isABound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const kinds, n = 400, 200
	counts := make([]int, kinds)
	show := func() (fresh int) {
		for kind := range counts {
			if random.Float64() < 0.3/float64(kind+1) {
				if counts[kind]++; counts[kind] == 1 {
					fresh++
				}
			}
		}
		return fresh
	}
	for range n {
		show()
	}
	var seen []int
	for _, c := range counts {
		if c > 0 {
			seen = append(seen, c)
		}
	}
	u := unseen(seen, n)
	require.Greater(t, u.Left, 20.0)
	require.Less(t, u.Left, float64(kinds-len(seen)), "a lower bound")
	fresh := 0
	for range n / 10 {
		fresh += show()
	}
	require.InDelta(t, u.Next*n/10, fresh, 6)
}

func TestCurve(t *testing.T) {
	done := Spans{{0, 8}, {16, 24}}
	require.Equal(t, []Point{{4, 2}, {8, 3}, {16, 5}}, curve(done, []int{0, 0, 4, 16, 20}, 4))
	require.Empty(t, curve(nil, nil, 4))
}
