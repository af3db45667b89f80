package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSpans compares spans with sets of numbers.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 40
		var spans Spans
		var in [most + 1]bool
		draw := func() Span {
			from := rapid.IntRange(0, most-1).Draw(t, "from")
			return Span{from, rapid.IntRange(from+1, most).Draw(t, "to")}
		}
		for range rapid.IntRange(0, 6).Draw(t, "spans") {
			one := draw()
			spans = spans.With(one)
			for n := one.From; n < one.To; n++ {
				in[n] = true
			}
		}
		require.NoError(t, (&Tally{Done: spans}).valid())
		var numbers []int
		for n, is := range in {
			if is {
				numbers = append(numbers, n)
			}
		}
		require.Equal(t, len(numbers), spans.Len())
		for i, n := range numbers {
			require.Equal(t, n+1, spans.nth(i+1))
		}
		one := draw()
		meets := false
		for n := one.From; n < one.To; n++ {
			meets = meets || in[n]
		}
		require.Equal(t, meets, spans.Meets(one))
	})
}
