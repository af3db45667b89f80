package reference

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// trio is a cluster of three whose messages and writes are handed on at once
// and without copies; node 1 leads. It allocates nothing of its own.
type trio struct {
	nodes [4]*Node
	tick  raft.Tick
	data  [16]byte
	steps int
}

func newTrio(t testing.TB) *trio {
	c := &trio{}
	for id := raft.NodeID(1); id <= 3; id++ {
		c.nodes[id] = bootNode(t, id, 3)
	}
	c.step(1, &raft.Timeout{})
	require.Equal(t, raft.Leader, c.nodes[1].role)
	return c
}

// step passes id an input, and delivers every message that follows from it. A
// node's output ends with its next step, so the messages are delivered from copies
// that live in mailboxes of their own.
func (c *trio) step(id raft.NodeID, in raft.Input) {
	c.steps++
	n := c.nodes[id]
	c.deliver(n.Step(in))
	if n.disk.durable < n.disk.issued {
		c.steps++
		p := persistedPool.take()
		p.ID = n.disk.issued
		c.deliver(n.Step(p))
		persistedPool.give(p)
	}
}

func (c *trio) deliver(out raft.Output) {
	r := receivedPool.take()
	r.collect(out)
	c.hand(r)
}

func (r *mail) collect(out raft.Output) {
	for _, m := range out.Sends {
		start := len(r.bytes)
		r.bytes = append(r.bytes, m.Payload...)
		m.Payload = r.bytes[start:]
		r.batch = append(r.batch, raft.Receive{Msg: m})
	}
}

func (c *trio) hand(r *mail) {
	for i := range r.batch {
		c.step(r.batch[i].Msg.To, &r.batch[i])
	}
	r.batch, r.bytes = r.batch[:0], r.bytes[:0]
	receivedPool.give(r)
}

// mail is messages on their way.
type mail struct {
	batch []raft.Receive
	bytes []byte
}

// pool keeps what one recursion of deliver needs for the next.
type pool[T any] struct{ free []*T }

func (p *pool[T]) take() *T {
	if len(p.free) == 0 {
		return new(T)
	}
	v := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return v
}

func (p *pool[T]) give(v *T) { p.free = append(p.free, v) }

var (
	receivedPool  pool[mail]
	persistedPool pool[raft.Persisted]
)

func (c *trio) heartbeat() {
	for range HeartbeatTicks {
		c.step(1, &c.tick)
	}
}

// commit proposes batch entries; all are committed at the leader afterwards.
func (c *trio) commit(t testing.TB, batch int, in *raft.Propose) {
	for range batch {
		c.step(1, in)
	}
	if c.nodes[1].commit != c.nodes[1].log.lastIndex() {
		t.Fatal("not all entries are committed")
	}
}

// commitBatch proposes a batch before any message of it is delivered: as many
// go out as the window allows, and the answers bring the rest.
func (c *trio) commitBatch(t testing.TB, batch int, in *raft.Propose) {
	n, r := c.nodes[1], receivedPool.take()
	for range batch {
		r.collect(n.Step(in))
		c.steps++
	}
	c.step(1, &raft.Persisted{ID: n.disk.issued})
	c.hand(r)
	if n.commit != n.log.lastIndex() {
		t.Fatal("not all entries are committed")
	}
}

func TestStep_allocatesNothingInSteadyState(t *testing.T) {
	c := newTrio(t)
	in := &raft.Propose{Data: c.data[:]}
	for range 5000 {
		c.commit(t, 1, in)
	}
	require.Zero(t, testing.AllocsPerRun(200, c.heartbeat), "heartbeats")
	for _, n := range c.nodes[1:] { // room in the logs: their growth is amortised
		n.log.arena = append(make([]byte, 0, 1<<20), n.log.arena...)
		n.log.slots = append(make([]slot, 0, 1<<16), n.log.slots...)
	}
	require.Zero(t, testing.AllocsPerRun(200, func() { c.commit(t, 1, in) }), "proposals")

	read := &raft.Read{}
	c.step(1, read)
	require.Zero(t, testing.AllocsPerRun(200, func() { c.step(1, read) }), "reads")
	read.Lease = true
	require.Zero(t, testing.AllocsPerRun(200, func() { c.step(2, read) }), "reads at a follower")

	n := bootNode(t, 1, 3, diskWithLog(1, 1, 1, 1)...)
	refused := &raft.Receive{Msg: raft.Message{From: 2, To: 1,
		Payload: new(appendRequest(1, at(1, 9), 0, 1)).append(nil)}}
	require.Zero(t, testing.AllocsPerRun(100, func() { n.Step(refused) }), "refusals")
	vote := &raft.Receive{Msg: raft.Message{From: 2, To: 1, Payload: voteRequestBytes()}}
	require.Zero(t, testing.AllocsPerRun(100, func() { n.Step(vote) }), "votes")
	preVote := &raft.Receive{Msg: raft.Message{From: 2, To: 1,
		Payload: new(preVoteRequest(1, at(1, 3))).append(nil)}}
	require.Zero(t, testing.AllocsPerRun(100, func() { n.Step(preVote) }), "pre-votes")
}

func BenchmarkStep(b *testing.B) {
	follower := bootNode(b, 1, 3, diskWithLog(1, 1, 1, 1)...)
	leader := leaderOf(b, 3)
	receive(leader, 2, appendMatches(1, 1))
	for name, bench := range map[string]struct {
		node *Node
		m    message
	}{
		"empty append": {follower, appendRequest(1, at(1, 3), 3)},
		"ack":          {leader, appendMatches(1, 1)},
	} {
		b.Run(name, func(b *testing.B) {
			in := &raft.Receive{Msg: raft.Message{From: 2, To: 1, Payload: bench.m.append(nil)}}
			b.ReportAllocs()
			for b.Loop() {
				bench.node.Step(in)
			}
		})
	}
}

func BenchmarkHeartbeatRound(b *testing.B) {
	c := newTrio(b)
	b.ReportAllocs()
	for b.Loop() {
		c.heartbeat()
	}
}

// BenchmarkCommit is propose, replicate and commit, entry by entry (every
// message delivered) and in batches (as a loaded cluster does).
func BenchmarkCommit(b *testing.B) {
	for _, batch := range []int{1, 64} {
		b.Run(fmt.Sprint("batch=", batch), func(b *testing.B) {
			c := newTrio(b)
			in := &raft.Propose{Data: c.data[:]}
			b.ReportAllocs()
			for b.Loop() {
				if c.nodes[1].log.lastIndex() > 1<<16 { // or the growth of the logs is all that is measured
					b.StopTimer()
					c = newTrio(b)
					b.StartTimer()
				}
				if batch == 1 {
					c.commit(b, 1, in)
				} else {
					c.commitBatch(b, batch, in)
				}
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// grown is a leader with a log of so many entries, and its disk.
func grown(b *testing.B, entries int) (*Node, [][]byte) {
	n := bootNode(b, 1, 1)
	var disk [][]byte
	keep := func(out raft.Output) {
		for _, w := range out.Writes {
			disk = append(disk, bytes.Clone(w.Data))
		}
	}
	keep(timeout(n))
	keep(persist(n))
	for range entries {
		keep(n.Step(&raft.Propose{Data: make([]byte, 16)}))
		keep(persist(n))
	}
	return n, disk
}

func BenchmarkClone(b *testing.B) {
	for _, entries := range []int{10, 1000} {
		n, _ := grown(b, entries)
		b.Run(fmt.Sprint("entries=", entries), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n.Clone()
			}
		})
	}
}

func BenchmarkAppendState(b *testing.B) {
	for _, entries := range []int{10, 1000} {
		n, _ := grown(b, entries)
		b.Run(fmt.Sprint("entries=", entries), func(b *testing.B) {
			var state []byte
			b.ReportAllocs()
			for b.Loop() {
				state = n.AppendState(state[:0])
			}
		})
	}
}

func BenchmarkBoot(b *testing.B) {
	_, disk := grown(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bootDisk(disk); err != nil {
			b.Fatal(err)
		}
	}
}
