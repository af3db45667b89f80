package live

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"raftcheck/faults"
	"raftcheck/faults/live/network"
	"raftcheck/fuzz/page"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// DefaultTick is how long a tick lasts if the schedule does not say.
const DefaultTick = 10 * time.Millisecond

// world is a cluster of server processes during one run.
type world struct {
	server   Server
	schedule *faults.Schedule
	ground   *ground
	links    *network.Links // nil if links have no faults here
	wiring   Wiring         // nil if the nodes have sockets
	tick     time.Duration
	begun    time.Time
	nodes    []*node // node i at position i; none at 0
	watch    *watch

	event atomic.Int64 // the last one of the schedule that began, counted from 1

	mu       sync.Mutex
	timeline []Moment
	sights   []page.Sight
	deaths   []Moment      // of processes that no event ended
	healed   []error       // of each heal with a bound, and of those without that worked
	unhealed time.Duration // when the first of them came to nothing

	clients *clients
}

// node is a server's process with its machine.
type node struct {
	Node
	mu      sync.Mutex
	process *process // the last one
	up      bool     // the schedule has not ended it
	paused  bool
	wiped   bool
	full    bool // its disk is full
	excused bool // its disk failed or was full, so that its process may end
	lost    int  // writes that its last loss of power took away
	log     journal
}

// Moment is something that happened during a run.
type Moment struct {
	At   time.Duration // since the run began
	Text string
}

// String returns the moment on a line.
func (m Moment) String() string { return fmt.Sprintf("%8.3fs  %s", m.At.Seconds(), m.Text) }

// say adds a moment to the timeline.
func (w *world) say(format string, args ...any) { w.noted(fmt.Sprintf(format, args...), false) }

// noted adds a moment to the timeline, and the cluster as it is then.
func (w *world) noted(text string, ignored bool) {
	s := w.sight(text)
	s.Ignored = ignored
	w.mu.Lock()
	defer w.mu.Unlock()
	s.At = time.Since(w.begun)
	w.timeline = append(w.timeline, Moment{s.At, text})
	w.sights = append(w.sights, s)
}

// now is the time in ticks.
func (w *world) now() uint64 { return uint64(time.Since(w.begun) / w.tick) }

// newWorld starts the cluster of a schedule, and waits until it works. After an error
// nothing runs.
func newWorld(ctx context.Context, server Server, s *faults.Schedule, plain bool) (*world, error) {
	g, err := newGround(s.Nodes, plain)
	if err != nil {
		return nil, err
	}
	w := &world{server: server, schedule: s, ground: g, tick: DefaultTick, begun: time.Now()}
	w.wire()
	if s.TickMillis > 0 {
		w.tick = time.Duration(s.TickMillis) * time.Millisecond
	}
	w.nodes = []*node{nil}
	for id := 1; id <= s.Nodes; id++ {
		w.nodes = append(w.nodes, &node{Node: Node{
			ID: id, Dir: g.nodeDir(id), Addr: g.addrs[id-1], Addrs: g.addrs,
		}})
	}
	w.clients, w.watch = newClients(w), newWatch(w)
	for _, n := range w.nodes[1:] {
		if err := w.boot(n); err != nil {
			w.close()
			return nil, err
		}
	}
	if err := w.works(ctx, server.BootTime()); err != nil {
		err = fmt.Errorf("no cluster after %v: %w\n%s", server.BootTime(), err, w.lastLines(5))
		w.close()
		return nil, err
	}
	w.watch.begin(ctx)
	w.say("the cluster works")
	return w, nil
}

// wire finds the links of the cluster.
func (w *world) wire() {
	if w.ground.net != nil {
		w.links = &w.ground.net.Links
	}
	if wired, ok := w.server.(Wired); ok {
		w.wiring = wired.Wire(w.schedule.Nodes)
		w.server, w.links = w.wiring, w.wiring.Links()
	}
}

// boot starts the process of a node.
func (w *world) boot(n *node) error {
	cmd, err := w.server.Command(n.Node)
	if err != nil {
		return fmt.Errorf("n%d: %w", n.ID, err)
	}
	p, err := startProcess(cmd, &n.log, func(cmd *exec.Cmd) error { return w.ground.start(n.ID, cmd) })
	if err != nil {
		return fmt.Errorf("n%d: %w", n.ID, err)
	}
	n.mu.Lock()
	n.process, n.up, n.paused, n.excused, n.lost = p, true, false, n.full, 0
	n.mu.Unlock()
	go w.mourn(n, p)
	return nil
}

// mourn waits for the end of a process, and notes it if no event ended it.
func (w *world) mourn(n *node, p *process) {
	<-p.exited
	n.mu.Lock()
	died := n.up && n.process == p
	unexpected := died && !n.excused
	if died {
		n.up = false
	}
	n.mu.Unlock()
	if died {
		w.say("n%d ended by itself: %v", n.ID, p.cmd.ProcessState)
	}
	if !unexpected {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaths = append(w.deaths, Moment{time.Since(w.begun),
		fmt.Sprintf("n%d ended by itself (%v): %s", n.ID, p.cmd.ProcessState, n.log.reason())})
}

// stop ends the process of a node, after before is called while it stands still.
func (w *world) stop(n *node, before func()) {
	n.mu.Lock()
	p := n.process
	n.up, n.paused = false, false
	n.mu.Unlock()
	if p == nil {
		return
	}
	p.signal(syscall.SIGSTOP)
	before()
	if w.ground.net != nil && w.ground.disks[n.ID].Unstall() {
		defer w.ground.disks[n.ID].Stall() // an fsync that hangs keeps the process from ending
	}
	p.kill()
}

// running reports whether a node's process runs, paused or not.
func (n *node) running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.up
}

// gone reports whether a node's disk is gone for good.
func (n *node) gone() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.wiped
}

// awake reports whether a node's process runs and is not paused.
func (n *node) awake() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.up && !n.paused
}

// works waits until a linearizable read is answered at every node that is not wiped.
func (w *world) works(ctx context.Context, within time.Duration) error {
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	failed := make([]error, len(w.nodes))
	var asking sync.WaitGroup
	for _, n := range w.nodes[1:] {
		if !n.wiped {
			asking.Go(func() { failed[n.ID] = w.serves(ctx, n) })
		}
	}
	asking.Wait()
	for id, err := range failed {
		if err != nil {
			return fmt.Errorf("n%d does not serve: %w", id, err)
		}
	}
	return nil
}

// askAgain is the time between two questions to a node that does not answer yet.
const askAgain = 20 * time.Millisecond

// serves asks a node for a linearizable read until it answers.
func (w *world) serves(ctx context.Context, n *node) error {
	for {
		asked, stop := context.WithTimeout(ctx, time.Second)
		err := w.server.Serves(asked, n.Node)
		stop()
		switch {
		case err == nil:
			return nil
		case !n.running() && n.process != nil && n.process.gone():
			return fmt.Errorf("its process ended: %w", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(askAgain):
		}
	}
}

// pass lets time pass, unless ctx ends first.
func (w *world) pass(ctx context.Context, ticks int32) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(ticks) * w.tick):
	}
}

// leader is the node that leads, by its own account; of several the one of the latest
// term. If none says so it asks again for a while.
func (w *world) leader(ctx context.Context) raft.NodeID {
	for asked := time.Now(); time.Since(asked) < leaderTime && ctx.Err() == nil; {
		if id := w.leading(ctx); id != raft.None {
			return id
		}
		w.pass(ctx, 1)
	}
	return raft.None
}

// leading asks every node that is awake, once.
func (w *world) leading(ctx context.Context) raft.NodeID {
	ctx, stop := context.WithTimeout(ctx, statusTimeout)
	defer stop()
	var mu sync.Mutex
	var asking sync.WaitGroup
	found, latest := raft.None, uint64(0)
	for _, n := range w.nodes[1:] {
		if !n.awake() {
			continue
		}
		asking.Go(func() {
			s, err := w.server.Status(ctx, n.Node)
			mu.Lock()
			defer mu.Unlock()
			if err == nil && s.Leads && (found == raft.None || s.Term > latest) {
				found, latest = raft.NodeID(n.ID), s.Term
			}
		})
	}
	asking.Wait()
	return found
}

// How long nodes are asked for their status: one of them, and all until one leads.
const (
	statusTimeout = 500 * time.Millisecond
	leaderTime    = 2 * time.Second
)

// lastLines has the last lines of every node's log.
func (w *world) lastLines(most int) string {
	var b strings.Builder
	for _, n := range w.nodes[1:] {
		for _, line := range n.log.lines(most) {
			fmt.Fprintf(&b, "    n%d: %s\n", n.ID, line)
		}
	}
	return b.String()
}

// service is the service of the schedule's clients.
func (w *world) service() service.Service { return w.schedule.Service }

// close ends everything. It leaves nothing behind.
func (w *world) close() error {
	w.clients.close()
	w.watch.close()
	for _, n := range w.nodes[1:] {
		w.stop(n, func() {})
	}
	if w.wiring != nil {
		w.wiring.Close()
	}
	return w.ground.close()
}
