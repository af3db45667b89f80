package linearizability

// The bounds of the search for a conflict.
const (
	maxConflictProbe = 2_000_000  // model steps of one search
	maxConflictSteps = 20_000_000 // model steps, and operations looked at, of all searches
)

// Conflict returns answered operations of one key whose answers contradict each
// other: they have no order, even if the outcome of every other operation is
// unknown. There is no smaller choice among them, unless the bounded search for
// it was given up. It returns nil if an order of all was found, or none was searched
// for long enough.
//
// An unknown outcome allows more orders than any answer does. So if a set of answers
// has an order, each smaller set has one, and one pass that forgets each answer in
// turn leaves a set without a smaller one. Passes over larger pieces come first
// (delta debugging, Zeller and Hildebrandt, 2002).
func Conflict(spec Spec, ops History) History {
	c := conflict{spec: spec, probe: maxConflictProbe, left: maxConflictSteps}
	if spec.validate() != nil || ops.Validate() != nil || !c.remains(ops) {
		return nil
	}
	if last := firstUnexplained(spec, ops, 0); last != nil {
		ops = until(ops, last.Return)
	}
	c.ops = append(c.ops, ops...)
	for i := range c.ops {
		if !c.ops[i].Pending() {
			c.kept = append(c.kept, i)
		}
	}
	for size := (len(c.kept) + 1) / 2; size >= 1 && c.left > 0; size /= 2 {
		c.pass(size)
	}
	var contradicting History
	for _, i := range c.kept {
		contradicting = append(contradicting, c.ops[i])
	}
	return contradicting
}

// conflict is a search for contradicting answers.
type conflict struct {
	spec  Spec
	ops   History // those that are not kept are unknown
	kept  []int   // in ops
	left  int     // steps
	probe int     // steps of one search
}

// remains reports whether operations certainly have no order.
func (c *conflict) remains(ops History) bool {
	v := searchWithin(&c.spec, ops, budget{steps: c.probe, bytes: maxSearchBytes})
	c.left -= v.steps + len(ops)
	return v.outcome == NotLinearizable
}

// pass forgets the answers of pieces of a size that the contradiction does not need.
func (c *conflict) pass(size int) {
	for start := 0; start < len(c.kept) && c.left > 0; {
		end := min(start+size, len(c.kept))
		forgotten := append(History(nil), c.ops...)
		for _, i := range c.kept[start:end] {
			forgotten[i].Return, forgotten[i].Output = Pending, ""
		}
		if !c.remains(forgotten) {
			start = end
			continue
		}
		c.ops = forgotten
		c.kept = append(c.kept[:start], c.kept[end:]...)
	}
}
