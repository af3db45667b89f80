package linearizability

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The sets are held against maps: counts, equality, and which set is within another.
func TestUsedSets(t *testing.T) {
	for _, classes := range []int{1, 8, 9, 64, 65, 600} {
		t.Run(fmt.Sprint(classes), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(classes), 4))
			u := newUsedSets(classes)
			sets := []int32{0}
			want := []map[int32]int{{}}
			for range 80 {
				i, class := random.IntN(len(sets)), int32(random.IntN(classes))
				more := maps.Clone(want[i])
				more[class]++
				sets, want = append(sets, u.with(sets[i], class)), append(want, more)
			}
			for i := range sets {
				for class := range int32(classes) {
					require.Equal(t, want[i][class], u.count(sets[i], class))
				}
				for j := range sets {
					require.Equal(t, maps.Equal(want[i], want[j]), sets[i] == sets[j])
					within := true
					for class, n := range want[i] {
						within = within && n <= want[j][class]
					}
					require.Equal(t, within, u.within(sets[i], sets[j]))
				}
			}
		})
	}
}
