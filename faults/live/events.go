package live

import (
	"cmp"
	"context"
	"fmt"
	"syscall"
	"time"

	"raftcheck/faults"
	"raftcheck/faults/live/network"
	"raftcheck/raft"
)

// handlers carry out the kinds of event that a cluster of processes can have. Each returns
// the reason why the event changed nothing, "" if it happened.
var handlers map[faults.EventKind]func(context.Context, *world, *faults.Event) string

func init() {
	handlers = map[faults.EventKind]func(context.Context, *world, *faults.Event) string{
		faults.Run:     run,
		faults.Settle:  settle,
		faults.Heal:    heal,
		faults.Kill:    kill,
		faults.Crash:   crash,
		faults.Pause:   pause,
		faults.Resume:  resume,
		faults.Restart: restart,
		faults.Wipe:    wipe,
		faults.Cut:     onNetwork(cut),
		faults.Mend:    onNetwork(mend),
		faults.Slow:    onNetwork(slow),
		faults.Lossy:   onNetwork(lossy),
		faults.Lose:    onNetwork(lose),
		faults.Stall:   onDisk(stall),
		faults.Unstall: onDisk(unstall),
		faults.Fail:    onDisk(fail),
		faults.Fill:    onDisk(fill),
		faults.Free:    onDisk(free),
		faults.Call:    call,
		faults.Read:    call,
		faults.Abandon: abandon,
		faults.Load:    load,
		faults.Work:    work,
		faults.Land:    land,
	}
}

// Carries reports whether clusters of processes can have events of the kind.
func Carries(kind faults.EventKind) bool { return handlers[kind] != nil }

// The reasons why an event changes nothing.
const (
	happened   = ""
	simulated  = "only a simulation can carry it out"
	noLeader   = "no node leads"
	isDown     = "the node is down"
	isUp       = "the node runs"
	isWiped    = "the node's disk is gone"
	isPaused   = "the node is paused"
	notPaused  = "the node is not paused"
	noSandbox  = "there is no sandbox with links and disks of the nodes' own"
	noChange   = "it is so already"
	noWorkers  = "the service has no workers"
	waits      = "the client waits for an answer"
	doesNot    = "the client waits for no answer"
	unbelieved = "the worker does not believe that it may"
	noWrite    = "fewer writes of the worker are under way"
)

// apply carries out the next event.
func (w *world) apply(ctx context.Context, e faults.Event) {
	w.event.Add(1)
	text := e.String()
	if takesTime[e.Kind] {
		w.look()
	}
	why := simulated
	if e.Named() {
		e = e.Resolved(w.leader(ctx))
	}
	switch handler := handlers[e.Kind]; {
	case e.Named():
		why = noLeader
	case handler != nil:
		why = handler(ctx, w, &e)
	}
	if resolved := e.String(); resolved != text {
		text += ": " + resolved
	}
	if why != happened {
		text += ": ignored, " + why
	}
	w.noted(text, why != happened)
}

// takesTime are the kinds of event that last: a page shows where they begin.
var takesTime = map[faults.EventKind]bool{faults.Run: true, faults.Settle: true, faults.Heal: true}

func (w *world) node(e *faults.Event) *node { return w.nodes[e.Node] }

func run(ctx context.Context, w *world, e *faults.Event) string {
	w.pass(ctx, e.K)
	return happened
}

// settle waits until every client that was called has its answer.
func settle(ctx context.Context, w *world, _ *faults.Event) string {
	w.clients.settle(ctx)
	return happened
}

// kill ends a process. Its machine keeps the writes that were not synced.
func kill(_ context.Context, w *world, e *faults.Event) string {
	if !w.node(e).running() {
		return w.node(e).absent()
	}
	w.watch.took(int(e.Node))
	w.stop(w.node(e), func() {})
	return happened
}

// absent is the reason why a node does not run.
func (n *node) absent() string {
	if n.wiped {
		return isWiped
	}
	return isDown
}

// crash cuts the power of a node's machine: it loses the writes that were not synced. The
// process stands still before the disk dies, so that no fsync under way is answered.
func crash(ctx context.Context, w *world, e *faults.Event) string {
	if !w.node(e).running() {
		return w.node(e).absent()
	}
	if w.ground.net == nil {
		return kill(ctx, w, e)
	}
	d := w.ground.disks[e.Node]
	w.watch.took(int(e.Node))
	w.stop(w.node(e), d.Die)
	lost, err := d.CutPower()
	if err != nil {
		return err.Error()
	}
	n := w.node(e)
	n.mu.Lock()
	n.lost = lost
	n.mu.Unlock()
	w.say("n%d loses %d writes that were not synced", e.Node, lost)
	return happened
}

func pause(_ context.Context, w *world, e *faults.Event) string {
	n := w.node(e)
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case !n.up:
		return n.absent()
	case n.paused:
		return isPaused
	}
	n.process.signal(syscall.SIGSTOP)
	n.paused = true
	w.watch.took(n.ID)
	return happened
}

func resume(_ context.Context, w *world, e *faults.Event) string {
	n := w.node(e)
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.paused {
		return notPaused
	}
	n.process.signal(syscall.SIGCONT)
	n.paused = false
	return happened
}

func restart(_ context.Context, w *world, e *faults.Event) string {
	n := w.node(e)
	switch {
	case n.running():
		return isUp
	case n.wiped:
		return isWiped
	}
	if w.ground.net != nil {
		w.ground.disks[e.Node].Fail(0)
	}
	if err := w.boot(n); err != nil {
		return err.Error()
	}
	return happened
}

// wipe takes a node and its disk away for good.
func wipe(_ context.Context, w *world, e *faults.Event) string {
	n := w.node(e)
	if n.wiped {
		return isWiped
	}
	w.stop(n, func() {})
	n.mu.Lock()
	n.wiped = true
	n.mu.Unlock()
	if err := w.ground.wipe(n.ID); err != nil {
		return err.Error()
	}
	return happened
}

// onNetwork is a handler of events at links.
func onNetwork(f func(*world, *faults.Event)) func(context.Context, *world, *faults.Event) string {
	return func(_ context.Context, w *world, e *faults.Event) string {
		if w.links == nil {
			return noSandbox
		}
		f(w, e)
		return happened
	}
}

func cut(w *world, e *faults.Event) {
	apart := func(from, to int) bool {
		g, h := e.Groups[from], e.Groups[to]
		return g != 0 && h != 0 && g != h || int(e.Node) == from && int(e.Peer) == to
	}
	for from := 1; from <= w.schedule.Nodes; from++ {
		for to := 1; to <= w.schedule.Nodes; to++ {
			if from != to && apart(from, to) {
				w.links.Fault(from, to, func(l *network.Link) { l.Cut = true })
			}
		}
	}
}

func mend(w *world, e *faults.Event) {
	if e.Node == raft.None {
		w.links.Heal()
		return
	}
	w.fault(e, func(l *network.Link) { *l = network.Link{} })
}

func slow(w *world, e *faults.Event) {
	w.fault(e, func(l *network.Link) { l.Delay = time.Duration(e.K) * w.tick })
}

func lossy(w *world, e *faults.Event) { w.fault(e, func(l *network.Link) { l.Lossy = int(e.K) }) }

func lose(w *world, e *faults.Event) { w.links.Lose(int(e.Node), int(e.Peer)) }

func (w *world) fault(e *faults.Event, change func(*network.Link)) {
	w.links.Fault(int(e.Node), int(e.Peer), change)
}

// onDisk is a handler of events at disks, which reports whether it changed anything.
func onDisk(f func(*world, *faults.Event) bool) func(context.Context, *world, *faults.Event) string {
	return func(_ context.Context, w *world, e *faults.Event) string {
		switch {
		case w.ground.net == nil:
			return noSandbox
		case !f(w, e):
			return noChange
		}
		return happened
	}
}

func stall(w *world, e *faults.Event) bool   { return w.ground.disks[e.Node].Stall() }
func unstall(w *world, e *faults.Event) bool { return w.ground.disks[e.Node].Unstall() }

// fail makes every write and fsync of a node fail until it boots again.
func fail(w *world, e *faults.Event) bool {
	n := w.node(e)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.excused = true
	w.ground.disks[e.Node].Fail(syscall.EIO)
	return n.up
}

// fill makes every write of a node fail for want of room, after a restart too.
func fill(w *world, e *faults.Event) bool {
	n := w.node(e)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.full, n.excused = true, true
	return w.ground.disks[e.Node].Fill()
}

func free(w *world, e *faults.Event) bool {
	n := w.node(e)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.full = false
	return w.ground.disks[e.Node].Free()
}

// heal ends every fault, and waits until the cluster works. With a bound, a cluster that
// does not is a violation of Liveness.
func heal(ctx context.Context, w *world, e *faults.Event) string {
	w.clients.setLoad(0)
	w.endFaults(ctx)
	bound := healTime
	if e.K > 0 {
		bound = time.Duration(e.K) * w.tick
	}
	began := time.Now()
	err := w.works(ctx, bound)
	took := time.Since(began)
	switch {
	case ctx.Err() != nil:
	case err == nil:
		w.say("the cluster works %.2f s after the last fault", took.Seconds())
		w.healed = append(w.healed, nil)
	case e.K > 0:
		w.unhealed = cmp.Or(w.unhealed, time.Since(w.begun))
		w.healed = append(w.healed, fmt.Errorf("%v after the last fault %w", bound, err))
	}
	return happened
}

// healTime bounds the wait for a cluster without a promise.
const healTime = 60 * time.Second

// endFaults ends every fault, and starts every node that is down.
func (w *world) endFaults(ctx context.Context) {
	if w.links != nil {
		w.links.Heal()
	}
	for _, n := range w.nodes[1:] {
		e := &faults.Event{Node: raft.NodeID(n.ID)}
		if w.ground.net != nil {
			w.ground.disks[n.ID].Unstall()
			w.ground.disks[n.ID].Fail(0)
			free(w, e)
		}
		resume(ctx, w, e)
		restart(ctx, w, e)
	}
}
