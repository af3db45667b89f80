package models

import (
	"raftcheck/models/paper"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// batch has the proposals and the reads among its inputs.
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

// beginsBatch explains those actions of a batch that come before the usual ones, and reports whether
// the step is judged. A batch in which the term or the role changes is not: the node may have
// been in terms and roles of which its state and its messages tell too little.
func (x *explanation) beginsBatch() bool {
	if x.is.Term != x.n.Term || x.is.Role != x.n.Role {
		x.hid = true
		return false
	}
	x.answersPreVotes()
	x.mayAsk()
	if !x.votes() {
		return false // before it takes entries of the leader that it voted for
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

// mayAsk lets the node ask for pre-votes amid the batch, by the log at its end, which is the most.
func (x *explanation) mayAsk() {
	if last := paper.Last(x.seen.Log); x.state.PreVote && last.AtLeastAsUpToDateAs(x.n.Asked) {
		x.n.Asked = last
	}
}

// follows takes over from the leader of its term the entries that the node still has at the end of
// the batch, and calls them committed. The actions refuse a node that leads itself.
func (x *explanation) follows() {
	n, s, t := x.n, &x.state, x.state.Term(x.n.Term)
	if t == nil || t.Leader == raft.None {
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
	for i := range x.r.Out.Sends {
		if m := &x.r.Out.Sends[i]; x.isTimeoutNow(m) && m.Promise.Term == x.n.Term {
			_ = x.inEither(func() paper.Refusal { return x.state.TimeoutNow(x.id, m.To) })
		}
	}
}
