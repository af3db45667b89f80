package live

import (
	"context"
	"sync"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// workers are the clients of a service with a world outside, such as the database that
// one worker at a time may write to. The zero workers have none.
type workers struct {
	world *world

	mu      sync.Mutex
	outside service.Outside
	fencing models.Fencing
	landed  int
	broken  string // the violation of Fencing
}

func newWorkers(w *world) *workers {
	k := &workers{world: w}
	if worldly, ok := w.service().(service.Worldly); ok {
		k.outside = worldly.NewOutside()
	}
	return k
}

// heard reports the answer to an operation to the worker.
func (k *workers) heard(c *client, op service.Op, answer string) {
	if k.outside == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.outside.Heard(uint32(c.id), op, answer, k.world.now())
}

// act lets a client under load work: its last write arrives, and it sends another one if it
// believes that it may.
func (k *workers) act(c *client) {
	if k.outside == nil {
		return
	}
	k.land(uint32(c.id), 0)
	k.work(uint32(c.id))
}

func (k *workers) work(client uint32) (text string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, text, ok = k.outside.Work(client, k.world.now())
	return text, ok
}

// land lets a write reach the database, and judges it.
func (k *workers) land(client uint32, position int) (text string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	token, accepted, text, ok := k.outside.Land(client, position)
	if !ok {
		return "", false
	}
	k.landed++
	r := trace.Record{Kind: trace.Landed, Token: token, Accepted: accepted, Text: text}
	r.Op.Client = client
	if broken := k.fencing.Observe(nil, &r); broken != "" && k.broken == "" {
		k.broken = broken
	}
	return text, true
}

func work(_ context.Context, w *world, e *faults.Event) string {
	k := w.clients.workers
	if k.outside == nil {
		return noWorkers
	}
	text, ok := k.work(uint32(e.Client))
	if !ok {
		return unbelieved
	}
	w.say("c%d %s", e.Client, text)
	return happened
}

func land(_ context.Context, w *world, e *faults.Event) string {
	k := w.clients.workers
	if k.outside == nil {
		return noWorkers
	}
	text, ok := k.land(uint32(e.Client), int(e.K))
	if !ok {
		return noWrite
	}
	w.say("c%d %s", e.Client, text)
	return happened
}
