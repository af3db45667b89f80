package paper

import (
	"fmt"
	"maps"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
	_ "raftcheck/scripts/garbage"
)

// bounds limit an exploration of the algorithm.
type bounds struct {
	nodes, voters    int
	terms, log       int // the last term, and the longest log
	crashes, changes int
	reads, transfers int
	snapshots        bool
	preVote          bool
}

// cluster is a state with the budgets that led to it, and the facts that judge reads.
type cluster struct {
	*State
	spent [4]int       // crashes, changes, reads and transfers
	known []raft.Index // by waiting read, the highest commit index when it came
	stale bool         // a read was answered from an older state
}

func (b *bounds) first() *cluster {
	all, voters := raft.FirstNodes(b.nodes), raft.FirstNodes(b.voters)
	return &cluster{State: New(all, raft.Configuration{Voters: voters, Learners: all &^ voters}, b.preVote)}
}

// copyState makes s a copy of another cluster of as many nodes. The two share no memory.
func copyState(s, from *State) {
	s.PreVote, s.First = from.PreVote, from.First
	s.Configs, s.Reads = maps.Clone(from.Configs), append(s.Reads[:0], from.Reads...)
	s.Nodes = slices.Grow(s.Nodes[:0], len(from.Nodes))[:len(from.Nodes)]
	for i := range s.Nodes {
		log := append(s.Nodes[i].Log[:0], from.Nodes[i].Log...)
		s.Nodes[i] = from.Nodes[i]
		s.Nodes[i].Log = log
	}
	s.Terms = slices.Grow(s.Terms[:0], len(from.Terms))[:len(from.Terms)]
	for i := range s.Terms {
		t, f := &s.Terms[i], &from.Terms[i]
		with, votes := append(t.With[:0], f.With...), append(t.Votes[:0], f.Votes...)
		stored, log := append(t.Stored[:0], f.Stored...), append(t.Log[:0], f.Log...)
		*t = *f
		t.With, t.Votes, t.Stored, t.Log = with, votes, stored, log
	}
}

// become makes c a copy of another cluster.
func (c *cluster) become(from *cluster) {
	copyState(c.State, from.State)
	c.spent, c.stale, c.known = from.spent, from.stale, append(c.known[:0], from.known...)
}

// successors calls yield for every cluster that one step leads to. A step is an action with
// the fact that it says, since a node that crashes in between says nothing. The clusters are in
// the memory of next.
func (b *bounds) successors(c, next *cluster, yield func(step string)) {
	try := func(step string, actions ...func(*cluster) Refusal) {
		next.become(c)
		for _, act := range actions {
			if act(next) != "" {
				return
			}
		}
		yield(step)
	}
	for i := 1; i <= b.nodes; i++ {
		id := raft.NodeID(i)
		b.elections(c, id, try)
		b.replication(c, id, try)
		b.requests(c, id, try)
	}
}

type trying = func(step string, actions ...func(*cluster) Refusal)

// say names a step.
func say(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func (b *bounds) elections(c *cluster, id raft.NodeID, try trying) {
	n := &c.Nodes[id]
	if n.Term < raft.Term(b.terms) {
		try(say("Timeout(%s)", id), func(x *cluster) Refusal { return x.Timeout(id) },
			func(x *cluster) Refusal { return x.SayVote(id, id, n.Term+1) })
	}
	if n.Role != raft.PreCandidate {
		try(say("AskFirst(%s)", id), func(x *cluster) Refusal { return x.AskFirst(id) })
	}
	for _, t := range c.Terms {
		if t.Number > n.Term {
			try(say("UpdateTerm(%s, %d)", id, t.Number),
				func(x *cluster) Refusal { return x.UpdateTerm(id, t.Number) })
		}
	}
	for other := range c.Nodes {
		if candidate := raft.NodeID(other); other > 0 && n.Vote != candidate {
			try(say("GrantVote(%s, %s)", id, candidate),
				func(x *cluster) Refusal { return x.GrantVote(id, candidate) },
				func(x *cluster) Refusal { return x.SayVote(id, candidate, n.Term) })
		}
	}
	try(say("BecomeLeader(%s)", id), func(x *cluster) Refusal { return x.BecomeLeader(id) },
		func(x *cluster) Refusal { return x.Persist(id, raft.Index(len(n.Log))) })
	if n.Role == raft.Candidate || n.Role == raft.PreCandidate {
		try(say("Concede(%s)", id), func(x *cluster) Refusal { return x.Concede(id) })
	}
	try(say("StepDown(%s)", id), func(x *cluster) Refusal { return x.StepDown(id) })
	if c.spent[0] < b.crashes {
		try(say("Restart(%s)", id), func(x *cluster) Refusal { return x.crash(id) })
	}
}

// crash restarts a node with its durable state: a leader may lose the end of its log.
func (c *cluster) crash(id raft.NodeID) Refusal {
	n := &c.Nodes[id]
	log := n.Log
	if n.Role == raft.Leader {
		log = log[:n.Stored]
	}
	c.spent[0]++
	c.Forget(id)
	return c.Restart(id, n.Term, n.Vote, slices.Clone(log), n.Base)
}

// entry returns the entry that continues a log.
func entry(log []Entry, term raft.Term, kind raft.EntryKind, what uint64) Entry {
	prefix := uint64(0)
	if len(log) > 0 {
		prefix = log[len(log)-1].Prefix
	}
	return Entry{Term: term, Kind: kind, Hash: what, Prefix: trace.Mix(trace.Mix(prefix, uint64(term)), what)}
}

func (b *bounds) replication(c *cluster, id raft.NodeID, try trying) {
	n, t := &c.Nodes[id], c.Term(c.Nodes[id].Term)
	if t == nil {
		return
	}
	if len(n.Log) < b.log {
		e := entry(n.Log, n.Term, raft.Command, 1)
		try(say("Append(%s)", id), func(x *cluster) Refusal { return x.Append(id, e) })
	}
	if n.Role == raft.Leader && n.Stored < raft.Index(len(n.Log)) {
		try(say("Persist(%s)", id), func(x *cluster) Refusal { return x.Persist(id, raft.Index(len(n.Log))) })
	}
	agree := raft.Index(0)
	for agree < raft.Index(len(n.Log)) && Agree(n.Log, t.Log, agree+1) {
		agree++
	}
	for i := t.Stored[id] + 1; i <= raft.Index(len(t.Log)); i++ {
		stored := func(x *cluster) Refusal {
			return x.SayStored(id, n.Term, raft.EntryID{Term: t.Log[i-1].Term, Index: i})
		}
		try(say("Accept(%s, %d)", id, i), func(x *cluster) Refusal { return x.Accept(id, min(agree, i), i) }, stored)
		if i-1 > agree { // refused, as the logs do not agree there
			try(say("Accept(%s, %d)", id, i), func(x *cluster) Refusal { return x.Accept(id, i-1, i) }, stored)
		}
	}
	for i := n.Commit + 1; i <= raft.Index(len(n.Log)); i++ {
		try(say("Commit(%s, %d)", id, i), func(x *cluster) Refusal { return x.Commit(id, i) })
		try(say("LearnCommit(%s, %d)", id, i), func(x *cluster) Refusal { return x.LearnCommit(id, i) })
	}
	b.snapshotting(c, id, try)
}

func (b *bounds) snapshotting(c *cluster, id raft.NodeID, try trying) {
	n, t := &c.Nodes[id], c.Term(c.Nodes[id].Term)
	if !b.snapshots {
		return
	}
	for i := n.Base + 1; i <= n.Commit; i++ {
		try(say("Compact(%s, %d)", id, i), func(x *cluster) Refusal { return x.Compact(id, i) })
	}
	if t.Leader == raft.None || c.Nodes[t.Leader].Term != t.Number {
		return
	}
	if i := c.Nodes[t.Leader].Base; i > n.Commit {
		try(say("Install(%s, %d)", id, i), func(x *cluster) Refusal { return x.Install(id, i) },
			func(x *cluster) Refusal {
				return x.SayStored(id, n.Term, raft.EntryID{Term: t.Log[i-1].Term, Index: i})
			})
	}
}

func (b *bounds) requests(c *cluster, id raft.NodeID, try trying) {
	n := &c.Nodes[id]
	if b.reads > 0 || b.preVote {
		for other := range c.Nodes {
			if to := raft.NodeID(other); other > 0 && to != id {
				b.answering(c, id, to, try)
			}
		}
	}
	if c.spent[2] < b.reads {
		try(say("AskRead(%s)", id), func(x *cluster) Refusal { return x.ask(id) })
	}
	for i := range c.Reads {
		if c.Reads[i].Node == id {
			try(say("DoneRead(%s)", id), func(x *cluster) Refusal { return x.answer(id, i) })
		}
	}
	if n.Role != raft.Leader {
		return
	}
	if c.spent[1] < b.changes && len(n.Log) < b.log || n.Config.Joint() && len(n.Log) < b.log+1 {
		b.reconfigurations(c, id, try)
	}
	for other := range c.Nodes {
		if to := raft.NodeID(other); other > 0 && c.spent[3] < b.transfers && !c.Term(n.Term).Told.Has(to) {
			try(say("TimeoutNow(%s, %s)", id, to), func(x *cluster) Refusal {
				x.spent[3]++
				return x.TimeoutNow(id, to)
			})
		}
	}
}

// answering offers a message whose only content is that its sender heard the receiver.
func (b *bounds) answering(c *cluster, id, to raft.NodeID, try trying) {
	n := &c.Nodes[to]
	waits := n.Role == raft.PreCandidate && !(n.Heard & n.Willing).Has(id) && c.Nodes[id].Term <= n.Term
	for _, r := range c.Reads {
		t := c.Term(r.Term)
		waits = waits || t.Leader == to && r.Term == c.Nodes[id].Term && !r.Heard.Has(id)
	}
	if waits {
		try(say("Answer(%s, %s)", id, to), func(x *cluster) Refusal {
			x.Send(id, to)
			x.Answer(id, to, x.Nodes[id].Term)
			return ""
		})
	}
}

func (c *cluster) ask(id raft.NodeID) Refusal {
	c.spent[2]++
	highest := raft.Index(0)
	for _, t := range c.Terms {
		highest = max(highest, t.Commit)
	}
	r := c.AskRead(id, raft.OpID{Seq: uint32(c.spent[2])})
	if r == "" {
		c.known = append(c.known, highest)
	}
	return r
}

func (c *cluster) answer(id raft.NodeID, i int) Refusal {
	known := c.known[i]
	c.known = slices.Delete(c.known, i, i+1)
	c.stale = c.stale || c.Nodes[id].Commit < known
	return c.DoneRead(id, c.Reads[i].Op, false)
}

// reconfigurations offers to leave a joint configuration, or to make one node a voter or a
// learner.
func (b *bounds) reconfigurations(c *cluster, id raft.NodeID, try trying) {
	n := &c.Nodes[id]
	is := n.Config
	var list []raft.Configuration
	if is.Joint() {
		list = append(list, raft.Configuration{Voters: is.Voters, Learners: is.Learners})
	}
	for other := range c.Nodes {
		node := raft.NodeID(other)
		switch {
		case other == 0 || is.Joint() || c.spent[1] == b.changes:
		case is.Voters.Has(node):
			list = append(list, raft.Configuration{Voters: is.Voters.Without(node), Outgoing: is.Voters,
				Learners: is.Learners.With(node)})
		default:
			list = append(list, raft.Configuration{Voters: is.Voters.With(node), Outgoing: is.Voters,
				Learners: is.Learners.Without(node)})
		}
	}
	for _, to := range list {
		e := entry(n.Log, n.Term, raft.Reconfiguration, uint64(to.Voters)<<20|uint64(to.Outgoing)<<10|2)
		try(say("Reconfigure(%s, %s)", id, to), func(x *cluster) Refusal {
			if to.Joint() {
				x.spent[1]++
			}
			return x.Reconfigure(id, e, to)
		})
	}
}
