package bubble

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
	"raftcheck/raft/bubble/sync"
)

// counter is a Raft whose goroutine works under a mutex once a tick, as a ticker does.
type counter struct {
	Peer
	mu       sync.Mutex
	ticks    int
	deadline time.Time
	stopped  bool
}

func (c *counter) run() {
	for {
		time.Sleep(Tick)
		c.mu.Lock()
		c.ticks++
		stopped := c.stopped || c.deadline.After(time.Now())
		c.mu.Unlock()
		if stopped {
			return
		}
	}
}

func (c *counter) Status() raft.Status {
	return raft.Status{Term: raft.Term(c.ticks)}
}

func (c *counter) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
}

// TestBoot_statusTakesNoLock: what a peer reads and writes at the bubble's root, without a
// lock, is ordered with what its goroutines do under one. Only the race detector sees it.
func TestBoot_statusTakesNoLock(t *testing.T) {
	core := newCore()
	c := &counter{}
	n := &Node{core: core, peer: c, tick: Tick}
	core.Do(func() { core.Go(c.run) }, n.look)
	for range 3 {
		n.Step(&raft.Tick{})
		core.Do(func() { c.deadline = time.Time{} }, n.look)
	}
	require.GreaterOrEqual(t, n.Status().Term, raft.Term(2))
	n.Stop()
	require.Empty(t, core.Left())
}
