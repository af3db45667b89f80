package models

import (
	"math/rand/v2"
	"slices"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// tape is a trace under construction. Like a world, it counts events, and keeps every
// node's log to find the changes of a step. It holds each message back until the write
// that the message waits for is durable.
type tape struct {
	all     raft.NodeSet
	first   raft.NodeSet // the voters of the first configuration
	limits  raft.Limits  // of the system
	records []trace.Record
	nodes   []player
}

// player is a node whose steps are given by the test.
type player struct {
	status  raft.Status
	log     []trace.Digest
	memory  []trace.Digest // the log as it was before the last boot
	written raft.WriteID
	durable raft.WriteID
	held    []raft.Message
	hidden  bool // it does not show its state
}

// move is a part of a node's action in one record.
type move func(*player, *trace.Record)

// newTape returns the trace of a cluster of n nodes that have just booted.
// Its events are counted from the next record on.
func newTape(n int) *tape { return newTapeOf(n, n) }

// newTapeOf returns the trace of n nodes, of which the first ones are the voters of the
// first configuration.
func newTapeOf(n, voters int) *tape {
	t := &tape{all: raft.FirstNodes(n), first: raft.FirstNodes(voters), nodes: make([]player, n+1)}
	for id := range t.all.All() {
		t.boot(id)
	}
	for i := range t.records {
		t.records[i].Event = 0
	}
	return t
}

func (t *tape) add(r trace.Record) {
	r.Event = len(t.records) - t.all.Len() + 1
	t.records = append(t.records, r)
}

// step adds a step of a node on an input.
func (t *tape) step(id raft.NodeID, in raft.Input, moves ...move) {
	p := &t.nodes[id]
	r := trace.Record{Kind: trace.Stepped, Node: id, Input: in, Kept: raft.Index(len(p.log))}
	t.finish(p, &r, moves)
}

// do adds a step of a node on a tick.
func (t *tape) do(id raft.NodeID, moves ...move) { t.step(id, &raft.Tick{}, moves...) }

// persist makes all writes of a node up to one durable.
func (t *tape) persist(id raft.NodeID, upTo raft.WriteID, moves ...move) {
	t.nodes[id].durable = upTo
	t.step(id, &raft.Persisted{ID: upTo}, moves...)
}

// saves adds a step with one write, which becomes durable.
func (t *tape) saves(id raft.NodeID, moves ...move) {
	t.do(id, append(moves, writes(1))...)
	t.persist(id, t.nodes[id].written)
}

// fail makes a node's disk fail: the pending writes are lost, and the node learns it.
func (t *tape) fail(id raft.NodeID, moves ...move) {
	t.step(id, &raft.PersistFailed{ID: t.nodes[id].durable + 1}, moves...)
}

// crash stops a node. Its writes up to survive are durable.
func (t *tape) crash(id raft.NodeID, survive raft.WriteID) {
	t.add(trace.Record{Kind: trace.Crashed, Node: id, Durable: survive})
}

// tear crashes a node in the middle of the write after survive.
func (t *tape) tear(id raft.NodeID, survive raft.WriteID) {
	t.add(trace.Record{Kind: trace.Crashed, Node: id, Durable: survive, Lost: 1, Torn: true})
}

// boot starts a node. The moves give the state that it finds; its log is empty unless they
// keep it.
func (t *tape) boot(id raft.NodeID, found ...move) {
	p := &t.nodes[id]
	*p = player{memory: p.log, hidden: p.hidden}
	p.status.Config.Voters = t.first
	r := trace.Record{Kind: trace.Booted, Node: id}
	t.finish(p, &r, found)
}

// finish makes the moves and completes the record.
func (t *tape) finish(p *player, r *trace.Record, moves []move) {
	for _, m := range moves {
		m(p, r)
	}
	p.status.Last = raft.EntryID{}
	if n := len(p.log); n > 0 {
		p.status.Last = raft.EntryID{Term: p.log[n-1].ID.Term, Index: raft.Index(n)}
	}
	r.Durable = p.durable
	p.held = slices.DeleteFunc(append(p.held, r.Out.Sends...), func(m raft.Message) bool {
		if m.After <= p.durable {
			r.Released = append(r.Released, m)
		}
		return m.After <= p.durable
	})
	if !p.hidden {
		r.Inspected, r.Status = true, p.status
		r.Appended = slices.Clone(p.log[r.Kept:])
	} else {
		r.Kept = 0
	}
	t.add(*r)
}

// in moves a node to a term, in which it has not voted, as a follower.
func in(term raft.Term) move {
	return func(p *player, _ *trace.Record) {
		p.status.Term, p.status.Vote, p.status.Role, p.status.Leader = term, raft.None, raft.Follower, raft.None
	}
}

func role(role raft.Role) move { return func(p *player, _ *trace.Record) { p.status.Role = role } }

// stands makes a node a candidate of a term, with its own vote.
func stands(id raft.NodeID, term raft.Term) move {
	return all(in(term), votesFor(id), role(raft.Candidate))
}

// leads makes a node leader of a term, with its own vote.
func leads(id raft.NodeID, term raft.Term) move {
	return all(in(term), votesFor(id), role(raft.Leader), follows(id))
}

func votesFor(id raft.NodeID) move { return func(p *player, _ *trace.Record) { p.status.Vote = id } }
func follows(id raft.NodeID) move  { return func(p *player, _ *trace.Record) { p.status.Leader = id } }

func all(moves ...move) move {
	return func(p *player, r *trace.Record) {
		for _, m := range moves {
			m(p, r)
		}
	}
}

// entry returns the digest of an entry of a log. Equal words make equal entries. A word
// such as "+4" or "-3" is a configuration.
func entry(term raft.Term, index int, word string) trace.Digest {
	kind := raft.Command
	if word[0] == '+' || word[0] == '-' {
		kind = raft.Reconfiguration
	}
	return trace.DigestOf(&raft.Entry{ID: raft.EntryID{Term: term, Index: raft.Index(index)},
		Kind: kind, Data: []byte(word)})
}

// appends puts an entry of this term at the end of the log for every word.
func appends(term raft.Term, words ...string) move {
	return func(p *player, _ *trace.Record) {
		for _, w := range words {
			p.log = append(p.log[:len(p.log):len(p.log)], entry(term, len(p.log)+1, w))
		}
	}
}

// cuts the log back.
func cuts(kept int) move {
	return func(p *player, r *trace.Record) {
		p.log, r.Kept = p.log[:kept:kept], min(r.Kept, raft.Index(kept))
	}
}

// keeps lets a booting node find the first n entries of the log that it had in memory.
func keeps(n int) move { return func(p *player, _ *trace.Record) { p.log = p.memory[:n] } }

func commits(i raft.Index) move { return func(p *player, _ *trace.Record) { p.status.Commit = i } }

// applies applies every entry up to i that is not applied.
func applies(i raft.Index) move {
	return func(p *player, r *trace.Record) {
		for ; p.status.Applied < i; p.status.Applied++ {
			appliesOther(p.log[p.status.Applied])(p, r)
		}
	}
}

func appliesOther(d trace.Digest) move {
	return func(_ *player, r *trace.Record) {
		r.Applied = append(r.Applied, d)
		r.Out.Applied = append(r.Out.Applied, raft.Entry{ID: d.ID})
	}
}

// writes issues n writes.
func writes(n int) move {
	return func(p *player, r *trace.Record) {
		for range n {
			p.written++
			r.Out.Writes = append(r.Out.Writes, raft.Write{ID: p.written, Data: []byte{byte(p.written)}})
		}
	}
}

// sends sends n1 a message that waits for a write.
func sends(from raft.NodeID, after raft.WriteID, promise raft.Promise) move {
	return func(_ *player, r *trace.Record) {
		r.Out.Sends = append(r.Out.Sends, raft.Message{
			From: from, To: 1, Kind: "Reply", Payload: []byte("abc"), After: after, Promise: promise,
		})
	}
}

func answers(seq uint32, o raft.Outcome) move {
	return func(_ *player, r *trace.Record) {
		r.Out.Replies = append(r.Out.Replies, raft.Reply{Op: raft.OpID{Client: 1, Seq: seq}, Outcome: o})
	}
}

// begins compacts a node's log up to an entry that it has.
func begins(i int) move { return func(p *player, _ *trace.Record) { p.status.Base = p.log[i-1].ID } }

// restores replaces the state machine's state by one with this hash, as of an entry.
func restores(id raft.EntryID, hash uint64) move {
	return func(p *player, r *trace.Record) {
		r.Out.Restore.ID, r.Restored, p.status.Applied = id, hash, id.Index
	}
}

// compact adds a step in which a node's state machine hands over a state with this hash.
func (t *tape) compact(id raft.NodeID, at raft.Index, hash uint64, moves ...move) {
	moves = append(moves, func(_ *player, r *trace.Record) { r.Compact = hash })
	t.step(id, &raft.Compact{Index: at}, moves...)
}

// installs replaces a log by a snapshot up to base. Its shadow has the committed entries of
// another node, and after these entries of unknown content.
func (t *tape) installs(from raft.NodeID, base raft.EntryID) move {
	return func(p *player, r *trace.Record) {
		p.log, r.Kept = nil, 0
		for i := raft.Index(1); i <= base.Index; i++ {
			d := trace.Digest{ID: raft.EntryID{Index: i}}
			if other := &t.nodes[from]; i <= other.status.Commit {
				d = other.log[i-1]
			}
			p.log = append(p.log, d)
		}
		p.status.Base = base
		p.status.Commit = max(p.status.Commit, base.Index)
	}
}

// acts makes a node act by a configuration, which is the entry at an index.
func acts(at raft.Index, c raft.Configuration) move {
	return func(p *player, _ *trace.Record) { p.status.ConfigIndex, p.status.Config = at, c }
}

// votersOf returns a configuration that is not joint.
func votersOf(ids ...raft.NodeID) raft.Configuration {
	return raft.Configuration{Voters: raft.NodeSetOf(ids...)}
}

// executes adds the result of operation seq of client 2.
func executes(at raft.Index, seq uint32, did trace.Did, result uint64) move {
	return func(_ *player, r *trace.Record) {
		op := raft.OpID{Client: 2, Seq: seq}
		r.Executed = append(r.Executed, trace.Execution{Index: at, Op: op, Did: did, Result: result})
	}
}

// runs commits, applies and executes the commands up to index i. The command at an index
// is the operation of client 2 with that number.
func runs(i raft.Index) move {
	return func(p *player, r *trace.Record) {
		for at := p.status.Applied + 1; at <= i; at++ {
			executes(at, uint32(at), trace.Executed, uint64(at))(p, r)
		}
		all(commits(i), applies(i))(p, r)
	}
}

// lands adds a write of a worker that reaches the database.
func (t *tape) lands(worker uint32, token uint64, accepted bool) {
	t.add(trace.Record{Kind: trace.Landed, Op: raft.OpID{Client: worker}, Token: token, Accepted: accepted})
}

// traceCase is a trace with the verdict that a checker must reach: held if text is "".
type traceCase struct {
	name  string
	trace func(*tape)
	text  string
	event int
}

// judge shows a trace to checkers.
func judge(t *tape, checkers ...Checker) []Verdict {
	m := NewMonitor(checkers...)
	m.Reset(t.all, t.first)
	m.View.Limits = t.limits
	for i := range t.records {
		m.Watch(&t.records[i])
	}
	return m.Finish()
}

// testChecker shows each trace to a checker, twice, so that a checker that keeps something
// of the first run fails. The verdict must also be the same if another checker takes over
// at any record, and if the nodes have other names. A checker that is no Rememberer is
// judged by the first part alone.
func testChecker(t *testing.T, c Checker, cases []traceCase) {
	t.Helper()
	testCheckerOf(t, func() *tape { return newTape(3) }, c, cases)
}

func testCheckerOf(t *testing.T, cluster func() *tape, c Checker, cases []traceCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			tape := cluster()
			tc.trace(tape)
			want := Verdict{Property: c.Property().Name, Outcome: Held}
			if tc.text != "" {
				want.Outcome, want.Event, want.Text = Violated, tc.event, tc.text
			}
			for range 2 {
				if got := judge(tape, c); len(got) != 1 || got[0] != want {
					t.Fatalf("got %v\nwant %v", got, want)
				}
			}
			if _, remembers := c.(Rememberer); !remembers {
				return
			}
			for at := range tape.records {
				testMemory(t, tape, at, rand.New(rand.NewPCG(uint64(at), 0)), c)
			}
		})
	}
}
