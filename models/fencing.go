package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
)

// Fencing judges that a leadership given out by the replicated state machine
// protects what its holders write elsewhere: the database that checks the
// token of each write takes none under an older leadership once it took one
// under a newer, whatever the workers believe, and no token is given to two
// workers (M. Kleppmann, "How to do distributed locking", 2016).
type Fencing struct {
	landed bool
	last   grant   // under which the database took its last write
	grants []grant // of the writes that landed, in the order of their tokens
}

// grant is a leadership of a worker.
type grant struct {
	token  uint64
	worker uint32
}

// Property names the promise.
func (c *Fencing) Property() Property {
	return Property{
		Name: "Fencing",
		Rule: "The database never accepts a write under an older leadership after one under a newer, and no " +
			"two workers have the same token.",
		Source: "Kleppmann: How to do distributed locking, 2016; Gray and Cheriton: Leases, 1989",
		Kind:   KindOutcome,
		Needs:  ClassOutside,
	}
}

// Reset forgets the run.
func (c *Fencing) Reset() { *c = Fencing{grants: c.grants[:0]} }

// Observe looks at the writes that reach the database.
func (c *Fencing) Observe(_ *trace.View, r *trace.Record) string {
	if r.Kind != trace.Landed {
		return ""
	}
	c.landed = true
	g := grant{token: r.Token, worker: r.Op.Client}
	at, found := slices.BinarySearchFunc(c.grants, g.token, func(x grant, token uint64) int {
		return cmp.Compare(x.token, token)
	})
	if !found {
		c.grants = slices.Insert(c.grants, at, g)
	}
	if first := c.grants[at].worker; first != g.worker {
		return fmt.Sprintf("c%d and c%d both write with token %d", first, g.worker, g.token)
	}
	if !r.Accepted {
		return ""
	}
	if was := c.last; g.token < was.token {
		return fmt.Sprintf("the database took a write of c%d with token %d after one of c%d with token %d",
			g.worker, g.token, was.worker, was.token)
	}
	c.last = g
	return ""
}

// Finish says that the property held, if a write landed.
func (c *Fencing) Finish(*trace.View) (Outcome, string) {
	if !c.landed {
		return NotChecked, ""
	}
	return Held, ""
}
