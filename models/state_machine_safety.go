package models

import (
	"fmt"

	"raftcheck/raft"
)

// StateMachineSafety judges that no two nodes ever apply different entries at
// one index (Raft paper, figure 3), and that each applies every index once a
// boot and in order (section 5.3), as its log has it, and none that it does not
// call committed; and that it knows how far it has applied.
type StateMachineSafety struct {
	first []applied                      // the first that was applied at each index, from 1
	last  [raft.MaxNodeID + 1]raft.Index // what each node applied last since it booted
}

type applied struct {
	Digest
	by raft.NodeID
}

// Property names the promise.
func (c *StateMachineSafety) Property() Property {
	return Property{Name: "StateMachineSafety", Source: "Raft paper, figure 3, State Machine Safety, and section 5.3"}
}

// Reset forgets the run.
func (c *StateMachineSafety) Reset() { *c = StateMachineSafety{first: c.first[:0]} }

// Observe compares every entry that a node applies with the first applied at its index.
func (c *StateMachineSafety) Observe(v *View, r *Record) string {
	if r.Kind == Booted {
		c.last[r.Node] = 0
	}
	if r.Kind != Stepped {
		return ""
	}
	for i := range r.Applied {
		if text := c.applied(v.Nodes[r.Node].Log, r, &r.Applied[i]); text != "" {
			return text
		}
	}
	if last := c.last[r.Node]; r.Inspected && r.Status.Applied != last {
		return fmt.Sprintf("%s says that it applied up to %d, and applied up to %d", r.Node, r.Status.Applied, last)
	}
	return ""
}

func (c *StateMachineSafety) applied(log []Logged, r *Record, d *Digest) string {
	c.last[r.Node]++
	at := c.last[r.Node]
	if d.ID.Index != at {
		return fmt.Sprintf("%s applied %s where index %d is next", r.Node, d.ID, at)
	}
	if r.Inspected && at > r.Status.Commit {
		return fmt.Sprintf("%s applied %s and calls only %d committed", r.Node, d.ID, r.Status.Commit)
	}
	if r.Inspected && (int(at) > len(log) || log[at-1].Term != d.ID.Term || log[at-1].Hash != d.Hash) {
		return fmt.Sprintf("%s applied %s, which is not what its log has there", r.Node, d.ID)
	}
	if int(at) > len(c.first) {
		c.first = append(c.first, applied{Digest: *d, by: r.Node})
		return ""
	}
	switch first := &c.first[at-1]; {
	case first.ID != d.ID:
		return fmt.Sprintf("%s applied %s where %s applied %s", r.Node, d.ID, first.by, first.ID)
	case first.Hash != d.Hash:
		return fmt.Sprintf("%s applied %s with other contents than %s did", r.Node, d.ID, first.by)
	}
	return ""
}

// Finish says that the property held.
func (c *StateMachineSafety) Finish(*View) (Outcome, string) { return Held, "" }
