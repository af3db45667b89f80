package linearizability

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Pending is the Return of an operation whose outcome is unknown.
const Pending = math.MaxInt64

// Operation is one call of a client, and the answer it heard. Times are logical:
// only their order matters. Intervals are closed, so that an operation that is
// called at the time at which another returns is concurrent with it.
type Operation struct {
	Client   int    // from 1
	Key      string // partition: operations on different keys are independent
	Input    string // "put 7", "get", "append 3", "cas 3 4", "delete"
	Output   string // the answer; meaningless while Return is Pending
	Call     int64  // logical time of invocation, >= 0
	Return   int64  // logical time of response, > Call; Pending if the client never heard
	Position int    // from 1, in the order in which the log applied operations; 0 if not known to be applied
}

// Pending reports whether the outcome of the operation is unknown.
func (op *Operation) Pending() bool { return op.Return == Pending }

// String returns the operation as a line of a history file.
func (op Operation) String() string { return string(op.appendText(nil)) }

func (op *Operation) appendText(dst []byte) []byte {
	dst = append(dst, 'c')
	dst = strconv.AppendInt(dst, int64(op.Client), 10)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, op.Call, 10)
	dst = append(dst, ".."...)
	if op.Pending() {
		dst = append(dst, '?')
	} else {
		dst = strconv.AppendInt(dst, op.Return, 10)
	}
	dst = append(dst, ' ')
	dst = append(dst, op.Key...)
	dst = append(dst, ' ')
	dst = append(dst, op.Input...)
	if !op.Pending() {
		dst = append(dst, " -> "...)
		dst = append(dst, op.Output...)
	}
	if op.Position != 0 {
		dst = append(dst, " @"...)
		dst = strconv.AppendInt(dst, int64(op.Position), 10)
	}
	return dst
}

// History is the operations of clients, in any order.
type History []Operation

// Validate returns an error unless the numbers of the history make sense: clients from 1,
// 0 <= Call < Return, no negative Position, and no client that called again before it
// heard the answer (a client may go on after a pending operation). The judges answer
// NotChecked to an invalid history.
func (h History) Validate() error {
	if bad := h.validate(); bad != nil {
		return fmt.Errorf("operation %d: expected %s, found %s", bad.index+1, bad.expected, bad.found)
	}
	return nil
}

// misfit is the mistake in one operation of a history.
type misfit struct {
	index           int // in the history, from 0
	expected, found string
}

func (h History) validate() *misfit {
	ordered := true // by Call, as a recorder writes them
	for i := range h {
		op := &h[i]
		found := ""
		switch {
		case op.Client < 1:
			found = fmt.Sprintf("client %d", op.Client)
		case op.Call < 0:
			found = fmt.Sprintf("a call at %d", op.Call)
		case op.Return <= op.Call:
			found = fmt.Sprintf("a call at %d that returns at %d", op.Call, op.Return)
		case op.Position < 0:
			found = fmt.Sprintf("position %d", op.Position)
		}
		if found != "" {
			return &misfit{i, "a client from 1, 0 <= call < return, and a position from 0", found}
		}
		ordered = ordered && (i == 0 || h[i-1].Call <= op.Call)
	}
	if ordered {
		return h.overlap(nil)
	}
	byCall := make([]int, len(h))
	for i := range byCall {
		byCall[i] = i
	}
	slices.SortStableFunc(byCall, func(a, b int) int { return cmp.Compare(h[a].Call, h[b].Call) })
	return h.overlap(byCall)
}

// overlap finds a client that called while it was waiting for an answer.
// byCall is the order of the calls; nil is the order of the history.
func (h History) overlap(byCall []int) *misfit {
	free := make(map[int]int64, 16) // when each client heard last
	for n := range h {
		i := n
		if byCall != nil {
			i = byCall[n]
		}
		op := &h[i]
		if busy := free[op.Client]; op.Call < busy {
			return &misfit{i, "one operation of a client at a time",
				fmt.Sprintf("a call of c%d at %d, which was waiting until %d", op.Client, op.Call, busy)}
		}
		if op.Pending() {
			// The client gave up, some time after the call.
			free[op.Client] = op.Call
		} else {
			free[op.Client] = op.Return
		}
	}
	return nil
}
