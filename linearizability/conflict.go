package linearizability

// The bounds of the search for a conflict.
const (
	maxConflictProbe = 2_000_000  // model steps of one search
	maxConflictSteps = 20_000_000 // model steps, and operations looked at, of all searches
)

// Conflict returns answered operations of one key whose answers contradict each
// other: they have no order, even if the outcome of every other operation is
// unknown. There is no smaller choice among them, unless the bounded search for
// it was given up. It returns nil if there are more of them than most, if an order of
// all was found, or if none was searched for long enough.
//
// An unknown outcome allows more orders than any answer does. So if a set of answers
// has an order, each smaller set has one, and one pass that forgets each answer in
// turn leaves a set without a smaller one. Passes over larger pieces come first
// (delta debugging, Zeller and Hildebrandt, 2002).
//
// If the others of a piece have an order, the answers that are left in the end include
// one of the piece. So a pass ends the search at the first such piece too many.
func Conflict(spec Spec, ops History, most int) History {
	if spec.validate() != nil || ops.Validate() != nil {
		return nil
	}
	c := conflict{spec: spec, most: most, probe: maxConflictProbe, left: maxConflictSteps}
	all := c.search(ops)
	if all.outcome != NotLinearizable {
		return nil
	}
	if last := firstUnexplained(spec, ops, all.stuck); last != nil {
		ops = until(ops, last.Return)
	}
	c.ops = append(c.ops, ops...)
	for i := range c.ops {
		if !c.ops[i].Pending() {
			c.kept = append(c.kept, i)
		}
	}
	return c.smallest()
}

// conflict is a search for contradicting answers.
type conflict struct {
	spec  Spec
	ops   History // those that are not kept are unknown
	kept  []int   // in ops
	most  int     // answers that are few enough
	left  int     // steps
	probe int     // steps of one search
}

// search looks for an order of operations.
func (c *conflict) search(ops History) keyVerdict {
	v := searchWithin(&c.spec, ops, budget{steps: c.probe, bytes: maxSearchBytes})
	c.left -= v.steps + len(ops)
	return v
}

// smallest makes passes, and returns the answers that are left; nil if they are too many.
func (c *conflict) smallest() (contradicting History) {
	for size := (len(c.kept) + 1) / 2; size >= 1 && c.left > 0; size /= 2 {
		if !c.pass(size) {
			return nil
		}
	}
	if len(c.kept) > c.most { // the steps have come to an end
		return nil
	}
	for _, i := range c.kept {
		contradicting = append(contradicting, c.ops[i])
	}
	return contradicting
}

// pass forgets the answers of pieces of a size that the contradiction does not need. It
// stops and returns false if the contradiction needs too many.
func (c *conflict) pass(size int) bool {
	needed := 0
	for start := 0; start < len(c.kept) && c.left > 0; {
		end := min(start+size, len(c.kept))
		forgotten := append(History(nil), c.ops...)
		for _, i := range c.kept[start:end] {
			forgotten[i].Return, forgotten[i].Output = Pending, ""
		}
		switch c.search(forgotten).outcome {
		case NotLinearizable:
			c.ops = forgotten
			c.kept = append(c.kept[:start], c.kept[end:]...)
			continue
		case Linearizable:
			needed++
		}
		if needed > c.most {
			return false
		}
		start = end
	}
	return true
}
