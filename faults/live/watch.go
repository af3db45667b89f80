package live

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The time between two looks at every node: usually, and while no node leads.
const (
	watchEvery = 200 * time.Millisecond
	watchClose = 10 * time.Millisecond
)

// watch looks at the nodes as the run goes on. It feeds the timeline with changes of the
// leader, and people with a line and metrics. No verdict depends on it.
type watch struct {
	world *world
	end   context.CancelFunc
	done  sync.WaitGroup

	mu     sync.Mutex
	views  []view // of node i at position i
	leader int    // the last one that was seen; 0 before the first
	term   uint64
	gone   time.Time       // when an event took the leader away; zero while it is there
	next   []time.Duration // from then to the next leader
}

// view is the last account of a node.
type view struct {
	Status
	answered bool // the last question
}

func newWatch(w *world) *watch {
	return &watch{world: w, end: func() {}, views: make([]view, len(w.nodes))}
}

// begin looks at every node, and then again and again until close.
func (h *watch) begin(ctx context.Context) {
	var first sync.WaitGroup
	for _, n := range h.world.nodes[1:] {
		first.Go(func() { h.ask(ctx, n) })
	}
	first.Wait()
	ctx, h.end = context.WithCancel(context.Background())
	for _, n := range h.world.nodes[1:] {
		h.done.Go(func() { h.follow(ctx, n) })
	}
}

// follow looks at one node until the watch ends.
func (h *watch) follow(ctx context.Context, n *node) {
	for ctx.Err() == nil {
		h.ask(ctx, n)
		select {
		case <-ctx.Done():
		case <-time.After(h.pause()):
		}
	}
}

// ask looks at a node once.
func (h *watch) ask(ctx context.Context, n *node) {
	if !n.awake() {
		h.saw(n.ID, Status{}, false)
		return
	}
	ctx, stop := context.WithTimeout(ctx, statusTimeout)
	defer stop()
	s, err := h.world.server.Status(ctx, n.Node)
	h.saw(n.ID, s, err == nil)
}

// pause is the time until the next look.
func (h *watch) pause() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone.IsZero() {
		return watchEvery
	}
	return watchClose
}

// took notes that an event took a node away, which matters if it leads.
func (h *watch) took(id int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id == h.leader && h.gone.IsZero() {
		h.gone = time.Now()
	}
}

// saw takes in a look at a node.
func (h *watch) saw(id int, s Status, answered bool) {
	h.mu.Lock()
	v := &h.views[id]
	was, news := *v, ""
	if v.answered = answered; answered {
		v.Status = s
	} else {
		v.Leads = false
	}
	changed := *v != was
	if answered && s.Leads && s.Term >= h.term && (h.leader != id || h.term != s.Term) {
		if news = fmt.Sprintf("n%d leads term %d", id, s.Term); s.Term == 0 {
			news = fmt.Sprintf("n%d seems to lead", id)
		}
		if !h.gone.IsZero() {
			took := time.Since(h.gone)
			h.next = append(h.next, took)
			news += fmt.Sprintf(", %.2f s after n%d was taken away", took.Seconds(), h.leader)
		}
		h.leader, h.term, h.gone = id, s.Term, time.Time{}
	}
	h.mu.Unlock()
	switch {
	case news != "":
		h.world.say("%s", news)
	case changed:
		h.world.look()
	}
}

func (h *watch) close() {
	h.end()
	h.done.Wait()
}

// sights has the nodes' views and their leader at one moment.
func (h *watch) sights() ([]view, int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.views), h.leader
}

// furthest is how far the node has applied that has applied most.
func furthest(views []view) uint64 {
	return slices.MaxFunc(views, func(a, b view) int { return cmp.Compare(a.Applied, b.Applied) }).Applied
}

// line is the state of the cluster on one line.
func (h *watch) line() string {
	views, leader := h.sights()
	most := furthest(views)
	var b strings.Builder
	for _, n := range h.world.nodes[1:] {
		v := views[n.ID]
		fmt.Fprintf(&b, "n%d ", n.ID)
		switch {
		case n.gone():
			b.WriteString("wiped")
		case !n.running():
			b.WriteString("down")
		case !n.awake():
			b.WriteString("paused")
		case !v.answered:
			b.WriteString("silent")
		case v.Leads && n.ID == leader && v.Term == 0:
			b.WriteString("leads?")
		case v.Leads && n.ID == leader:
			fmt.Fprintf(&b, "leads t%d", v.Term)
		default:
			fmt.Fprintf(&b, "-%d", most-v.Applied)
		}
		b.WriteString(" | ")
	}
	c := h.world.clients
	c.mu.Lock()
	defer c.mu.Unlock()
	return b.String() + c.speed.String()
}

// speed counts operations.
type speed struct {
	done, unknown, refused int
	latencies              []time.Duration // of the last ones that were answered
	since                  time.Time
	recent                 int // answered since then
	rate                   float64
}

// latest is how many latencies are kept.
const latest = 1024

// add counts an operation.
func (s *speed) add(took time.Duration, unknown bool) {
	if unknown {
		s.unknown++
		return
	}
	s.done++
	s.recent++
	if len(s.latencies) < latest {
		s.latencies = append(s.latencies, took)
	} else {
		s.latencies[s.done%latest] = took
	}
	if s.since.IsZero() {
		s.since = time.Now()
	}
	if passed := time.Since(s.since); passed > time.Second {
		s.rate = float64(s.recent) / passed.Seconds()
		s.since, s.recent = time.Now(), 0
	}
}

// quantile is the latency that a part of the last operations did not exceed.
func (s *speed) quantile(q float64) time.Duration {
	if len(s.latencies) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.latencies))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// String says how fast clients are answered.
func (s *speed) String() string {
	return fmt.Sprintf("%.0f operations/s, %.1f ms (99%%: %.1f ms), %d unknown", s.rate,
		milliseconds(s.quantile(0.5)), milliseconds(s.quantile(0.99)), s.unknown)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
