package trace

import (
	"slices"

	"raftcheck/raft"
)

// View is the cluster as an outsider sees it, after the last record.
type View struct {
	All       raft.NodeSet // every node, a member of a configuration or not
	First     raft.NodeSet // the voters of the first configuration
	Nodes     []NodeView   // by NodeID; 0 is unused
	Committed []Commitment
	// NewCommits is the index of the first entry that the last record was the
	// first to call committed, 0 if there is none.
	NewCommits raft.Index
	// Open has the operations that clients wait for, in the order of their calls.
	Open []raft.OpID
	// Asked has the operator's requests that nodes have yet to answer, in the order
	// in which they were asked. A node that stops forgets those that it was asked.
	Asked []Request
}

// Request is what the operator asked of a node.
type Request struct {
	Op raft.OpID
	Of raft.NodeID
}

// Commitment is an entry that some node called committed: the entry as it
// stood in that node's log, and the term of that node then.
type Commitment struct {
	Logged
	In raft.Term
}

// Logged is an entry of a shadow log. Its term is 0 if the node's snapshot
// stands for it and nobody called it committed, so that nobody knows it.
type Logged struct {
	Term   raft.Term
	Hash   uint64 // of the entry
	Prefix uint64 // of the log up to and with the entry
}

// NodeView is one node as an outsider sees it.
type NodeView struct {
	Booted    bool // at least once
	Up        bool
	Refused   bool // its disk was refused at its last boot
	Stopped   bool // its disk failed since it booted
	Wiped     bool // its disk is gone for good, and it never boots again
	Inspected bool
	Hid       bool        // it once ran without showing its state
	Status    raft.Status // while up; the zero value while down
	Before    raft.Status // before the last record about this node
	Log       []Logged    // from index 1 on, whatever was compacted: the entry at index i is Log[i-1]
	Stored    Stored      // what is durable
	Expected  Stored      // at a boot, what had to be found again; once it is wiped, what its disk held
	Unstored  Effects     // what is written and not yet durable
	// ahead says that it booted as if it had applied something, and has neither
	// applied anything nor changed what it says since.
	Ahead bool
	// begun says that a step was partly durable before the last record about the
	// node if that was of a step or a crash, and ended that the rest of it is durable now.
	Begun, Ended bool
}

// Stored is what a node's disk holds: the state that the last step led to all
// of whose writes are durable.
type Stored struct {
	Term raft.Term
	Vote raft.NodeID
	Log  []Logged
	// Sure is the length of the log that is there for certain: a crash in the
	// middle of the writes of a step that cuts the log may have cut it.
	Sure raft.Index
	// Cut has the entries that were on the disk before or during the last
	// record about the node, and that the same record removed from it.
	Cut []raft.EntryID
}

// Reset makes the view that of a new cluster of these nodes, the first of which
// are the voters of the first configuration. It keeps its memory.
func (v *View) Reset(all, first raft.NodeSet) {
	v.All, v.First = all, first
	for len(v.Nodes) <= int(all.Max()) {
		v.Nodes = append(v.Nodes, NodeView{})
	}
	for i := range v.Nodes {
		n := &v.Nodes[i]
		n.Stored.reset()
		n.Expected.reset()
		n.Unstored.reset()
		*n = NodeView{Log: n.Log[:0], Stored: n.Stored, Expected: n.Expected, Unstored: n.Unstored}
	}
	v.Committed, v.NewCommits, v.Open, v.Asked = v.Committed[:0], 0, v.Open[:0], v.Asked[:0]
}

// committed is the term of the committed entry at an index, 0 if there is none.
func (v *View) CommittedTerm(i raft.Index) raft.Term {
	if i == 0 || i > raft.Index(len(v.Committed)) {
		return 0
	}
	return v.Committed[i-1].Term
}

// ran reports whether any node ever booted.
func (v *View) Ran() bool {
	for i := range v.Nodes {
		if v.Nodes[i].Booted {
			return true
		}
	}
	return false
}

// inspected reports whether every node that ever booted shows its state.
func (v *View) AllInspected() bool {
	for i := range v.Nodes {
		if v.Nodes[i].Hid {
			return false
		}
	}
	return true
}

// Holds reports whether the node's log in memory is equal to the log that led to c, up to index i.
func (n *NodeView) Holds(i raft.Index, c *Commitment) bool {
	return int(i) <= len(n.Log) && n.Log[i-1].Prefix == c.Prefix
}

// Elected reports whether the last record about the node made it leader of a term.
func (n *NodeView) Elected() bool {
	return n.Status.Role == raft.Leader && (n.Before.Role != raft.Leader || n.Before.Term != n.Status.Term)
}

// disk is what the node's disk holds for certain. A disk that was wiped counts as
// it was: the node never comes back to say otherwise, which Raft allows for (Raft
// paper, section 2).
func (n *NodeView) disk() *Stored {
	if n.Wiped {
		return &n.Expected
	}
	return &n.Stored
}

// MayStore reports whether the node's disk may hold the log that led to c, up
// to index i.
func (n *NodeView) MayStore(i raft.Index, c *Commitment) bool {
	log := n.disk().Log
	if int(i) <= len(log) && log[i-1].Prefix == c.Prefix {
		return true
	}
	e := n.Unstored.Begun()
	if e == nil {
		return false
	}
	l := n.Unstored.appends(e, i)
	return l != nil && l.Prefix == c.Prefix
}

// Observe folds a record into the view.
func (v *View) Observe(r *Record) {
	v.NewCommits = 0
	switch r.Kind {
	case Stepped:
		v.stepped(r)
	case Booted:
		v.booted(r)
	case BootFailed:
		v.Nodes[r.Node].Refused = true
	case Crashed, Panicked:
		v.crashed(r)
	case Wiped:
		v.wiped(r)
	case Called:
		v.Open = append(v.Open, r.Op)
	case Returned, Abandoned, Expired:
		v.closed(r.Op)
	case Asked:
		v.Asked = append(v.Asked, Request{r.Op, r.Node})
	case Answered:
		v.Asked = slices.DeleteFunc(v.Asked, func(q Request) bool { return q.Op == r.Op })
	}
}

// forget drops what the operator asked of a node.
func (v *View) forget(id raft.NodeID) {
	v.Asked = slices.DeleteFunc(v.Asked, func(q Request) bool { return q.Of == id })
}

func (v *View) stepped(r *Record) {
	n := &v.Nodes[r.Node]
	n.Stored.Cut = n.Stored.Cut[:0]
	n.Begun, n.Ended = n.Unstored.Begun() != nil, false
	if _, failed := r.Input.(*raft.PersistFailed); failed {
		n.Stopped = true
	}
	if !r.Inspected {
		return
	}
	n.Before, n.Status = n.Status, r.Status
	n.Ahead = n.Ahead && n.Status.Applied == n.Before.Applied && !r.applies()
	n.Log = extend(n.Log, r.Kept, r.Appended)
	n.Unstored.Kept = min(n.Unstored.Kept, r.Kept)
	if len(r.Out.Writes) > 0 && !n.Stopped {
		n.Unstored.push(r.Out.Writes, n)
	}
	n.Ended = n.Unstored.pop(r.Durable, &n.Stored) && n.Begun
	v.commit(n)
}

func (v *View) booted(r *Record) {
	n := &v.Nodes[r.Node]
	n.Booted, n.Up, n.Refused, n.Stopped, n.Inspected = true, true, false, false, r.Inspected
	n.Hid = n.Hid || !r.Inspected
	n.Before, n.Status = raft.Status{}, r.Status
	n.Ahead = r.Status.Applied != 0
	if !r.Inspected {
		return
	}
	n.Log = extend(n.Log, 0, r.Appended)
	n.Unstored.reset()
	n.Stored, n.Expected = n.Expected, n.Stored
	n.Stored.Term, n.Stored.Vote = r.Status.Term, r.Status.Vote
	n.Stored.Log = append(n.Stored.Log[:0], n.Log...)
	n.Stored.Sure = raft.Index(len(n.Stored.Log))
	n.Stored.Cut = n.Stored.Cut[:0]
	v.commit(n)
}

func (v *View) crashed(r *Record) {
	n := &v.Nodes[r.Node]
	n.Stored.Cut = n.Stored.Cut[:0]
	n.Begun = n.Unstored.Begun() != nil
	n.Ended = n.Unstored.lose(r.Durable, r.Torn, &n.Stored) && n.Begun
	n.Up, n.Stopped, n.Ahead = false, false, false
	n.Before, n.Status = n.Status, raft.Status{}
	v.forget(r.Node)
}

// wiped takes the disk away from a node, and the node with it.
func (v *View) wiped(r *Record) {
	n := &v.Nodes[r.Node]
	n.Stored, n.Expected = n.Expected, n.Stored
	n.Stored.reset()
	n.Wiped, n.Up, n.Refused, n.Stopped, n.Ahead = true, false, false, false, false
	n.Before, n.Status = n.Status, raft.Status{}
	v.forget(r.Node)
}

// commit records what n is the first to call committed. An entry that n's log
// does not hold is left for a checker to complain about, and so is one that
// only a snapshot of n stands for.
func (v *View) commit(n *NodeView) {
	last := min(n.Status.Commit, raft.Index(len(n.Log)))
	next := raft.Index(len(v.Committed)) + 1
	if last < next {
		return
	}
	for i := next; i <= last; i++ {
		e := n.Log[i-1]
		if e.Term == 0 && i <= n.Status.Base.Index {
			return
		}
		v.NewCommits = next
		v.Committed = append(v.Committed, Commitment{Logged: e, In: n.Status.Term})
	}
}

func (v *View) closed(op raft.OpID) {
	for i, o := range v.Open {
		if o == op {
			v.Open = append(v.Open[:i], v.Open[i+1:]...)
			return
		}
	}
}

// extend cuts a shadow log back to kept and appends what the node's log holds after it.
func extend(log []Logged, kept raft.Index, appended []Digest) []Logged {
	log = log[:kept]
	prefix := uint64(0)
	if kept > 0 {
		prefix = log[kept-1].Prefix
	}
	for _, d := range appended {
		prefix = Mix(Mix(prefix, uint64(d.ID.Term)), d.Hash)
		log = append(log, Logged{Term: d.ID.Term, Hash: d.Hash, Prefix: prefix})
	}
	return log
}

func (s *Stored) reset() { *s = Stored{Log: s.Log[:0], Cut: s.Cut[:0]} }

// cut removes from the disk every entry after kept.
func (s *Stored) cut(kept raft.Index) {
	for i := kept; i < raft.Index(len(s.Log)); i++ {
		s.Cut = append(s.Cut, raft.EntryID{Term: s.Log[i].Term, Index: i + 1})
	}
	s.Log = s.Log[:min(kept, raft.Index(len(s.Log)))]
}

// holds reports whether the log on the disk holds an entry.
func (s *Stored) holds(id raft.EntryID) bool {
	return id.Index <= raft.Index(len(s.Log)) && s.Log[id.Index-1].Term == id.Term
}
