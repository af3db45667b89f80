package live

import (
	"context"
	"slices"
	"sync"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/page"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// workers are the clients of a service with a world outside, such as the database that
// one worker at a time may write to. The zero workers have none.
type workers struct {
	world *world

	mu       sync.Mutex
	outside  service.Outside
	fencing  models.Fencing
	landed   int
	broken   string // the violation of Fencing
	brokenAt time.Duration
	acts     []page.LiveAct   // in the order of their sending
	under    map[uint32][]int // of each worker, its writes under way among them, oldest first
}

func newWorkers(w *world) *workers {
	k := &workers{world: w, under: map[uint32][]int{}}
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
	k.land(uint32(c.id), 0, false)
	k.work(uint32(c.id), false)
}

func (k *workers) work(client uint32, byHand bool) (text string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	token, text, ok := k.outside.Work(client, k.world.now())
	if ok {
		k.under[client] = append(k.under[client], len(k.acts))
		k.acts = append(k.acts, page.LiveAct{
			Client: int(client), Token: token, Sent: time.Since(k.world.begun), Landed: -1, Text: text, ByHand: byHand,
		})
	}
	return text, ok
}

// land lets a write reach the database, and judges it.
func (k *workers) land(client uint32, position int, byHand bool) (text string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	token, accepted, text, ok := k.outside.Land(client, position)
	if !ok {
		return "", false
	}
	k.landed++
	now := time.Since(k.world.begun)
	a := &k.acts[k.under[client][position]]
	k.under[client] = slices.Delete(k.under[client], position, position+1)
	a.Landed, a.Accepted, a.Text, a.ByHand = now, accepted, text, a.ByHand || byHand
	r := trace.Record{Kind: trace.Landed, Token: token, Accepted: accepted, Text: text}
	r.Op.Client = client
	if broken := k.fencing.Observe(nil, &r); broken != "" && k.broken == "" {
		k.broken, k.brokenAt = broken, now
	}
	return text, true
}

func work(_ context.Context, w *world, e *faults.Event) string {
	k := w.clients.workers
	if k.outside == nil {
		return noWorkers
	}
	text, ok := k.work(uint32(e.Client), true)
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
	text, ok := k.land(uint32(e.Client), int(e.K), true)
	if !ok {
		return noWrite
	}
	w.say("c%d %s", e.Client, text)
	return happened
}
