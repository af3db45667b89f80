package election

import (
	"strconv"

	"raftcheck/models/service"
)

// MaxInFlight is the number of writes of one worker that can be in flight.
const MaxInFlight = 16

// Outside is the world outside of the cluster: workers, each a client, and a database to
// which one of them at a time should write. One leadership guards the database: the first
// that a worker hears it was granted. Answers about other leaderships do not matter.
//
// A worker here is naive, and common: once it hears that it holds the leadership, it
// believes so for the whole time to live, by its own clock. The answer may have been in
// flight for long, and so may be the worker's write. A lease alone does not protect the
// database against that (Kleppmann, "How to do distributed locking", 2016).
type Outside struct {
	trusting bool
	name     string // of the leadership that guards the database; "" before the first grant
	workers  []worker
	highest  uint64 // token of the writes that the database took
}

// worker is a client as it sees itself.
type worker struct {
	client   uint32
	token    uint64              // of the leadership that it believes to hold
	until    uint64              // the end of that belief, by the worker's clock
	writes   [MaxInFlight]uint64 // tokens of those in flight, oldest first
	inFlight int
}

var _ service.Foreseen = (*Outside)(nil)

// NewOutside returns workers that hold nothing, and a database without a write. A
// trusting database takes every write; another one refuses a token that is lower than one
// it has seen.
func NewOutside(trusting bool) *Outside { return &Outside{trusting: trusting} }

// Reset returns to the state of a new Outside, keeping memory.
func (o *Outside) Reset() {
	o.name, o.workers, o.highest = "", o.workers[:0], 0
}

// Heard reports to a worker the answer to op, at the time now of its own clock. A
// grant or a renewal makes it believe for the operation's whole time to live. It stops
// believing when it hears that another holds the leadership, or that it lost or resigned
// it. Reads do not count, nor a loss by another token than its own, nor a text that is no
// answer.
func (o *Outside) Heard(client uint32, op service.Op, result string, now uint64) {
	request, ok := op.(Op)
	a, err := ParseAnswer(result)
	if !ok || err != nil {
		return
	}
	if o.name == "" && a.Verdict == Granted {
		o.name = request.Name
	}
	if request.Name != o.name {
		return
	}
	w := o.worker(client)
	switch {
	case a.Verdict == Granted:
		w.token, w.until = a.Token, sum(now, request.TTL)
	case a.Verdict == Kept:
		w.token, w.until = request.Token, sum(now, request.TTL)
	case a.Verdict == Held, w.token == request.Token && (a.Verdict == Lost || a.Verdict == Resigned):
		w.token, w.until = 0, 0
	}
}

// Work lets a worker send a write with its token, if at the time now of its own
// clock it believes to hold the leadership. Else ok is false, as it is when
// MaxInFlight writes are in flight.
func (o *Outside) Work(client uint32, now uint64) (token uint64, text string, ok bool) {
	w := o.worker(client)
	if now >= w.until || w.inFlight == MaxInFlight {
		return 0, "", false
	}
	w.writes[w.inFlight] = w.token
	w.inFlight++
	return w.token, "sends a write with token " + decimal(w.token), true
}

// Land lets a write of a worker reach the database: the k-th of those in flight, oldest
// first, from 0. If there is none, ok is false.
func (o *Outside) Land(client uint32, k int) (token uint64, accepted bool, text string, ok bool) {
	w := o.worker(client)
	if k < 0 || k >= w.inFlight {
		return 0, false, "", false
	}
	token = w.writes[k]
	copy(w.writes[k:], w.writes[k+1:w.inFlight])
	w.inFlight--

	text = "writes with token " + decimal(token)
	switch {
	case token >= o.highest:
		o.highest = token
		return token, true, text + ": taken", true
	case o.trusting:
		return token, true, text + ": taken, though " + decimal(o.highest) + " was here", true
	default:
		return token, false, text + ": refused, " + decimal(o.highest) + " was here", true
	}
}

// worker finds or makes a worker. The pointer is good until the next call.
func (o *Outside) worker(client uint32) *worker {
	for i := range o.workers {
		if o.workers[i].client == client {
			return &o.workers[i]
		}
	}
	o.workers = append(o.workers, worker{client: client})
	return &o.workers[len(o.workers)-1]
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
