package tracefile

import (
	"fmt"
	"io"

	"raftcheck/models/paper"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Result is the result of a check.
type Result struct {
	Events int    // that were explained, or the number of the one that was not
	Line   int    // of the event that no action explains; 0 if there is none
	Reason string // the action that comes nearest, and the guard that refused it
}

// String returns the result on one line.
func (r Result) String() string {
	if r.Line == 0 {
		return fmt.Sprintf("the paper's algorithm allows all %d events", r.Events)
	}
	return fmt.Sprintf("line %d: %s", r.Line, r.Reason)
}

// checker explains the events of a log.
type checker struct {
	state  *paper.State
	names  map[string]raft.NodeID
	booted raft.NodeSet
	asked  []message // by node, the last request with entries that it received
	reason string
}

// Check compares a log with the paper's algorithm. The error is of a log that cannot be read,
// or has no events.
func Check(name string, r io.Reader) (Result, error) {
	all := raft.FirstNodes(int(raft.MaxNodeID))
	c := &checker{
		state: paper.New(all, raft.Configuration{}, false), names: map[string]raft.NodeID{},
		asked: make([]message, raft.MaxNodeID+1),
	}
	var result Result
	var full error
	events, err := read(name, r, func(e *event) bool {
		if full = c.name(name, e); full != nil {
			return false
		}
		if c.explain(e); c.reason != "" {
			result.Line, result.Reason = e.line, c.reason
		}
		return c.reason == ""
	})
	if full != nil {
		err = full
	}
	result.Events = events
	return result, err
}

// name gives each node of an event a number, in the order of appearance.
func (c *checker) name(file string, e *event) error {
	list := append([]string{e.Node, e.State.Vote}, append(e.Conf[0], e.Conf[1]...)...)
	if m := e.Message; m != nil {
		list = append(list, m.From, m.To)
	}
	for _, node := range list {
		if _, known := c.names[node]; known || node == "" || node == "0" {
			continue
		}
		if len(c.names) == int(raft.MaxNodeID) {
			return fmt.Errorf("%s:%d: expected at most %d nodes, found more", file, e.line, raft.MaxNodeID)
		}
		c.names[node] = raft.NodeID(len(c.names) + 1)
	}
	return nil
}

// take notes the refusal of an action, and reports whether it was taken.
func (c *checker) take(e *event, refusal paper.Refusal, action string, about ...any) bool {
	if refusal != "" && c.reason == "" {
		action = fmt.Sprintf(action, about...)
		c.reason = fmt.Sprintf("%s of node %s is no %s, as %s", e.Name, e.Node, action, refusal)
	}
	return c.reason == ""
}

// explain takes the actions that lead to the state of an event, and those of its message.
func (c *checker) explain(e *event) {
	id := c.names[e.Node]
	n := &c.state.Nodes[id]
	if e.Name == "InitState" {
		c.booted = c.booted.Without(id)
	}
	if !c.booted.Has(id) {
		c.boots(e, id)
		return
	}
	n.Config = raft.Configuration{Voters: c.set(e.Conf[0]), Outgoing: c.set(e.Conf[1])}
	if c.term(e, id) && c.role(e, id) && c.log(e, id) && c.commit(e, id) && c.said(e, id) && e.Message != nil {
		switch e.Message.Type {
		case "MsgApp", "MsgSnap":
			if e.Name == "ReceiveAppendEntriesRequest" {
				c.asked[id] = *e.Message
			}
		}
	}
}

func (c *checker) set(names []string) (set raft.NodeSet) {
	for _, name := range names {
		set = set.With(c.names[name])
	}
	return set
}

// boots takes over the state of a node that boots. It ends with the first event that a node
// writes only when it runs. All its entries get its term, as the log does not have theirs.
func (c *checker) boots(e *event, id raft.NodeID) {
	n := &c.state.Nodes[id]
	log := n.Log
	if raft.Index(len(log)) != e.Log {
		log = blank(nil, e.State.Term, e.Log)
	}
	n.Commit = max(n.Commit, e.State.Commit)
	refusal := c.state.Restart(id, e.State.Term, c.names[e.State.Vote], log, e.State.Commit)
	c.take(e, refusal, "Restart")
	switch e.Name {
	case "InitState", "ApplyConfChange", "BecomeFollower":
	default:
		c.booted = c.booted.With(id)
	}
}

// blank extends a log to a length by entries of a term.
func blank(log []paper.Entry, term raft.Term, length raft.Index) []paper.Entry {
	for raft.Index(len(log)) < length {
		prefix := uint64(0)
		if len(log) > 0 {
			prefix = log[len(log)-1].Prefix
		}
		log = append(log, paper.Entry{Term: term, Prefix: trace.Mix(prefix, uint64(term))})
	}
	return log
}

// term explains the term and the vote.
func (c *checker) term(e *event, id raft.NodeID) bool {
	n, vote := &c.state.Nodes[id], c.names[e.State.Vote]
	if e.State.Term != n.Term {
		if vote != id || roles[e.Role] == raft.Follower {
			if !c.take(e, c.state.UpdateTerm(id, e.State.Term), "UpdateTerm to %d", e.State.Term) {
				return false
			}
		} else if !c.take(e, c.state.Timeout(id), "Timeout in term %d", n.Term) ||
			!c.take(e, c.state.SayVote(id, id, n.Term), "SayVote for itself") {
			return false
		}
	}
	switch {
	case n.Term != e.State.Term:
		return c.take(e, paper.Refusal(fmt.Sprintf("it leads to term %d", n.Term)), "Timeout")
	case vote == n.Vote:
		return true
	}
	return c.take(e, c.state.GrantVote(id, vote), "GrantVote for %s in term %d", e.State.Vote, n.Term)
}

// role explains the role.
func (c *checker) role(e *event, id raft.NodeID) bool {
	n := &c.state.Nodes[id]
	switch is := roles[e.Role]; {
	case is == n.Role:
		return true
	case is == raft.Leader:
		return c.take(e, c.state.BecomeLeader(id), "BecomeLeader of term %d", n.Term)
	case is == raft.Candidate:
		return c.take(e, "that role begins with a term", "change to a candidate")
	}
	n.Role = raft.Follower
	return true
}

// log explains the length of the log.
func (c *checker) log(e *event, id raft.NodeID) bool {
	n := &c.state.Nodes[id]
	length := raft.Index(len(n.Log))
	if e.Log == length {
		return true
	}
	if n.Role == raft.Leader {
		if e.Log < length {
			return c.take(e, "a leader never cuts its log", "Append")
		}
		for _, entry := range blank(n.Log, n.Term, e.Log)[length:] {
			c.take(e, c.state.Append(id, entry), "Append")
		}
		return c.reason == ""
	}
	m := &c.asked[id]
	if m.Type == "MsgSnap" {
		refusal := c.state.Install(id, m.Entries)
		return c.take(e, refusal, "Install of the snapshot up to %d", m.Entries) && c.long(e, n)
	}
	return c.take(e, c.state.Accept(id, m.Index, m.Index+m.Entries), "Accept of the entries %d to %d",
		m.Index+1, m.Index+m.Entries) && c.long(e, n)
}

// long compares the length of the log with that of an event.
func (c *checker) long(e *event, n *paper.Node) bool {
	if raft.Index(len(n.Log)) == e.Log {
		return true
	}
	why := fmt.Sprintf("it leads to a log of %d entries, and this one has %d", len(n.Log), e.Log)
	return c.take(e, paper.Refusal(why), "Accept of the last request")
}

// commit explains the commit index.
func (c *checker) commit(e *event, id raft.NodeID) bool {
	n := &c.state.Nodes[id]
	switch is := e.State.Commit; {
	case is == n.Commit:
		return true
	case is < n.Commit:
		return c.take(e, "a commit index never goes back", "LearnCommit of %d", is)
	case n.Role == raft.Leader:
		c.state.Persist(id, raft.Index(len(n.Log)))
		return c.take(e, c.state.Commit(id, is), "Commit of the entry %d", is)
	default:
		return c.take(e, c.state.LearnCommit(id, is), "LearnCommit of %d", is)
	}
}

// said explains the facts in a message that a node sends.
func (c *checker) said(e *event, id raft.NodeID) bool {
	m, n := e.Message, &c.state.Nodes[id]
	if m == nil || m.Reject || c.names[m.From] != id || m.Term != n.Term {
		return true
	}
	switch {
	case e.Name == "SendRequestVoteResponse":
		return c.take(e, c.state.SayVote(id, c.names[m.To], m.Term), "SayVote for %s", m.To)
	case e.Name == "SendAppendEntriesResponse" && m.Type == "MsgAppResp" && n.Role == raft.Follower:
		if m.Index > raft.Index(len(n.Log)) {
			return c.take(e, "its log is shorter", "SayStored up to %d", m.Index)
		}
		return c.take(e, c.state.SayStored(id, m.Term, paper.Last(n.Log[:m.Index])), "SayStored up to %d", m.Index)
	}
	return true
}
