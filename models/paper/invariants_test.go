package paper

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// broken returns the property of figure 3 that a cluster breaks, or "".
func (c *cluster) broken() string {
	if c.stale {
		return "a read was answered from an older state"
	}
	for i := range c.Terms {
		t := &c.Terms[i]
		if id := c.rival(t); id != raft.None {
			return fmt.Sprintf("ElectionSafety: %s can lead term %d, and %s does", id, t.Number, t.Leader)
		}
		for j := range c.Terms[:i] {
			earlier := &c.Terms[j]
			if t.Leader != raft.None && !Agree(earlier.Log, t.Log, earlier.Commit) {
				return fmt.Sprintf("LeaderCompleteness: the leader of term %d lacks entry %d, committed in term %d",
					t.Number, earlier.Commit, earlier.Number)
			}
		}
	}
	for a := range c.Nodes {
		for b := range c.Nodes[:a] {
			if text := differ(&c.Nodes[a], &c.Nodes[b]); text != "" {
				return text
			}
		}
	}
	return ""
}

// rival returns a candidate that a quorum elected in a term that has a leader, or None.
func (c *cluster) rival(t *Term) raft.NodeID {
	for i := range c.Nodes {
		id, n := raft.NodeID(i), &c.Nodes[i]
		if t.Leader != raft.None && n.Term == t.Number && n.Role == raft.Candidate &&
			trace.HasQuorum(n.Config, t.voters(id)) {
			return id
		}
	}
	return raft.None
}

// differ returns the property that two nodes break together.
func differ(a, b *Node) string {
	for i := range min(len(a.Log), len(b.Log)) {
		if a.Log[i].Term == b.Log[i].Term && a.Log[i].Prefix != b.Log[i].Prefix {
			return fmt.Sprintf("LogMatching: at %d", i+1)
		}
	}
	if i := min(a.Commit, b.Commit); !Agree(a.Log, b.Log, i) {
		return fmt.Sprintf("StateMachineSafety: at %d", i)
	}
	return ""
}

// encode appends everything that decides the future of a cluster, with nodes named by as.
func (c *cluster) encode(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	for _, s := range c.spent {
		e.Numbers(uint64(s))
	}
	e.Flags(c.stale)
	for i := 1; i < len(c.Nodes); i++ {
		n := &c.Nodes[as.Named(raft.NodeID(i))]
		e.Numbers(uint64(n.Term), uint64(n.Role), uint64(n.Commit), uint64(n.Base), uint64(len(n.Log)))
		e.Node(n.Vote)
		if n.Role == raft.Leader {
			e.Numbers(uint64(n.Stored))
		}
		if c.PreVote {
			e.Nodes(n.Heard)
			e.Nodes(n.Willing)
			e.EntryID(n.Asked)
		}
		c.encodeLog(&e, n.Log)
	}
	for i := range c.Terms {
		c.encodeTerm(&e, &c.Terms[i])
	}
	e.Length(len(c.Reads))
	for i, r := range c.Reads {
		e.Node(r.Node)
		e.Numbers(uint64(r.Term), uint64(r.Need), uint64(c.known[i]))
		e.Nodes(r.Heard)
		e.Flags(r.Confirmed)
	}
	return e.Buf
}

func (c *cluster) encodeTerm(e *trace.Encoder, t *Term) {
	e.Numbers(uint64(t.Number), uint64(t.Commit), uint64(len(t.Log)))
	e.Nodes(t.Stood)
	e.Nodes(t.Told)
	e.Node(t.Leader)
	for i := 1; i < len(c.Nodes); i++ {
		id := e.Names.Named(raft.NodeID(i))
		e.EntryID(t.With[id])
		e.Node(t.Votes[id])
		e.Numbers(uint64(t.Stored[id]))
	}
	c.encodeLog(e, t.Log)
}

// encodeLog appends the terms and the configurations of a log. Prefixes have the old names.
func (c *cluster) encodeLog(e *trace.Encoder, log []Entry) {
	for i := range log {
		e.Numbers(uint64(log[i].Term), uint64(log[i].Kind))
		if log[i].Kind == raft.Reconfiguration {
			e.Config(c.Configs[log[i].Prefix])
		}
	}
}
