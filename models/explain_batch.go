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
// them, in any order: a node that stands for election, votes, or takes entries says so. No
// request for a vote has left before the end, so that no term of the batch but the first can
// have had it as its leader.
func (x *explanation) passes() bool {
	x.answersPreVotes()
	for {
		if !x.votesOnTheWay() {
			return false
		}
		next := x.nextTerm()
		if next <= x.n.Term {
			break
		}
		if !x.finishes() || !x.enters(next, x.stoodIn(next)) {
			return false
		}
	}
	if x.n.Role == raft.Leader && x.is.Role == raft.PreCandidate {
		return x.finishes() && x.take(x.state.StepDown(x.id), "StepDown in term %d", x.n.Term)
	}
	x.handsOver()
	if x.is.Role != raft.Candidate {
		x.follows() // before its last role, in which it may follow nobody
	}
	return true
}

// answersPreVotes sends the messages of the batch as those of a node with the log that it had
// before, which is the least: it may have answered a pre-vote by that.
func (x *explanation) answersPreVotes() {
	for i := range x.r.Out.Sends {
		if to := x.r.Out.Sends[i].To; int(to) < len(x.state.Nodes) {
			x.state.Send(x.id, to)
		}
	}
}

// nextTerm is the first term after that of the node which a message names, or else its last.
func (x *explanation) nextTerm() raft.Term {
	next := x.is.Term
	for i := range x.r.Out.Sends {
		if t := x.r.Out.Sends[i].Promise.Term; t > x.n.Term {
			next = min(next, t)
		}
	}
	return next
}

// stoodIn reports whether the node voted for itself in a term of the batch.
func (x *explanation) stoodIn(term raft.Term) bool {
	return term == x.is.Term && x.is.Vote == x.id || x.promises(term, func(vote raft.NodeID) bool {
		return vote == x.id
	})
}

// votesOnTheWay explains the votes that messages promise in the node's present term.
func (x *explanation) votesOnTheWay() bool {
	return !x.promises(x.n.Term, func(vote raft.NodeID) bool {
		return vote != raft.None && vote != x.n.Vote && !x.grants(vote)
	})
}

// promises reports whether a message of a term promises a vote such as that.
func (x *explanation) promises(term raft.Term, such func(raft.NodeID) bool) bool {
	for i := range x.r.Out.Sends {
		if p := &x.r.Out.Sends[i].Promise; p.Term == term && such(p.Vote) {
			return true
		}
	}
	return false
}

// enters explains the beginning of a term, in which the node stands for election or not. A
// node that is the only voter stands without a message that says so.
func (x *explanation) enters(term raft.Term, stands bool) bool {
	id, n, s := x.id, x.n, &x.state
	for n.Term < term {
		next := term
		if stands {
			next--
		}
		if next > n.Term {
			refusal := s.UpdateTerm(id, next)
			if refusal == "" {
				continue
			}
			if alone := trace.HasQuorum(n.Config, raft.NodeSetOf(id)); !stands && !alone {
				return x.take(refusal, "UpdateTerm to %d", next)
			}
		}
		if n.Role == raft.Leader && !x.take(s.StepDown(id), "StepDown in term %d", n.Term) {
			return false
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
