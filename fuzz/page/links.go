package page

import (
	"slices"
	"strings"

	"raftcheck/faults"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// links is the messages under way, as the world has them.
type links struct {
	queues [][][]int // by sender and receiver: messages, oldest first
	held   [][]waiting
	issued []raft.WriteID // of each node, its last write
	cut    []raft.NodeSet
	delay  [][]int
	slowed bool // a delay changed in the open step
	lost   int  // records of lost messages in the open step
}

// waiting is a message that leaves once a write is durable.
type waiting struct {
	message int
	after   raft.WriteID
}

func newLinks(nodes int) links {
	l := links{
		queues: make([][][]int, nodes+1), held: make([][]waiting, nodes+1), delay: make([][]int, nodes+1),
		issued: make([]raft.WriteID, nodes+1), cut: make([]raft.NodeSet, nodes+1),
	}
	for i := range l.queues {
		l.queues[i], l.delay[i] = make([][]int, nodes+1), make([]int, nodes+1)
	}
	return l
}

// The room of the world's links and of nodes that hold messages back (package faults).
const (
	linkRoom = 64
	heldRoom = 1024
)

// sent adds the messages that a step made, and those that left in it.
func (l *links) sent(r *recorder, rec *trace.Record) {
	id := int(rec.Node)
	if in, failed := rec.Input.(*raft.PersistFailed); failed {
		l.issued[id] = in.ID - 1
	}
	for i := range rec.Out.Writes {
		if rec.Out.Writes[i].ID != l.issued[id]+1 {
			return // a breach of the contract, at which the world stops
		}
		l.issued[id]++
	}
	left := 0
	l.held[id] = slices.DeleteFunc(l.held[id], func(w waiting) bool {
		leaves := w.after <= rec.Durable
		if leaves {
			l.leave(r, w.message)
			left++
		}
		return leaves
	})
	for i := range rec.Out.Sends {
		m := &rec.Out.Sends[i]
		if m.From != rec.Node || m.To == rec.Node || !r.world.All().Has(m.To) || m.After > l.issued[id] {
			break // another one
		}
		number := r.message(m)
		switch {
		case m.After <= rec.Durable:
			l.leave(r, number)
			left++
		case len(l.held[id]) == heldRoom:
			r.run.Messages[number].finish(r.now(), Spilled)
		default:
			l.held[id] = append(l.held[id], waiting{number, m.After})
		}
	}
	if left != len(rec.Released) {
		panic("the page and the world differ in the messages that leave a node")
	}
}

// message adds a message that a node made.
func (r *recorder) message(m *raft.Message) int {
	made := Message{
		From: int(m.From), To: int(m.To), Kind: r.word(trace.OneLine(m.Kind)), Text: r.word(r.describe(m)),
		Made: r.now(), Left: -1, End: -1, Fate: Held,
	}
	if p := m.Promise; p != (raft.Promise{}) {
		made.Promise = []uint64{uint64(p.Term), uint64(p.Vote), uint64(p.Last.Term), uint64(p.Last.Index)}
	}
	r.run.Messages = append(r.run.Messages, made)
	return len(r.run.Messages) - 1
}

// describe describes a message in the words of the system, or by its kind.
func (r *recorder) describe(m *raft.Message) (text string) {
	defer func() {
		if p := recover(); p != nil || r.reader == nil {
			text = trace.OneLine(m.Kind)
		}
	}()
	if r.reader != nil {
		text = strings.TrimSpace(trace.OneLine(r.reader.DescribeMessage(*m)))
	}
	return text
}

// leave puts a message on its link, unless that is full.
func (l *links) leave(r *recorder, number int) {
	m := &r.run.Messages[number]
	m.Left, m.Fate = r.now(), OnItsWay
	q := &l.queues[m.From][m.To]
	if len(*q) == linkRoom {
		m.finish(r.now(), Spilled)
		return
	}
	*q = append(*q, number)
}

func (m *Message) finish(step int, fate Fate) { m.End, m.Fate = step, fate }

// carriedOut moves the messages that a plain event was about.
func (l *links) carriedOut(r *recorder, e faults.Event) {
	switch e.Kind {
	case faults.Deliver:
		number := l.take(r, e)
		fate := Arrived
		if l.lost > 0 && r.step.Node == int(e.Node) {
			fate, r.step.Node = ReachedNo, int(e.Peer)
		} else {
			r.step.Received = number + 1
		}
		r.run.Messages[number].finish(r.now(), fate)
	case faults.Drop:
		r.run.Messages[l.take(r, e)].finish(r.now(), Dropped)
	case faults.Lose:
		for len(l.queues[e.Node][e.Peer]) > 0 {
			r.run.Messages[l.take(r, e)].finish(r.now(), Dropped)
		}
	case faults.Duplicate:
		l.double(r, e)
	case faults.Slow:
		l.delay[e.Node][e.Peer], l.slowed = int(e.K), true
	case faults.Mend:
		l.mend(e)
	}
	l.lost = 0
}

// take removes the message at position K of a link.
func (l *links) take(r *recorder, e faults.Event) int {
	q := &l.queues[e.Node][e.Peer]
	number := (*q)[e.K]
	if e.Kind == faults.Deliver {
		for _, earlier := range (*q)[:e.K] {
			r.run.Messages[earlier].Overrun = true
		}
	}
	*q = slices.Delete(*q, int(e.K), int(e.K)+1)
	return number
}

// double adds a copy of a message to the end of its link.
func (l *links) double(r *recorder, e faults.Event) {
	q := &l.queues[e.Node][e.Peer]
	twin := r.run.Messages[(*q)[e.K]]
	twin.CopyOf, twin.Made, twin.Left, twin.Overrun = (*q)[e.K]+1, r.now(), r.now(), false
	*q = append(*q, len(r.run.Messages))
	r.run.Messages = append(r.run.Messages, twin)
}

func (l *links) mend(e faults.Event) {
	l.slowed = true
	if e.Node != raft.None {
		l.delay[e.Node][e.Peer] = 0
		return
	}
	for i := range l.delay {
		clear(l.delay[i])
	}
}

// stopped forgets the messages that a node held back.
func (l *links) stopped(r *recorder, id int) {
	for _, w := range l.held[id] {
		r.run.Messages[w.message].finish(r.now(), NeverLeft)
	}
	l.held[id], l.issued[id] = l.held[id][:0], 0
}

// changed adds to a step the links that are cut or slow, if that changed.
func (l *links) changed(r *recorder, step *Step) {
	if slices.ContainsFunc(r.all(), func(id int) bool { return l.cut[id] != r.world.Cut(raft.NodeID(id)) }) {
		step.Cuts = &[]Link{}
		for _, from := range r.all() {
			l.cut[from] = r.world.Cut(raft.NodeID(from))
			for to := range l.cut[from].All() {
				*step.Cuts = append(*step.Cuts, Link{From: from, To: int(to)})
			}
		}
	}
	if !l.slowed {
		return
	}
	l.slowed = false
	step.Slow = &[]Link{}
	for from := range l.delay {
		for to, ticks := range l.delay[from] {
			if ticks > 0 {
				*step.Slow = append(*step.Slow, Link{From: from, To: to, Ticks: ticks})
			}
		}
	}
}

// all is the nodes of the cluster.
func (r *recorder) all() []int {
	ids := make([]int, r.schedule.Nodes)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}
