package models

import (
	"math/rand/v2"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// drift draws a random trace of a cluster that mostly follows Raft. It does so often enough
// that every checker has much to remember, and departs often enough that each checker
// finds violations.
type drift struct {
	*tape
	*rand.Rand
	view  trace.View
	shown int // the number of records that the view has
	term  raft.Term
	wiped raft.NodeSet
}

// randomTape draws a trace of so many acts of a cluster of three to five nodes.
func randomTape(seed uint64, acts int) *tape {
	r := rand.New(rand.NewPCG(seed, 0))
	n := 3 + r.IntN(3)
	d := &drift{tape: newTapeOf(n, 3), Rand: r, term: 1}
	d.view.Reset(d.all, d.first)
	for range acts {
		for ; d.shown < len(d.records); d.shown++ {
			d.view.Observe(&d.records[d.shown])
		}
		d.act(raft.NodeID(1 + r.IntN(n)))
	}
	return d.tape
}

// rarely is true with probability 1/n.
func (d *drift) rarely(n int) bool { return d.IntN(n) == 0 }

// act adds an action of a node, or a fault.
func (d *drift) act(id raft.NodeID) {
	p, n := &d.nodes[id], &d.view.Nodes[id]
	switch {
	case d.wiped.Has(id):
	case d.rarely(60):
		d.happen(id)
	case n.Stopped && !d.rarely(20):
		d.stop(id, p)
	case !n.Up:
		d.reboot(id, n)
	case d.rarely(3) && p.durable < p.written:
		d.persist(id, p.durable+1+raft.WriteID(d.IntN(int(p.written-p.durable))), d.says(id))
	case d.rarely(25):
		d.stop(id, p)
	case d.rarely(60):
		d.fail(id)
	case d.rarely(40):
		d.step(id, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}, Lease: true}, answers(1, raft.Done))
	case d.rarely(8) && p.status.Applied > 0 && int(p.status.Applied) <= len(p.log):
		d.hand(id, p)
	case id <= 3 && d.rarely(15) || d.term == 1:
		d.elect(id, p)
	default:
		d.work(id, p)
	}
}

// happen adds a record of something outside of Raft, and a write to the database.
func (d *drift) happen(id raft.NodeID) {
	switch d.IntN(7) {
	case 0:
		d.add(trace.Record{Kind: trace.Rotted, Node: id})
	case 1:
		if d.view.Nodes[id].Up && !d.rarely(10) {
			break
		}
		d.add(trace.Record{Kind: trace.BootFailed, Node: id, Text: "refused"})
	case 2:
		d.add(trace.Record{Kind: trace.Healed, Bound: 9,
			Stuck: [...]trace.Stuck{trace.Well, trace.Well, trace.NoQuorum, trace.NoLeader}[d.IntN(4)]})
	case 3:
		d.add(trace.Record{Kind: trace.Wiped, Node: id})
		d.wiped = d.wiped.With(id)
	case 4:
		in := raft.Reconfigure{Op: raft.OpID{Seq: uint32(len(d.records))}, Voters: raft.NodeSetOf(1, 2, 4)}
		if d.view.Nodes[id].Up && !d.view.Nodes[id].Stopped {
			d.step(id, &in)
			d.add(trace.Record{Kind: trace.Answered, Node: id, Op: in.Op, Outcome: raft.Outcome(d.IntN(3))})
		}
	case 5:
		if d.rarely(4) {
			d.add(trace.Record{Kind: trace.Panicked, Node: id, Text: "oops", Durable: d.nodes[id].durable})
		}
	}
	d.lands(uint32(1+d.IntN(3)), uint64(1+len(d.records)/20+d.IntN(2)), !d.rarely(3))
}

// stop crashes a node.
func (d *drift) stop(id raft.NodeID, p *player) {
	survive := p.durable + raft.WriteID(d.IntN(int(p.written-p.durable)+1))
	if survive < p.written && d.rarely(3) {
		d.tear(id, survive)
		return
	}
	d.crash(id, survive)
}

// reboot boots a node, mostly with the content of its disk.
func (d *drift) reboot(id raft.NodeID, n *trace.NodeView) {
	term, vote, log := n.Stored.Term, n.Stored.Vote, n.Stored.Log
	if e := n.Pending.Partial(); e != nil && !d.rarely(10) {
		term, vote = e.Term, e.Vote
		log = slices.Concat(log[:e.Kept], n.Pending.Entries[n.Pending.DoneEntries:][:e.Appended])
	}
	d.boot(id, func(p *player, _ *trace.Record) {
		p.status.Term, p.status.Vote = term, vote
		for i, l := range log {
			id := raft.EntryID{Term: l.Term, Index: raft.Index(i + 1)}
			p.log = append(p.log, trace.Digest{ID: id, Hash: l.Hash, Kind: l.Kind})
		}
		if len(p.log) > 0 && d.rarely(40) {
			p.log = p.log[:len(p.log)-1]
		}
		d.acts(p)
		if d.rarely(40) {
			p.status.Applied = raft.Index(d.IntN(3))
		}
	})
}

// elect makes a node a candidate of a new term, and its leader if enough nodes vote for it,
// or rarely without.
func (d *drift) elect(id raft.NodeID, p *player) {
	if d.term < p.status.Term || !d.rarely(10) {
		d.term = max(d.term, p.status.Term) + 1
	}
	d.do(id, stands(id, d.term), d.writes(), d.says(id))
	votes := 1
	for voter := raft.NodeID(1); voter <= 3; voter++ {
		q := &d.nodes[voter]
		if voter == id || !d.view.Nodes[voter].Up || d.view.Nodes[voter].Stopped || q.status.Term >= d.term ||
			d.rarely(4) || !p.status.Last.AtLeastAsUpToDateAs(q.status.Last) && !d.rarely(20) {
			continue
		}
		d.do(voter, in(d.term), votesFor(id), d.writes(), d.says(voter))
		if !d.rarely(4) {
			d.persist(voter, q.written, d.says(voter))
			votes++
		}
	}
	if votes >= 2 || d.rarely(60) {
		d.persist(id, p.written, role(raft.Leader), follows(id))
	}
}

// work adds a usual step of a node: it appends, follows another log, or commits.
func (d *drift) work(id raft.NodeID, p *player) {
	moves := []move{}
	switch leads := p.status.Role == raft.Leader; {
	case leads || d.rarely(60):
		words := words
		if !d.all.Has(4) {
			words = words[len(configs):]
		}
		moves = append(moves, appends(p.status.Term, words[d.IntN(len(words))]))
	default:
		moves = append(moves, d.follow(d.nodes[1+d.IntN(d.all.Len())].log))
	}
	moves = append(moves, func(p *player, _ *trace.Record) {
		if !d.rarely(60) {
			d.acts(p)
		}
	})
	if d.rarely(2) {
		moves = append(moves, func(p *player, r *trace.Record) { d.commit(id, p, r) })
	}
	d.do(id, append(moves, d.writes(), d.says(id))...)
}

// follow changes a log towards another one.
func (d *drift) follow(log []trace.Digest) move {
	return func(p *player, r *trace.Record) {
		same := 0
		for same < min(len(log), len(p.log)) && log[same] == p.log[same] {
			same++
		}
		if p.status.Role == raft.Leader || int(p.status.Commit) > same && !d.rarely(100) {
			return
		}
		if same < len(log) {
			cuts(same)(p, r)
			p.log = append(p.log, log[same:min(len(log), same+1+d.IntN(2))]...)
			p.status.Term = max(p.status.Term, p.log[len(p.log)-1].ID.Term)
		}
	}
}

// commit raises a node's commit index, then applies and executes entries. The entries are
// committed already, or on the disks of a majority, or rarely neither.
func (d *drift) commit(id raft.NodeID, p *player, r *trace.Record) {
	log := d.view.Nodes[id].Log
	for i := min(len(p.log), len(log)); i > int(p.status.Commit); i-- {
		have := 0
		for id := raft.NodeID(1); id <= 3; id++ {
			if disk := d.view.Nodes[id].Stored.Log; len(disk) >= i && disk[i-1].Prefix == log[i-1].Prefix {
				have++
			}
		}
		called := i <= len(d.view.Committed) && d.view.Committed[i-1].Prefix == log[i-1].Prefix
		if called || have >= 2 && p.status.Role == raft.Leader && log[i-1].Term == p.status.Term || d.rarely(100) {
			p.status.Commit = raft.Index(i)
			break
		}
	}
	for at := p.status.Applied; at < min(p.status.Commit, raft.Index(len(p.log))) && !d.rarely(3); at++ {
		applies(at+1)(p, r)
		op := raft.OpID{Client: 1 + uint32(p.log[at].Hash%2), Seq: uint32(p.log[at].Hash % 64)}
		e := trace.Execution{Index: at + 1, Op: op, Did: trace.Executed}
		for _, before := range p.log[:at] {
			if before.Hash == p.log[at].Hash {
				e.Did = trace.Repeated
			}
		}
		if d.rarely(100) {
			e.Result++
		}
		r.Executed = append(r.Executed, e)
	}
}

// hand makes a node hand over its state and compact its log. Another node may restore that
// state.
func (d *drift) hand(id raft.NodeID, p *player) {
	at := p.status.Applied
	sum := uint64(0)
	for _, e := range p.log[:at] {
		sum = trace.Mix(sum, e.Hash)
	}
	d.compact(id, at, sum+uint64(d.IntN(20)/19), begins(1+d.IntN(int(at))), d.writes())
	to := raft.NodeID(1 + d.IntN(d.all.Len()))
	if q := &d.nodes[to]; q.status.Applied < at && d.view.Nodes[to].Up && to != id {
		base := p.log[at-1].ID
		d.do(to, d.installs(id, base), func(p *player, _ *trace.Record) { d.acts(p) }, restores(base, sum),
			d.writes(), d.says(to))
	}
}

// words are the contents of entries. Some stand for configurations.
var (
	words   = []string{"+three", "+four", "a", "b", "c", "d", "e", "f"}
	configs = map[uint64]raft.Configuration{
		entry(0, 0, "+three").Hash: votersOf(1, 2, 3),
		entry(0, 0, "+four").Hash:  {Voters: raft.FirstNodes(3), Learners: raft.NodeSetOf(4)},
	}
)

// acts makes a node act by the latest configuration in its log.
func (d *drift) acts(p *player) {
	p.status.Config, p.status.ConfigIndex = raft.Configuration{Voters: d.first}, 0
	for i, e := range p.log {
		if c, ok := configs[e.Hash]; ok {
			p.status.Config, p.status.ConfigIndex = c, raft.Index(i+1)
		}
	}
}

// writes issues one or two writes, most of the time.
func (d *drift) writes() move {
	if d.rarely(60) {
		return func(*player, *trace.Record) {}
	}
	return writes(1 + d.IntN(2))
}

// says sends a promise of the node's state, mostly after the write that makes it durable,
// and rarely before.
func (d *drift) says(id raft.NodeID) move {
	return func(p *player, r *trace.Record) {
		promise := raft.Promise{Term: p.status.Term}
		if d.rarely(2) {
			promise.Vote = p.status.Vote
		}
		if n := len(p.log); n > 0 && d.rarely(2) {
			promise.Last = p.log[n-1].ID
		}
		after := p.written
		if len(r.Out.Writes) == 2 && d.rarely(2) || d.rarely(200) && after > 0 {
			after-- // only the node can tell whether that is enough
		}
		if !d.rarely(3) {
			sends(id, after, promise)(p, r)
		}
	}
}
