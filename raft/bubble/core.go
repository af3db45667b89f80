package bubble

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"raftcheck/raft"
	"raftcheck/raft/bubble/internal/order"
)

// Tick is the time of a bubble that a tick of the seam takes.
const Tick = 50 * time.Millisecond

// The errors of a call.
var (
	ErrTimeout = errors.New("no answer in time")
	ErrOver    = errors.New("the node is over")
)

// Core connects one node, in its bubble, with the seam.
type Core struct {
	ID     raft.NodeID
	bubble *Bubble
	// Serve handles a request of another node, on the bubble's root.
	Serve func(*Request)

	mu       sync.Mutex
	out      raft.Output
	outbox   []outgoing // of the step, before they are put in order
	issued   raft.WriteID
	waiting  []waiting               // for writes, in their order
	proposed []proposal              // that wait to be applied
	calls    map[uint64]chan *letter // that wait for their answer
	number   uint64                  // of the next call
	seen     map[origin]bool         // the calls of others that arrived
	hears    map[string]Listener     // of messages, by their kinds
	over     chan struct{}           // closed when the node is
	isOver   bool
	doom     string // the text of the panic that Doom prevented
	stopped  bool
	stirred  chan struct{} // has one element after a write or a message
	batch    int           // inputs of a batch that are yet to come
	together []raft.Input  // those that came
	lag      int           // inputs that are yet to come before the state machine goes on
	busy     chan struct{} // closed when it does; nil if nobody waits for it
}

// waiting is a goroutine that waits for a write.
type waiting struct {
	id   raft.WriteID
	done chan struct{}
}

// outgoing is a letter that is to be sent at the end of the step.
type outgoing struct {
	to      raft.NodeID
	kind    string
	promise raft.Promise
	letter  letter
	answer  chan *letter // of a call
}

// origin names a call across nodes.
type origin struct {
	from raft.NodeID
	call uint64
}

// NewCore returns a node's way out of a new bubble. The numbers of its calls begin
// at a random one, so that those of two boots differ.
func NewCore(config *raft.NodeConfig) *Core {
	c := &Core{ID: config.ID, bubble: New(), calls: map[uint64]chan *letter{}, seen: map[origin]bool{}}
	var b [8]byte
	if _, err := config.Rand.Read(b[:]); err != nil {
		panic(fmt.Sprintf("the source of randomness fails: %v", err))
	}
	c.number = binary.LittleEndian.Uint64(b[:])
	seed(c.number)
	c.bubble.Do(func() { c.over, c.stirred = make(chan struct{}), make(chan struct{}, 1) })
	return c
}

// seed seeds the source of randomness that the process has in common, from which an
// implementation may draw its timeouts. It has an effect where GODEBUG has
// randseednop=0, and makes one run like the next where there is one world a process.
func seed(s uint64) {
	//lint:ignore SA1019 there is no other way to seed the library's source
	rand.Seed(int64(s))
}

// Do runs f at the bubble's root and waits until every goroutine is blocked. Then it calls
// look, and waits again as long as look reports that it set a goroutine in motion.
func (c *Core) Do(f func(), look func() bool) {
	c.bubble.Do(func() {
		c.catchUp()
		f()
		for rest(); look(); {
			rest()
		}
		order.Release()
	})
	if c.doom != "" {
		panic(c.doom)
	}
}

// rest waits, at the root, until every goroutine is blocked.
func rest() {
	order.Release()
	synctest.Wait()
}

// Doom is called by an implementation's goroutine that is about to panic, where no
// recover could catch it. The node is over, as after a panic, and its step panics; the
// goroutine may go on with any value that it gets.
func (c *Core) Doom(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isOver {
		c.doom = text
		c.finish()
	}
}

// CalledBy reports whether a function of this name is among the callers. It shows which
// use an implementation is about to make of an entry that it reads.
func CalledBy(name string) bool {
	callers := make([]uintptr, 8)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, name) {
			return true
		}
		if !more {
			return false
		}
	}
}

// finish makes the node over: its disk takes every write and keeps none, and its calls
// fail, so that every goroutine that waits goes on.
func (c *Core) finish() {
	c.isOver = true
	close(c.over)
	c.wake(c.issued)
}

// Take returns the node's output since the last call. Messages of one moment are in the
// order of their receivers, and replies in that of their operations: goroutines that
// raced each other leave no trace in it.
func (c *Core) Take() raft.Output {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortStableFunc(c.outbox, func(a, b outgoing) int {
		return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.kind, b.kind),
			bytes.Compare(a.letter.Body, b.letter.Body))
	})
	for i := range c.outbox {
		c.out.Sends = append(c.out.Sends, c.stamp(&c.outbox[i]))
	}
	c.outbox = c.outbox[:0]
	slices.SortStableFunc(c.out.Replies, func(a, b raft.Reply) int {
		return cmp.Or(cmp.Compare(a.Op.Client, b.Op.Client), cmp.Compare(a.Op.Seq, b.Op.Seq))
	})
	out := c.out
	c.out = raft.Output{}
	return out
}

// Reply answers an operation.
func (c *Core) Reply(op raft.OpID, outcome raft.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isOver {
		c.out.Replies = append(c.out.Replies, raft.Reply{Op: op, Outcome: outcome})
	}
}

// Apply gives an entry to the state machine.
func (c *Core) Apply(e raft.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isOver {
		return
	}
	c.out.Applied = append(c.out.Applied, e)
	c.answerProposed(e.ID)
}

// Restore makes a snapshot the state machine.
func (c *Core) Restore(s raft.Snapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.Restore = s
}

// Write writes a record and returns when it is durable, or when the node is over.
// It calls change at once, in the order in which records are written.
func (c *Core) Write(record []byte, change func()) {
	c.mu.Lock()
	change()
	if c.isOver {
		c.mu.Unlock()
		return
	}
	c.issued++
	c.out.Writes = append(c.out.Writes, raft.Write{ID: c.issued, Data: record})
	w := waiting{c.issued, make(chan struct{})}
	c.waiting = append(c.waiting, w)
	c.stir()
	c.mu.Unlock()
	<-w.done
}

// Persisted wakes the goroutines that wait for the writes up to id.
func (c *Core) Persisted(id raft.WriteID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake(id)
}

func (c *Core) wake(id raft.WriteID) {
	for len(c.waiting) > 0 && c.waiting[0].id <= id {
		close(c.waiting[0].done)
		c.waiting = c.waiting[1:]
	}
}

// Pending reports whether a goroutine waits for a write.
func (c *Core) Pending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting) > 0
}

// Locked calls f while the core's mutex is locked.
func (c *Core) Locked(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// stir notes that the node wrote or sent something.
func (c *Core) stir() {
	select {
	case c.stirred <- struct{}{}:
	default:
	}
}

// Await lets time pass until the node writes or sends something, or for as long as limit.
func (c *Core) Await(limit time.Duration) {
	select {
	case <-c.stirred:
	default:
	}
	order.Release()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c.stirred:
	case <-timer.C:
	}
}

// Over returns a channel that is closed when the node is over.
func (c *Core) Over() <-chan struct{} { return c.over }

// grace is how long the node may take to end, and how long its timers may run on then.
const grace = time.Minute

// Stop ends the node: its calls fail, shutdown is called, and its clock runs for a while.
// It returns when no goroutine is left, or none that can ever run again; Left has the
// stacks of those. A second call does nothing.
func (c *Core) Stop(shutdown func()) {
	if c.stopped || c.bubble.burst {
		return
	}
	c.stopped = true
	c.bubble.Do(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.isOver {
			c.finish()
		}
	})
	defer c.bubble.End()
	c.bubble.Do(func() {
		ended := make(chan any, 1)
		go func() { ended <- try(shutdown) }()
		select {
		case panicked := <-ended:
			if panicked != nil {
				panic(panicked)
			}
		case <-time.After(grace): // it never returns, and is left behind
		}
		time.Sleep(grace)
	})
}

// Left returns the stacks of the goroutines that the node left behind when it ended.
func (c *Core) Left() []string { return c.bubble.Left() }
