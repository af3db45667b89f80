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
	slowed bool  // a delay or a loss changed in the open step
	left   []int // messages that left in the open step
	lost   int   // records of lost messages in the open step
}

// waiting is a message that leaves once a write is durable.
type waiting struct {
	message int
	after   raft.WriteID
}

func newLinks(nodes int) links {
	l := links{
		queues: make([][][]int, nodes+1), held: make([][]waiting, nodes+1),
		issued: make([]raft.WriteID, nodes+1), cut: make([]raft.NodeSet, nodes+1),
	}
	for i := range l.queues {
		l.queues[i] = make([][]int, nodes+1)
	}
	return l
}

// heldRoom is how many messages a node holds back (package faults).
const heldRoom = 1024

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
	l.enter(r, rec.Node)
}

// message adds a message that a node made.
func (r *recorder) message(m *raft.Message) int {
	made := Message{
		From: int(m.From), To: int(m.To), Kind: r.word(trace.OneLine(m.Kind)), Text: r.word(r.describe(m)),
		Made: r.now(), Left: -1, End: -1, Fate: Held, payload: trace.HashBytes(0, m.Payload),
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

// leave notes that a message left its sender.
func (l *links) leave(r *recorder, number int) {
	m := &r.run.Messages[number]
	m.Left, m.Fate = r.now(), OnItsWay
	l.left = append(l.left, number)
}

// enter puts the messages that left in a step on their links, as the world did: a full link
// loses a message, and a lossy one may lose or double it.
func (l *links) enter(r *recorder, from raft.NodeID) {
	for to := range r.world.All().All() {
		q := &l.queues[from][to]
		on := slices.DeleteFunc(slices.Clone(l.left), func(i int) bool { return r.run.Messages[i].To != int(to) })
		surplus := r.world.InFlight(from, to) - len(*q) - len(on)
		for _, number := range on {
			copies := 0
			for copies <= max(surplus, 0) && l.isNext(r, from, to, number) {
				if copies > 0 {
					number = r.twin(number)
					surplus--
				}
				*q = append(*q, number)
				copies++
			}
			if copies == 0 {
				r.run.Messages[number].finish(r.now(), Spilled)
				surplus++
			}
		}
	}
	l.left = l.left[:0]
}

// isNext reports whether a message is the next one of the world's link that the page lacks.
func (l *links) isNext(r *recorder, from, to raft.NodeID, number int) bool {
	next := len(l.queues[from][to])
	return next < r.world.InFlight(from, to) &&
		trace.HashBytes(0, r.world.Message(from, to, next).Payload) == r.run.Messages[number].payload
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
	case faults.Slow, faults.Lossy, faults.Mend:
		l.slowed = true
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
	*q = append(*q, r.twin((*q)[e.K]))
}

// twin adds a copy of a message, which leaves now.
func (r *recorder) twin(of int) int {
	twin := r.run.Messages[of]
	twin.CopyOf, twin.Made, twin.Left, twin.Overrun = of+1, r.now(), r.now(), false
	r.run.Messages = append(r.run.Messages, twin)
	return len(r.run.Messages) - 1
}

// stopped forgets the messages that a node held back.
func (l *links) stopped(r *recorder, id int) {
	for _, w := range l.held[id] {
		r.run.Messages[w.message].finish(r.now(), NeverLeft)
	}
	l.held[id], l.issued[id] = l.held[id][:0], 0
}

// changed adds to a step the links that are cut, slow or lossy, if that changed.
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
	if l.slowed {
		step.Slow = r.slowLinks()
	}
	l.slowed = false
}

// slowLinks are the links that are slow or lossy now.
func (r *recorder) slowLinks() *[]Link {
	list := []Link{}
	for from := range r.world.All().All() {
		for to := range r.world.All().All() {
			link := Link{int(from), int(to), r.world.Slowed(from, to), r.world.Lossy(from, to)}
			if link.Ticks > 0 || link.Lossy > 0 {
				list = append(list, link)
			}
		}
	}
	return &list
}

// all is the nodes of the cluster.
func (r *recorder) all() []int {
	ids := make([]int, r.schedule.Nodes)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}
