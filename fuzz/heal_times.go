package fuzz

// HealTimes counts heals by the ticks that they took. The zero value has none.
type HealTimes struct {
	by    []int // how many heals took so many ticks
	count int
}

// add counts a heal.
func (h *HealTimes) add(ticks int) {
	for len(h.by) <= ticks {
		h.by = append(h.by, 0)
	}
	h.by[ticks]++
	h.count++
}

// Count returns the number of heals.
func (h *HealTimes) Count() int { return h.count }

// Most returns the ticks of the longest heal; 0 without any.
func (h *HealTimes) Most() int { return max(len(h.by)-1, 0) }

// Within returns the fewest ticks within which so many thousandths of the heals ended; 0
// without any.
func (h *HealTimes) Within(thousandths int) int {
	ended := 0
	for ticks, n := range h.by {
		if ended += n; n > 0 && 1000*ended >= thousandths*h.count {
			return ticks
		}
	}
	return 0
}
