package campaign

import (
	"slices"
)

// NoClaim says in words the limits of the estimates.
const NoClaim = "These are estimates for schedules that are drawn alike. They say nothing about what " +
	"such schedules never reach, nor whether the properties see every bug that is reached."

// Unseen estimates how many kinds of a thing, such as abstract states, a campaign has not
// seen yet. It rests on the kinds that exactly one schedule showed, and exactly two.
type Unseen struct {
	Seen  int `json:"seen"` // kinds
	Once  int `json:"once"`
	Twice int `json:"twice"`
	// Left is a lower bound of the kinds that are there and were not seen (Chao: Estimating
	// the population size for capture-recapture data with unequal catchability, Biometrics
	// 43, 1987, in its bias-corrected form).
	Left float64 `json:"left"`
	// Next is the expected number of new kinds in the next schedule, or less (Good: The
	// population frequencies of species and the estimation of population parameters,
	// Biometrika 40, 1953, with an idea of Turing: those seen once, by schedules).
	Next float64 `json:"next"`
}

// unseen estimates from the counts of each kind that was seen in n schedules.
func unseen(counts []int, n int) Unseen {
	u := Unseen{Seen: len(counts)}
	for _, c := range counts {
		switch c {
		case 1:
			u.Once++
		case 2:
			u.Twice++
		}
	}
	if n > 0 {
		once := float64(u.Once)
		u.Left = float64(n-1) / float64(n) * once * (once - 1) / (2 * float64(u.Twice+1))
		u.Next = once / float64(n)
	}
	return u
}

// Point is how many abstract states the schedules with the lowest numbers had shown.
type Point struct {
	Schedules int `json:"schedules"`
	States    int `json:"states"`
}

// estimate sets the curve and the estimates of a report.
func (r *Report) estimate() {
	n := r.Tally.Schedules()
	var states, pairs, sorts, firsts []int
	for _, s := range r.Tally.States {
		states, firsts = append(states, s.Schedules), append(firsts, s.First)
	}
	for _, s := range r.Tally.Pairs {
		pairs = append(pairs, s.Schedules)
	}
	for _, f := range r.Findings {
		sorts = append(sorts, f.Blocks)
	}
	r.States, r.Pairs, r.Sorts = unseen(states, n), unseen(pairs, n), unseen(sorts, n)
	slices.Sort(firsts)
	r.Curve = curve(r.Tally.Done, firsts, r.Asked.Block)
}

// curve counts the states that were first seen in the lowest blocks, at numbers of blocks
// that double.
func curve(done Spans, firsts []int, block int) (points []Point) {
	n := done.Len()
	for schedules := block; n > 0; schedules *= 2 {
		schedules = min(schedules, n)
		end := done.nth(schedules)
		states, _ := slices.BinarySearch(firsts, end)
		points = append(points, Point{schedules, states})
		if schedules == n {
			break
		}
	}
	return points
}
