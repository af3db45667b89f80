package live

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/linearizability"
	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// How clients call.
const (
	// callTimeout bounds an operation. After it the outcome is unknown.
	callTimeout = 4 * time.Second
	// pace is the time between two operations of a client under load.
	pace = 2 * time.Millisecond
	// patience is the time before a client asks another node, after one did not answer.
	patience = 50 * time.Millisecond
)

// clients are the clients of a run, and the operations that they called.
type clients struct {
	world   *world
	ctx     context.Context
	end     context.CancelFunc
	working sync.WaitGroup
	list    [faults.MaxClients + 1]*client
	load    atomic.Int32 // how many call all the time
	workers *workers

	mu      sync.Mutex
	history []operation
	speed   speed
}

// operation is an operation of a client with its place in the server's own order.
type operation struct {
	linearizability.Operation
	revision int64
	wrote    bool
	op       service.Op
	node     int           // that was asked
	byHand   bool          // an event called it
	gaveUp   time.Duration // when its client stopped waiting; 0 if it was answered
}

// client calls one operation at a time.
type client struct {
	id     int
	all    *clients
	caller service.Caller
	conn   Client
	asks   int               // the node that it asks under load
	seen   map[string]string // the last answer about each key
	token  uint64            // of the leadership that it keeps under load; 0 for none

	mu     sync.Mutex
	busy   bool
	cancel context.CancelFunc // of the operation that is called
	loads  bool               // its goroutine under load was started
}

func newClients(w *world) *clients {
	c := &clients{world: w, workers: newWorkers(w)}
	c.ctx, c.end = context.WithCancel(context.Background())
	for id := 1; id <= faults.MaxClients; id++ {
		prng := generate.NewPRNG(trace.Mix(w.schedule.Rand, uint64(id)))
		c.list[id] = &client{
			id: id, all: c, seen: map[string]string{}, asks: 1 + (id-1)%w.schedule.Nodes,
			conn:   w.server.Dial(Config{Client: uint32(id), Tick: w.tick, Now: w.now}),
			caller: service.Caller{Source: prng, Client: uint32(id), Numbers: id * numbersEach},
		}
	}
	return c
}

// numbersEach is more than the numbers that a client takes: each value is written once.
const numbersEach = 10_000_000

// take makes the client busy, and reports whether it was not.
func (c *client) take(cancel context.CancelFunc) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy {
		return false
	}
	c.busy, c.cancel = true, cancel
	return true
}

func (c *client) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy, c.cancel = false, nil
}

// do carries out an operation at a node, and notes it. The client is busy.
func (c *client) do(ctx context.Context, id int, op service.Op, byHand bool) error {
	ctx, stop := context.WithTimeout(ctx, callTimeout)
	defer stop()
	w := c.all.world
	noted := operation{op: op, node: id, byHand: byHand, Operation: linearizability.Operation{
		Client: c.id, Key: op.Key(), Input: op.Input(), Return: linearizability.Pending,
	}}
	noted.Call = int64(time.Since(w.begun))
	answer, err := c.conn.Do(ctx, w.nodes[id].Node, op)
	returned := int64(time.Since(w.begun))
	switch {
	case err == nil:
		noted.Output, noted.Return = answer.Output, max(returned, noted.Call+1)
		noted.revision, noted.wrote = answer.Revision, answer.Wrote
		c.seen[op.Key()] = answer.Output
		c.all.workers.heard(c, op, answer.Output)
	case errors.Is(err, ErrRefused):
		c.all.count(nil, 0)
		return err
	default:
		noted.gaveUp = time.Duration(returned)
	}
	c.caller.History = append(c.caller.History, noted.Operation)
	c.all.count(&noted, time.Duration(returned-noted.Call))
	return err
}

// count keeps an operation, and counts it.
func (c *clients) count(noted *operation, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if noted == nil {
		c.speed.refused++
		return
	}
	c.history = append(c.history, *noted)
	c.speed.add(took, noted.Pending())
}

// call lets a client call at a node, while the schedule goes on.
func call(_ context.Context, w *world, e *faults.Event) string {
	op, err := w.service().ParseOp(e.Op)
	if err != nil {
		return err.Error()
	}
	c := w.clients.list[e.Client]
	ctx, cancel := context.WithCancel(w.clients.ctx)
	if !c.take(cancel) {
		cancel()
		return waits
	}
	w.clients.working.Go(func() {
		defer cancel()
		defer c.release()
		c.do(ctx, int(e.Node), op, true)
	})
	return happened
}

// abandon lets a client stop waiting: the outcome stays unknown.
func abandon(_ context.Context, w *world, e *faults.Event) string {
	c := w.clients.list[e.Client]
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel == nil {
		return doesNot
	}
	c.cancel()
	return happened
}

func load(_ context.Context, w *world, e *faults.Event) string {
	if w.clients.load.Load() == e.K {
		return noChange
	}
	w.clients.setLoad(e.K)
	return happened
}

// setLoad makes so many clients call all the time.
func (c *clients) setLoad(clients int32) {
	c.load.Store(clients)
	for _, one := range c.list[1 : 1+clients] {
		one.mu.Lock()
		if !one.loads {
			one.loads = true
			c.working.Go(one.callOn)
		}
		one.mu.Unlock()
	}
}

// callOn lets a client call while it is under load.
func (c *client) callOn() {
	ctx := c.all.ctx
	for ctx.Err() == nil {
		wait := pace
		if int32(c.id) <= c.all.load.Load() && c.take(nil) {
			err := c.do(ctx, c.asks, c.draw(), false)
			c.all.workers.act(c)
			c.release()
			if err != nil {
				c.asks = 1 + c.asks%c.all.world.schedule.Nodes
				wait = patience
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// draw draws the client's next operation. A compare-and-swap expects the value that the
// client saw last, so that it often succeeds.
func (c *client) draw() service.Op {
	svc := c.all.world.service()
	if c.id%2 == 0 && c.all.workers.outside != nil {
		return c.keeps()
	}
	text := service.Draw(svc, &c.caller)
	if words := strings.Fields(text); words[0] == "cas" && len(words) == 4 && isValue(c.seen[words[1]]) {
		words[2] = c.seen[words[1]]
		if op, err := svc.ParseOp(strings.Join(words, " ")); err == nil {
			return op
		}
	}
	op, err := svc.ParseOp(text)
	if err != nil {
		panic(err) // the service drew it
	}
	return op
}

// isValue reports whether an answer is a value that a compare-and-swap can expect.
func isValue(answer string) bool {
	const longest = 64
	return answer != "" && answer != "ok" && answer != "no" && answer != "full" && len(answer) <= longest
}

// settle waits until every client that was called has its answer. Clients under load go on.
func (c *clients) settle(ctx context.Context) {
	for ctx.Err() == nil && c.anyWaits() {
		select {
		case <-ctx.Done():
		case <-time.After(pace):
		}
	}
}

func (c *clients) anyWaits() bool {
	for _, one := range c.list[1+c.load.Load():] {
		one.mu.Lock()
		busy := one.busy
		one.mu.Unlock()
		if busy {
			return true
		}
	}
	return false
}

// quiet ends the load and waits until no client waits.
func (c *clients) quiet(ctx context.Context) {
	c.setLoad(0)
	c.settle(ctx)
}

// close ends every client.
func (c *clients) close() {
	c.load.Store(0)
	c.end()
	c.working.Wait()
	for _, one := range c.list[1:] {
		one.conn.Close()
	}
}
