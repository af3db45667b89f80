package explore

import (
	"math/bits"
	"slices"
	"strconv"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// clients is a part of a state: the calls of clients and their answers. It does not have
// the order of all events, but only the precedences that Linearizability rests on.
type clients struct {
	calls  []called // by their position among the calls of the future
	number uint32
	print  fingerprint
	reason string // why no order of the operations explains the answers; "" if none is missing
}

// called is the call of one client.
type called struct {
	begun    bool
	after    uint32 // the calls that had returned before this one began, as bits
	returned bool
	result   string
}

// callsOf returns the calls to come: each writes a value of its own, then come the reads.
func (e *Exploration) callsOf() (list []faults.Event) {
	for i := range e.Bounds.Calls {
		op := e.Start.Service.Examples(strconv.Itoa(i + 1))[0]
		list = append(list, faults.Event{Kind: faults.Call, Op: op.String()})
	}
	for range e.Bounds.Reads {
		list = append(list, faults.Event{Kind: faults.Read, Op: e.readOp()})
	}
	for range e.Bounds.LeaseReads {
		list = append(list, faults.Event{Kind: faults.LeaseRead, Op: e.readOp()})
	}
	return list
}

// readOp returns the first example of the service that is a read, or "".
func (e *Exploration) readOp() string {
	for _, op := range e.Start.Service.Examples("0") {
		if op.ReadOnly() {
			return op.String()
		}
	}
	return ""
}

// examineClients sets the calls to come, and the operations of the start.
func (x *explorer) examineClients(stage *faults.Stage) {
	x.hears = x.heals || x.judges(trial.Linearizability.Name) || x.bounds.Retries+x.bounds.LeaseReads > 0
	for _, e := range x.callsOf() {
		op, err := x.Start.Service.ParseOp(e.Op)
		if err != nil {
			panic("an example of the service is no operation: " + err.Error())
		}
		x.ops = append(x.ops, op)
	}
	x.before = slices.Clone(stage.History())
	for i := range x.before {
		o := &x.before[i]
		o.Client = i + 1
		x.began = max(x.began, o.Call)
		if !o.Pending() {
			x.began = max(x.began, o.Return)
		}
	}
	x.began++
}

// callOf returns the position of the next call of a kind among the calls of the future.
func (x *explorer) callOf(s *state, kind faults.EventKind) int {
	switch kind {
	case faults.Read:
		return x.bounds.Calls + s.spent.of(reads)
	case faults.LeaseRead:
		return x.bounds.Calls + x.bounds.Reads + s.spent.of(leaseReads)
	}
	return s.spent.of(calls)
}

// hear gives the answers of a step to the clients of the next state, and the operation that
// the step began. It adds a complaint if no order of the operations explains the answers.
func (w *worker) hear(next *state, o *option, st *step) {
	begins := o.kind == faults.Call || o.kind == faults.Read || o.kind == faults.LeaseRead
	if !w.hears || !begins && len(st.returned) == 0 {
		return
	}
	list := slices.Clone(w.parts.clients.at(next.clients).calls)
	if begins {
		i := w.callOf(next, o.kind) - 1
		list[i].begun, list[i].after = true, returnedOf(list)
	}
	for _, r := range st.returned {
		if c := &list[r.Call]; c.begun && !c.returned {
			c.returned, c.result = true, r.Result
		}
	}
	c := w.clientsOf(list)
	next.clients = c.number
	if c.reason != "" {
		v := models.Verdict{Property: trial.Linearizability.Name, Outcome: models.Violated, Text: c.reason}
		w.complaints = append(w.complaints, v)
	}
}

// waitingCalls has the calls of a state, apart from reads, that did not return, as bits.
func (w *worker) waitingCalls(s *state) (set uint32) {
	if w.bounds.Retries == 0 {
		return 0
	}
	for i, c := range w.parts.clients.at(s.clients).calls[:w.bounds.Calls] {
		if c.begun && !c.returned {
			set |= 1 << i
		}
	}
	return set
}

// returnedOf has the calls that returned, as bits.
func returnedOf(calls []called) (set uint32) {
	for i := range calls {
		if calls[i].returned {
			set |= 1 << i
		}
	}
	return set
}

// clientsOf returns the one part that has these calls.
func (w *worker) clientsOf(calls []called) *clients {
	encode := func(b []byte, _ *raft.Renaming) []byte { return appendCalls(b, calls) }
	print := w.intern.print(clientsKind, encode, nil)
	if known := w.parts.clients.find(print); known != nil {
		return known
	}
	c := &clients{calls: calls, print: print}
	if w.judges(trial.Linearizability.Name) {
		c.reason = w.unexplained(calls)
	}
	return w.parts.clients.keep(print, c, &c.number)
}

// unexplained returns the reason why no order of the operations explains the answers, or "".
func (x *explorer) unexplained(calls []called) string {
	result := linearizability.CheckSearch(x.Start.Service.Spec(), x.history(calls))
	if result.Outcome == linearizability.NotChecked {
		panic("a history of clients was not checked: " + result.Reason)
	}
	return result.Reason
}

// appendCalls appends the encoding of calls.
func appendCalls(b []byte, calls []called) []byte {
	e := trace.Encoder{Buf: b}
	for i := range calls {
		c := &calls[i]
		e.Flags(c.begun, c.returned)
		e.Numbers(uint64(c.after), uint64(len(c.result)))
		e.Buf = append(e.Buf, c.result...)
	}
	return e.Buf
}

// history returns the operations of the start and the calls. The sets of calls that
// returned before others have sizes that grow, and they are the times.
func (x *explorer) history(calls []called) linearizability.History {
	h := slices.Clone(x.before)
	at := func(set uint32) int64 { return x.began + 2*int64(bits.OnesCount32(set)) }
	for i := range calls {
		if !calls[i].begun {
			continue
		}
		o := linearizability.Operation{
			Client: len(x.before) + i + 1, Key: x.ops[i].Key(), Input: x.ops[i].Input(),
			Call: at(calls[i].after), Return: linearizability.Pending,
		}
		if calls[i].returned {
			o.Output, o.Return = calls[i].result, at(returnedOf(calls))+1
			for j := range calls {
				if calls[j].after>>i&1 != 0 {
					o.Return = min(o.Return, at(calls[j].after)-1)
				}
			}
		}
		h = append(h, o)
	}
	return h
}
