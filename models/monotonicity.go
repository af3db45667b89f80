package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Monotonicity judges that the term of a running node never decreases (Raft paper, figure
// 2 and section 5.1), and neither do its commit index, its applied index and the base of
// its log. A node keeps its one vote in a term (section 5.2). It compacts committed entries
// only (section 7). At a boot its commit index may be 0 (figure 2), whatever its snapshot has.
type Monotonicity struct{ stateless }

// Property returns the name, rule and source.
func (c *Monotonicity) Property() Property {
	return Property{
		Name: "Monotonicity",
		Rule: "While a node runs, its term, commit index, applied index and log base never decrease, and it " +
			"never changes its vote in a term.",
		Source:   "Raft paper, figure 2, State, and sections 5.2 and 7",
		Inspects: true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Observe compares a node's status with its status before. At a boot that is the zero value.
func (c *Monotonicity) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	was, is := &v.Nodes[r.Node].Before, &r.Status
	if r.Kind == trace.Stepped && is.Base != was.Base && is.Base.Index > is.Commit {
		return fmt.Sprintf("%s begins its log after %s and calls only %d committed", r.Node, is.Base, is.Commit)
	}
	switch {
	case is.Term < was.Term:
		return fmt.Sprintf("%s went back from term %d to %d", r.Node, was.Term, is.Term)
	case is.Commit < was.Commit:
		return fmt.Sprintf("%s went back from calling %d committed to %d", r.Node, was.Commit, is.Commit)
	case is.Applied < was.Applied:
		return fmt.Sprintf("%s went back from having applied %d to %d", r.Node, was.Applied, is.Applied)
	case is.Base.Index < was.Base.Index:
		return fmt.Sprintf("%s went back from beginning its log after %d to %d",
			r.Node, was.Base.Index, is.Base.Index)
	case is.Term > was.Term || was.Vote == raft.None || is.Vote == was.Vote:
		return ""
	case is.Vote == raft.None:
		return fmt.Sprintf("%s forgot its vote for %s in term %d", r.Node, was.Vote, is.Term)
	}
	return fmt.Sprintf("%s changed its vote in term %d from %s to %s", r.Node, is.Term, was.Vote, is.Vote)
}

// Finish reports that the property held.
func (c *Monotonicity) Finish(*trace.View) (Outcome, string) { return Held, "" }
