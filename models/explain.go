package models

import (
	"fmt"
	"slices"

	"raftcheck/models/paper"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// explanation finds the actions of the paper's algorithm behind one step of a node. The first
// action that is refused ends it.
type explanation struct {
	*Refinement
	view    *trace.View
	r       *trace.Record
	id      raft.NodeID
	is      *raft.Status    // the node's state after the step
	seen    *trace.NodeView // the node, with its log after the step
	n       *paper.Node     // the node of the abstract cluster
	batch   *batch          // the inputs of a batch that the step ends, nil otherwise
	refused string
}

// take notes the refusal of an action, which the words describe. It reports whether the action
// was taken.
func (x *explanation) take(refusal paper.Refusal, action string, about ...any) bool {
	if refusal != "" && x.refused == "" {
		action = fmt.Sprintf(action, about...)
		x.refused = fmt.Sprintf("%s takes a step that is no %s, as %s", x.id, action, refusal)
	}
	return x.refused == ""
}

// explain takes the actions of a step in the only order that they can have: the term and the
// vote, the role, the log, the commit index, the requests for an election, the end of a
// leadership, the promises, the answers. In a batch, some come earlier (explain_batch.go).
func (x *explanation) explain() {
	if x.is.ConfigApplied {
		x.n.Config, x.n.ConfigAt = x.seen.Before.Config, x.seen.Before.ConfigIndex
	}
	if x.batch != nil && !x.beginsBatch() {
		return
	}
	_ = x.entersTerm() && x.votes() && x.changesRole() && x.changesLog() && x.commits() &&
		x.sends() && x.endsLeadership() && x.agrees() && x.says() && x.answers()
}

func (x *explanation) entersTerm() bool {
	is, n := x.is, x.n
	if is.Term == n.Term {
		return true
	}
	if is.Vote != x.id || is.Role == raft.Follower || is.Role == raft.PreCandidate {
		return x.take(x.state.UpdateTerm(x.id, is.Term), "UpdateTerm to %d", is.Term)
	}
	if is.Term > n.Term+1 {
		x.take(x.state.UpdateTerm(x.id, is.Term-1), "UpdateTerm to %d", is.Term-1)
	}
	if x.liberties.Has(raft.OldPreVotes) {
		n.Heard, n.Willing = x.view.All, x.view.All
	}
	return x.take(x.state.Timeout(x.id), "Timeout in term %d", n.Term)
}

func (x *explanation) votes() bool { return x.is.Vote == x.n.Vote || x.grants(x.is.Vote) }

func (x *explanation) grants(vote raft.NodeID) bool {
	if vote >= raft.NodeID(len(x.state.Nodes)) {
		return x.take("that is no node", "GrantVote for %s", vote)
	}
	return x.take(x.state.GrantVote(x.id, vote), "GrantVote for %s in term %d", vote, x.n.Term)
}

// changesRole explains every change of role but the end of a leadership.
func (x *explanation) changesRole() bool {
	switch is, n := x.is.Role, x.n.Role; {
	case is == n:
		return true
	case n == raft.Leader && is == raft.Follower:
		return true // endsLeadership comes later: the leader may commit first
	case is == raft.Leader:
		x.countsOwnVote()
		return x.take(x.state.BecomeLeader(x.id), "BecomeLeader of term %d", x.is.Term)
	case is == raft.PreCandidate:
		return x.take(x.state.AskFirst(x.id), "AskFirst in term %d", x.is.Term)
	case is == raft.Follower && x.liberties.Has(raft.Concedes):
		x.n.Role = raft.Follower
		return true
	case is == raft.Follower:
		return x.take(x.state.Concede(x.id), "Concede in term %d", x.is.Term)
	}
	return x.take("that role begins with a term", "change from %s to %s", x.n.Role, x.is.Role)
}

// countsOwnVote says the vote of a candidate for itself, if its disk may hold it.
func (x *explanation) countsOwnVote() {
	vote := raft.Promise{Term: x.n.Term, Vote: x.id}
	if missing, _ := x.seen.Missing(&vote); missing == 0 {
		x.state.SayVote(x.id, x.id, x.n.Term)
	}
}

func (x *explanation) changesLog() bool {
	r, n := x.r, x.n
	if n.Role == raft.Leader {
		return x.appends()
	}
	if _, compacts := r.Input.(*raft.Compact); !compacts && x.is.Base.Index > max(n.Base, n.Commit) {
		return x.take(x.state.Install(x.id, x.is.Base.Index), "Install of the snapshot up to %d", x.is.Base.Index)
	}
	end := r.Kept + raft.Index(len(r.Appended))
	if len(r.Appended) == 0 || paper.Agree(n.Log, x.seen.Log, end) {
		return true
	}
	return x.take(x.state.Accept(x.id, r.Kept, end), "Accept of the entries %d to %d", r.Kept+1, end)
}

// appends explains the entries that a leader appended, and the commits that come before some.
func (x *explanation) appends() bool {
	n := x.n
	if r := x.r; r.Kept < raft.Index(len(n.Log)) {
		return x.take("a leader never cuts its log", "Append after %d", r.Kept)
	}
	commands := 0
	for i := len(n.Log); i < len(x.seen.Log); i++ {
		e := x.seen.Log[i]
		if e.Kind == raft.Reconfiguration && !x.is.ConfigApplied {
			if !x.reconfigures(e) {
				return false
			}
			continue
		}
		if e.Kind == raft.Command {
			commands++
		}
		refusal := x.mayAppend(e, commands)
		if refusal == "" {
			refusal = x.state.Append(x.id, e)
		}
		if !x.take(refusal, "Append of t%di%d", e.Term, i+1) {
			return false
		}
	}
	return true
}

// mayAppend refuses an entry that nothing in the step called for.
func (x *explanation) mayAppend(e paper.Entry, commands int) paper.Refusal {
	switch e.Kind {
	case raft.Command:
		switch {
		case x.liberties.Has(raft.Forwards):
		case !x.proposed(e.Hash):
			return "no client proposed the entry"
		case commands > max(1, x.proposals()):
			return "the client proposed one entry"
		}
	case raft.NoOp:
		if !x.liberties.Has(raft.Blanks) && paper.Last(x.n.Log).Term == x.n.Term {
			return "a blank entry only opens a term"
		}
	}
	return ""
}

// proposed reports whether the step is asked to append an entry with this hash.
func (x *explanation) proposed(hash uint64) bool {
	if x.batch != nil {
		return slices.Contains(x.batch.commands, hash)
	}
	in, asked := x.r.Input.(*raft.Propose)
	return asked && hash == commandHash(in)
}

// proposals is the number of entries that a batch is asked to append.
func (x *explanation) proposals() int {
	if x.batch == nil {
		return 0
	}
	return len(x.batch.commands)
}

// reconfigures explains a configuration that a leader appended. Its content is that by which
// the leader acts now: no step has two, as the first is not committed.
func (x *explanation) reconfigures(e paper.Entry) bool {
	n, to := x.n, x.is.Config
	x.commitsFirst()
	in, asked := x.r.Input.(*raft.Reconfigure)
	if !n.Config.Joint() && (!asked || in.Voters != to.Voters || in.Learners != to.Learners) {
		return x.take("the operator did not ask for it", "Reconfigure to %s", to)
	}
	return x.take(x.state.Reconfigure(x.id, e, to), "Reconfigure from %s to %s", n.Config, to)
}

// commitsFirst commits as far as a leader can before it changes the configuration. The rest of
// the commits of the step may need the quorum of the new one.
func (x *explanation) commitsFirst() {
	for i := min(x.is.Commit, raft.Index(len(x.n.Log))); i > x.n.Commit; i-- {
		if x.commit(i) == "" {
			return
		}
	}
}

// commit makes a leader commit up to an index, and counts its own disk.
func (x *explanation) commit(i raft.Index) paper.Refusal {
	if x.seen.MayStore(i, &trace.Commitment{Logged: x.n.Log[i-1]}) {
		x.state.Persist(x.id, i)
	}
	return x.state.Commit(x.id, i)
}

func (x *explanation) commits() bool {
	is, n := x.is, x.n
	switch {
	case is.Commit <= n.Commit:
		return true
	case n.Role != raft.Leader:
		return x.take(x.state.LearnCommit(x.id, is.Commit), "LearnCommit of %d", is.Commit)
	case is.Commit > raft.Index(len(n.Log)):
		return x.take("its log is shorter", "Commit of %d", is.Commit)
	}
	refusal := x.inEither(func() paper.Refusal { return x.commit(is.Commit) })
	return x.take(refusal, "Commit of t%di%d", n.Log[is.Commit-1].Term, is.Commit)
}

// inEither tries an action in the configuration before a step and in that after it. They differ
// at a node that acts by the configurations that it applied, which may do so amid the step.
func (x *explanation) inEither(act func() paper.Refusal) paper.Refusal {
	refusal := act()
	if refusal == "" || !x.is.ConfigApplied {
		return refusal
	}
	was, at := x.n.Config, x.n.ConfigAt
	x.n.Config, x.n.ConfigAt = x.is.Config, x.is.ConfigIndex
	refusal = act()
	x.n.Config, x.n.ConfigAt = was, at
	return refusal
}

func (x *explanation) endsLeadership() bool {
	if x.n.Role != raft.Leader || x.is.Role != raft.Follower {
		return true
	}
	return x.take(x.inEither(func() paper.Refusal { return x.state.StepDown(x.id) }),
		"StepDown in term %d", x.is.Term)
}

// agrees compares the state that the actions lead to with the one that the node shows.
func (x *explanation) agrees() bool {
	n, is := x.n, x.is
	x.learn(n, is)
	last := paper.Last(n.Log)
	switch {
	case n.Vote != is.Vote || n.Role != is.Role:
		return x.take(paper.Refusal(fmt.Sprintf("they lead to a %s that voted for %s", n.Role, n.Vote)),
			"sequence of actions")
	case len(n.Log) != len(x.seen.Log) || !paper.Agree(n.Log, x.seen.Log, last.Index):
		return x.take(paper.Refusal(fmt.Sprintf("they lead to a log that ends at %s, and this one ends at %s",
			last, is.Last)), "sequence of actions")
	case n.Commit != is.Commit:
		return x.take(paper.Refusal(fmt.Sprintf("they lead to commit index %d", n.Commit)), "sequence of actions")
	case n.Config != is.Config:
		return x.take(paper.Refusal(fmt.Sprintf("they lead to the configuration %s", n.Config)),
			"sequence of actions")
	}
	return true
}

// sends explains the messages, of which requests for an election leave while the node leads.
func (x *explanation) sends() bool {
	for i := range x.r.Out.Sends {
		m := &x.r.Out.Sends[i]
		if int(m.To) >= len(x.state.Nodes) {
			continue
		}
		x.state.Send(x.id, m.To)
		if m.Kind != trace.TimeoutNow || x.batch != nil && x.told(m) {
			continue
		}
		refusal := x.inEither(func() paper.Refusal { return x.state.TimeoutNow(x.id, m.To) })
		if !x.take(refusal, "TimeoutNow to %s", m.To) {
			return false
		}
	}
	return true
}

func (x *explanation) isTimeoutNow(m *raft.Message) bool {
	return m.Kind == trace.TimeoutNow && int(m.To) < len(x.state.Nodes)
}

// told reports whether a request for an election was explained before.
func (x *explanation) told(m *raft.Message) bool {
	t := x.state.Term(m.Promise.Term)
	return t != nil && t.Told.Has(m.To)
}

// says explains the promises in the messages that left the node.
func (x *explanation) says() bool {
	for i := range x.r.Released {
		m := &x.r.Released[i]
		p, term := &m.Promise, m.Promise.Term
		if int(m.To) >= len(x.state.Nodes) || p.Vote >= raft.NodeID(len(x.state.Nodes)) {
			continue // the property Contract judges it
		}
		if term == 0 {
			term = x.is.Term
		}
		x.state.Answer(x.id, m.To, term)
		if p.Vote != raft.None && !x.take(x.state.SayVote(x.id, p.Vote, term), "SayVote for %s", p.Vote) {
			return false
		}
		t := x.state.Term(term)
		stored := p.Last.Index > 0 && p.Vote == raft.None // a request for a vote may promise its log, too
		if !stored || t == nil || t.Leader != m.To {
			continue
		}
		if refusal := x.state.SayStored(x.id, term, p.Last); refusal != "" {
			return x.take(refusal, "SayStored up to %s", p.Last) // words cost memory
		}
	}
	return true
}

// answers explains the answers to reads.
func (x *explanation) answers() bool {
	asks := x.asks()
	for _, q := range asks {
		x.state.AskRead(x.id, q.op)
		if q.lease && x.r.Lags {
			x.late = append(x.late, q.op)
		}
	}
	if len(x.state.Reads) == 0 {
		return true
	}
	for _, reply := range x.r.Out.Replies {
		if reply.Outcome != raft.Done || !x.waits(reply.Op) {
			x.state.DropRead(x.id, reply.Op)
			continue
		}
		leased := slices.Contains(asks, query{reply.Op, true}) || slices.Contains(x.late, reply.Op)
		lease := leased && x.n.Role == raft.Leader && x.state.PreVote
		if !x.take(x.state.DoneRead(x.id, reply.Op, lease), "DoneRead") {
			return false
		}
	}
	return true
}

// asks returns the reads that the step is asked for.
func (x *explanation) asks() []query {
	if x.batch != nil {
		return x.batch.reads
	}
	if in, asks := x.r.Input.(*raft.Read); asks {
		x.one[0] = query{in.Op, in.Lease}
		return x.one[:]
	}
	return nil
}

// waits reports whether an operation is a read that waits at the node and can be judged.
func (x *explanation) waits(op raft.OpID) bool {
	return !x.liberties.Has(raft.MovesReads) && slices.ContainsFunc(x.state.Reads, func(r paper.Read) bool {
		return r.Op == op && r.Node == x.id
	})
}
