package page

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/linearizability"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// client adds a record about an operation of a client.
func (r *recorder) client(rec *trace.Record) {
	switch rec.Kind {
	case trace.Called:
		r.calls[rec.Op] = len(r.run.Operations)
		r.run.Operations = append(r.run.Operations, Operation{
			Client: int(rec.Op.Client), Seq: int(rec.Op.Seq), Text: rec.Text, Called: r.now(), Ended: -1,
			Effect: -1, Point: -1, Tries: []Try{{r.now(), int(rec.Node)}}, called: rec.Time,
		})
	case trace.Returned:
		if op := r.ended(rec, "returned"); op != nil {
			op.Result, op.By = rec.Text, int(rec.Node)
		}
	case trace.Abandoned:
		r.ended(rec, "abandoned")
	case trace.Expired:
		r.ended(rec, "expired")
	}
}

// ended ends the operation of a record, if there is one.
func (r *recorder) ended(rec *trace.Record, end string) *Operation {
	number, ok := r.calls[rec.Op]
	if !ok {
		return nil
	}
	op := &r.run.Operations[number]
	op.Ended, op.End = r.now(), end
	return op
}

// command returns the word of a client's command.
func (r *recorder) command(id raft.OpID) int {
	number, ok := r.calls[id]
	if !ok {
		return 3
	}
	return r.word(fmt.Sprintf("c%d %s", id.Client, r.run.Operations[number].Text))
}

// executed notes where an operation first took effect.
func (r *recorder) executed(rec *trace.Record, e trace.Execution) {
	number, ok := r.calls[e.Op]
	if !ok || e.Did != trace.Executed || r.run.Operations[number].Effect >= 0 {
		return
	}
	op := &r.run.Operations[number]
	op.Effect, op.At, op.Index = r.now(), int(rec.Node), uint64(e.Index)
}

// asked notes the kind of a call, and to which node a client sent it again.
func (r *recorder) asked(e faults.Event) {
	switch e.Kind {
	case faults.Call, faults.Read, faults.LeaseRead:
		r.run.Operations[len(r.run.Operations)-1].Kind = e.Kind.String()
	case faults.Retry:
		for i := len(r.run.Operations) - 1; i >= 0; i-- {
			if op := &r.run.Operations[i]; op.Client == int(e.Client) {
				op.Tries = append(op.Tries, Try{r.now(), int(e.Node)})
				return
			}
		}
	}
}

// acted adds a write of a worker, or ends one.
func (r *recorder) acted(rec *trace.Record) {
	client := int(rec.Op.Client)
	if rec.Kind == trace.Worked {
		r.acts[client] = append(r.acts[client], len(r.run.Acts))
		r.run.Acts = append(r.run.Acts, Act{
			Client: client, Token: rec.Token, Sent: r.now(), Landed: -1, Text: rec.Text,
		})
		return
	}
	under := r.acts[client]
	at := slices.IndexFunc(under, func(i int) bool { return r.run.Acts[i].Token == rec.Token })
	if at < 0 {
		return
	}
	act := &r.run.Acts[under[at]]
	act.Landed, act.Accepted, act.Text = r.now(), rec.Accepted, rec.Text
	r.acts[client] = slices.Delete(under, at, at+1)
}

// order gives the operations their points: in the order of the log if that explains the
// history, and otherwise in the order of each key that is found. It names the few
// operations that have no order.
func (r *recorder) order(spec linearizability.Spec, h linearizability.History, violated bool) {
	at := r.inHistory(h)
	for i := range r.run.Operations {
		r.run.Operations[i].Refused = !slices.Contains(at, i)
	}
	if violated {
		c := clashing(spec, h)
		r.run.More = c.more
		for _, i := range c.ops {
			r.run.Operations[at[i]].Clashes, r.run.Operations[at[i]].Shows = true, i == c.shows
		}
	}
	if linearizability.CheckWitness(spec, h) == nil {
		r.points(h, at)
		return
	}
	for i, point := range linearizability.Points(spec, h) {
		if point >= 0 {
			r.run.Operations[at[i]].Point = r.times[point]
		}
	}
}

// inHistory returns the operation of each operation of a history.
func (r *recorder) inHistory(h linearizability.History) []int {
	byCall := map[int64]int{}
	for i := range r.run.Operations {
		byCall[r.run.Operations[i].called] = i
	}
	at := make([]int, len(h))
	for i := range h {
		at[i] = byCall[h[i].Call]
	}
	return at
}

// points places each operation that the log ordered: a command where it first took effect,
// and a read as late as its answer and the next command allow.
func (r *recorder) points(h linearizability.History, at []int) {
	placed := make([]int, 0, len(h))
	for i := range h {
		if h[i].Position > 0 {
			placed = append(placed, i)
		}
	}
	slices.SortFunc(placed, func(a, b int) int { return cmp.Compare(h[b].Position, h[a].Position) })
	next := len(r.run.Steps)
	for _, i := range placed {
		op := &r.run.Operations[at[i]]
		op.Order, op.Point = h[i].Position, op.Effect
		if op.Effect < 0 {
			op.Point = next
			if op.End == "returned" {
				op.Point = min(next, op.Ended)
			}
		}
		next = op.Point
	}
}

// mostClashing is how many operations of those that have no order a page marks.
const mostClashing = 16

// clash is the few operations of a history that have no order.
type clash struct {
	ops   []int // in the history
	shows int   // the one of them whose answer is the state before the others; -1 for none
	more  int   // how many the search could not leave out besides
}

// clashing finds the operations of a history that have no order. If the bounded search for
// few leaves many, it looks at the end of the history alone, and if that does not help, those
// that returned last are marked.
func clashing(spec linearizability.Spec, h linearizability.History) clash {
	key := linearizability.Check(spec, h).Key
	var ops linearizability.History
	for i := range h {
		if h[i].Key == key {
			ops = append(ops, h[i])
		}
	}
	conflict := linearizability.Conflict(spec, ops, len(ops))
	c := clash{shows: -1}
	if len(conflict) > mostClashing {
		if from, after, end := linearizability.Tail(spec, ops); from >= 0 {
			conflict = append(linearizability.Conflict(after, end, len(end)), ops[from])
			c.shows = slices.Index(h, ops[from])
		}
	}
	for i := range h {
		if slices.Contains(conflict, h[i]) {
			c.ops = append(c.ops, i)
		}
	}
	slices.SortFunc(c.ops, func(a, b int) int { return cmp.Compare(h[b].Return, h[a].Return) })
	c.more = max(0, len(c.ops)-mostClashing)
	c.ops = c.ops[:len(c.ops)-c.more]
	return c
}
