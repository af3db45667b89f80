package campaign

import (
	"cmp"
	"slices"
)

// Span is the numbers from From up to To, which is not one of them.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Spans are numbers as spans in ascending order that neither overlap nor touch.
type Spans []Span

// Meets reports whether any number of a span is among these.
func (s Spans) Meets(o Span) bool { return s.next(o.From) < o.To }

// next returns the lowest number from n on that is among these, or the largest int.
func (s Spans) next(n int) int {
	i := s.after(n)
	if i == len(s) {
		return int(^uint(0) >> 1)
	}
	return max(n, s[i].From)
}

// after returns the position of the first span that ends behind n.
func (s Spans) after(n int) int {
	i, _ := slices.BinarySearchFunc(s, n, func(one Span, n int) int { return cmp.Compare(one.To, n+1) })
	return i
}

// Len is how many numbers there are.
func (s Spans) Len() (n int) {
	for _, one := range s {
		n += one.To - one.From
	}
	return n
}

// With returns these numbers and those of more spans.
func (s Spans) With(more ...Span) Spans {
	if len(more) == 1 && len(s) > 0 && more[0].From == s[len(s)-1].To {
		s[len(s)-1].To = more[0].To // the usual case: the block after the last
		return s
	}
	all := append(slices.Clone(s), more...)
	slices.SortFunc(all, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	joined := all[:0]
	for _, one := range all {
		if last := len(joined) - 1; last >= 0 && one.From <= joined[last].To {
			joined[last].To = max(joined[last].To, one.To)
			continue
		}
		joined = append(joined, one)
	}
	return joined
}

// nth returns the number behind the n lowest of these.
func (s Spans) nth(n int) int {
	for _, one := range s {
		if size := one.To - one.From; n <= size {
			return one.From + n
		} else {
			n -= size
		}
	}
	panic("fewer numbers than asked for")
}
