package models

import (
	"raftcheck/models/paper"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// batch is what a node takes together: the proposals and the reads among its inputs.
type batch struct {
	commands []uint64 // the hashes of the entries
	reads    []query
}

// query is a read that a node is asked for.
type query struct {
	op    raft.OpID
	lease bool
}

// note adds an input.
func (b *batch) note(in raft.Input) {
	switch in := in.(type) {
	case *raft.Propose:
		b.commands = append(b.commands, commandHash(in))
	case *raft.Read:
		b.reads = append(b.reads, query{in.Op, in.Lease})
	}
}

func (b *batch) reset() { b.commands, b.reads = b.commands[:0], b.reads[:0] }

// commandHash is the hash of the entry with the data of a proposal.
func commandHash(in *raft.Propose) uint64 { return trace.HashBytes(uint64(raft.Command)+1, in.Data) }

// passes explains the terms of a batch that the node is past at its end. The messages name
// them: a node that stands for election, votes, or takes entries says so. No request for a
// vote has left before the end, so that no term of the batch but the first can have had it as
// its leader.
func (x *explanation) passes() bool {
	sends := x.r.Out.Sends
	for i := range sends {
		p := &sends[i].Promise
		own := p.Vote == x.id || p.Term == x.is.Term && x.is.Vote == x.id
		if p.Term > x.n.Term && !(x.finishes() && x.enters(p.Term, own)) {
			return false
		}
		if p.Term == x.n.Term && p.Vote != raft.None && p.Vote != x.n.Vote && !x.grants(p.Vote) {
			return false
		}
	}
	if x.is.Term > x.n.Term && !(x.finishes() && x.enters(x.is.Term, x.is.Vote == x.id)) {
		return false
	}
	x.handsOver()
	if x.is.Role != raft.Candidate {
		x.follows() // before its last role, in which it may follow nobody
	}
	return true
}

// enters explains the beginning of a term, in which the node stands for election or not. A
// node that is the only voter stands without a message.
func (x *explanation) enters(term raft.Term, stands bool) bool {
	id, n, s := x.id, x.n, &x.state
	for n.Term < term {
		next := term
		if stands {
			next--
		}
		if next > n.Term && (!stands || s.Term(next) != nil) {
			if !x.take(s.UpdateTerm(id, next), "UpdateTerm to %d", next) {
				return false
			}
			continue
		}
		if n.Role == raft.Leader && !x.take(s.StepDown(id), "StepDown in term %d", n.Term) {
			return false
		}
		if x.liberties.Has(raft.OldPreVotes) {
			n.Heard = x.view.All
		}
		if !x.take(s.Timeout(id), "Timeout in term %d", n.Term) {
			return false
		}
	}
	return true
}

// finishes takes the actions of a term that the batch ends: as many as explain a part of what
// the node shows in the end.
func (x *explanation) finishes() bool {
	n, t := x.n, x.state.Term(x.n.Term)
	if x.hides(t) {
		x.hid = true
		return false
	}
	if n.Role == raft.Candidate && t.Leader == raft.None && x.ofTerm() > 0 {
		x.countsOwnVote()
		if !x.take(x.state.BecomeLeader(x.id), "BecomeLeader of term %d", n.Term) {
			return false
		}
	}
	if n.Role != raft.Leader {
		x.follows()
		return true
	}
	x.handsOver()
	if own := x.ofTerm(); own > 0 && !x.appends(len(n.Log)+own) {
		return false
	}
	x.commitsFirst()
	x.handsOver()
	return true
}

// ofTerm is the number of entries of its present term that the node appended.
func (x *explanation) ofTerm() (count int) {
	if x.r.Kept < raft.Index(len(x.n.Log)) {
		return 0
	}
	for _, e := range x.seen.Log[len(x.n.Log):] {
		if e.Term == x.n.Term {
			count++
		}
	}
	return count
}

// hides reports whether the node may have appended entries as the leader of its term, of which
// nothing is left: those of a later leader came in the same batch.
func (x *explanation) hides(t *paper.Term) bool {
	n := x.n
	others := x.r.Kept < raft.Index(len(n.Log)) || len(n.Log)+x.ofTerm() < len(x.seen.Log)
	switch {
	case !others:
		return false
	case n.Role == raft.Leader:
		return len(x.batch.commands) > 0 || n.Config.Joint()
	}
	return n.Role == raft.Candidate && t.Leader == raft.None && trace.HasQuorum(n.Config, t.Supporters(x.id))
}

// follows takes over from the leader of its term, if that is another node, the entries that the
// node still has at the end of the batch, and calls them committed.
func (x *explanation) follows() {
	n, s, t := x.n, &x.state, x.state.Term(x.n.Term)
	if t == nil || t.Leader == raft.None || t.Leader == x.id {
		return
	}
	s.Concede(x.id)
	if i := x.is.Base.Index; i > max(n.Base, n.Commit) && i <= common(x.seen.Log, t.Log) {
		s.Install(x.id, i)
	}
	if end := common(x.seen.Log, t.Log); end > common(x.seen.Log, n.Log) {
		s.Accept(x.id, common(n.Log, t.Log), end)
	}
	s.LearnCommit(x.id, min(x.is.Commit, t.Commit, common(n.Log, t.Log)))
}

// common is the last index up to which two logs are equal.
func common(a, b []paper.Entry) raft.Index {
	i := raft.Index(min(len(a), len(b)))
	for !paper.Agree(a, b, i) {
		i--
	}
	return i
}

// handsOver takes those requests for an election that the node could send now. Another one may
// have to wait for later actions of the batch.
func (x *explanation) handsOver() {
	if x.n.Role != raft.Leader {
		return
	}
	for i := range x.r.Out.Sends {
		if m := &x.r.Out.Sends[i]; x.isTimeoutNow(m) && m.Promise.Term == x.n.Term {
			_ = x.inEither(func() paper.Refusal { return x.state.TimeoutNow(x.id, m.To) })
		}
	}
}
