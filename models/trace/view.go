package trace

import (
	"slices"

	"raftcheck/raft"
)

// View is the cluster as an outsider sees it, after the last record.
type View struct {
	All         raft.NodeSet // every node, a member of a configuration or not
	FirstVoters raft.NodeSet // the voters of the first configuration
	// FirstLearners are the learners of the first configuration. Reset makes them none.
	FirstLearners raft.NodeSet
	// PreVote reports that elections ask for pre-votes first. Reset makes it false.
	PreVote bool
	// Limits are those of the system. Reset makes them none.
	Limits raft.Limits
	// Joined has the nodes that were in a configuration by which some node acted.
	Joined    raft.NodeSet
	Nodes     []NodeView   // by NodeID; 0 is unused
	Ticks     []int64      // the time on the clock of each node, which stands still while it is down
	Committed []Commitment // the entries that some node reported as committed; index i is Committed[i-1]
	// NewCommits is the index of the first entry that no node had reported as
	// committed before the last record, or 0.
	NewCommits raft.Index
	// Open has the operations that clients wait for, in the order of their calls.
	Open []raft.OpID
	// Asked has the operator's requests without an answer, in the order of the
	// requests. A node that stops forgets the requests that it received.
	Asked []Request
}

// Request is a request of the operator to a node.
type Request struct {
	Op raft.OpID   // its identifier
	Of raft.NodeID // the node that received it
}

// Commitment is an entry that some node reported as committed, as the first node to do
// so had it in its log.
type Commitment struct {
	Logged
	In raft.Term // the term of that node then
}

// Logged is an entry of a shadow log. Its term is 0 if its content is unknown: the
// node's snapshot replaced it, and no node ever reported it as committed.
type Logged struct {
	Term   raft.Term
	Hash   uint64 // of the entry
	Prefix uint64 // of the log up to and with the entry
	Kind   raft.EntryKind
}

// Digest is the digest of the entry, which is at an index.
func (l *Logged) Digest(i raft.Index) Digest {
	return Digest{ID: raft.EntryID{Term: l.Term, Index: i}, Hash: l.Hash, Kind: l.Kind}
}

// NodeView is one node as an outsider sees it.
type NodeView struct {
	Booted    bool // it booted at least once
	Up        bool // it runs
	Refused   bool // it refused its disk at its last boot
	Stopped   bool // its disk failed since it booted
	Wiped     bool // its disk is gone for good, and it never boots again
	Inspected bool // it shows its state since its last boot
	EverHid   bool // it once ran without showing its state
	// Status is the status while up, and the zero value while down. Its configuration has
	// nodes of the cluster alone; the record has all that the node named.
	Status   raft.Status
	Before   raft.Status  // the status before the last record about this node
	Log      []Logged     // the entry at index i is Log[i-1], compacted entries included
	Stored   Stored       // the durable state
	Expected Stored       // after a boot, the durable state before it; after a wipe, that of the lost disk
	Pending  PendingSteps // the steps that are written and not durable yet
	// LastConfig is the index of the last entry of Log that is a configuration or of unknown
	// content, or 0.
	LastConfig raft.Index
	// BootedAhead reports that the node booted with an applied index above 0, and
	// since then neither applied an entry nor changed that index.
	BootedAhead bool
	// HadPartial reports that a step was partly durable (see [PendingSteps.Partial])
	// before the last record of a step or a crash of this node.
	HadPartial bool
	// PartialEnded reports that this record made the rest of that step durable.
	PartialEnded bool
	// AwaitedCut reports that the node awaited a cut (see [NodeView.AwaitsCut]) before the last
	// record of a step.
	AwaitedCut bool
}

// Stored is the content of a node's disk: the state after the last step whose writes are
// all durable.
type Stored struct {
	Term raft.Term
	Vote raft.NodeID // the vote in Term
	Log  []Logged    // the entry at index i is Log[i-1]
	// Certain is the length of the part of Log that is on the disk for certain. A
	// crash amid the writes of a step that cuts the log may have cut the rest.
	Certain raft.Index
	// Cut has the entries that the last record about the node removed from the disk,
	// including entries that became durable in that same record.
	Cut []raft.EntryID
	// Skipped is the term of the last batch that the last record made durable, or 0. The node
	// may have appended entries in earlier terms of the batch, and cut them again.
	Skipped raft.Term
}

// Reset starts the view of a new cluster. The set all has its nodes, and first has the
// voters of the first configuration. Reset keeps allocated memory.
func (v *View) Reset(all, first raft.NodeSet) {
	v.All, v.FirstVoters, v.FirstLearners, v.PreVote, v.Limits = all, first, 0, false, raft.Limits{}
	v.Joined = 0
	for len(v.Nodes) <= int(all.Max()) {
		v.Nodes = append(v.Nodes, NodeView{})
	}
	v.Ticks = slices.Grow(v.Ticks[:0], 1+int(all.Max()))[:1+int(all.Max())]
	clear(v.Ticks)
	for i := range v.Nodes {
		n := &v.Nodes[i]
		n.Stored.reset()
		n.Expected.reset()
		n.Pending.reset()
		*n = NodeView{Log: n.Log[:0], Stored: n.Stored, Expected: n.Expected, Pending: n.Pending}
	}
	v.Committed, v.NewCommits, v.Open, v.Asked = v.Committed[:0], 0, v.Open[:0], v.Asked[:0]
}

// CommittedTerm returns the term of the committed entry at an index, or 0.
func (v *View) CommittedTerm(i raft.Index) raft.Term {
	if i == 0 || i > raft.Index(len(v.Committed)) {
		return 0
	}
	return v.Committed[i-1].Term
}

// Full reports whether as many entries are committed as a log may have.
func (v *View) Full() bool {
	return v.Limits.Entries > 0 && raft.Index(len(v.Committed)) >= v.Limits.Entries
}

// Ran reports whether any node ever booted.
func (v *View) Ran() bool {
	for i := range v.Nodes {
		if v.Nodes[i].Booted {
			return true
		}
	}
	return false
}

// AllInspected reports whether every node showed its state whenever it ran.
func (v *View) AllInspected() bool {
	for i := range v.Nodes {
		if v.Nodes[i].EverHid {
			return false
		}
	}
	return true
}

// Holds reports whether the node's log in memory is equal, up to index i, to the log of
// the node that first reported c as committed. The index of c is i.
func (n *NodeView) Holds(i raft.Index, c *Commitment) bool {
	return i <= raft.Index(len(n.Log)) && n.Log[i-1].Prefix == c.Prefix
}

// Elected reports whether the last record about the node made it leader of a term.
func (n *NodeView) Elected() bool {
	return n.Status.Role == raft.Leader && (n.Before.Role != raft.Leader || n.Before.Term != n.Status.Term)
}

// disk returns the content of the node's disk. A wiped disk counts with its last
// content: the node never boots again, and Raft tolerates a node that fails for good
// (Raft paper, section 2).
func (n *NodeView) disk() *Stored {
	if n.Wiped {
		return &n.Expected
	}
	return &n.Stored
}

// MayStore reports whether the node's disk may hold, up to index i, the log of the node
// that first reported c as committed. The index of c is i. A partly durable step counts,
// as its durable writes may record the entry.
func (n *NodeView) MayStore(i raft.Index, c *Commitment) bool {
	log := n.disk().Log
	if i <= raft.Index(len(log)) && log[i-1].Prefix == c.Prefix {
		return true
	}
	e := n.Pending.Partial()
	if e == nil {
		return false
	}
	l := n.Pending.appends(e, i)
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

// forget drops the operator's requests to a node.
func (v *View) forget(id raft.NodeID) {
	v.Asked = slices.DeleteFunc(v.Asked, func(q Request) bool { return q.Of == id })
}

func (v *View) stepped(r *Record) {
	n := &v.Nodes[r.Node]
	n.Stored.Cut, n.Stored.Skipped = n.Stored.Cut[:0], 0
	n.HadPartial, n.PartialEnded, n.AwaitedCut = n.Pending.Partial() != nil, false, n.AwaitsCut()
	switch r.Input.(type) {
	case *raft.Tick:
		v.Ticks[r.Node]++
	case *raft.PersistFailed:
		n.Stopped = true
	}
	if !r.Inspected {
		return
	}
	n.Before = n.Status
	v.show(n, r)
	n.BootedAhead = n.BootedAhead && n.Status.Applied == n.Before.Applied && !r.applies()
	n.extend(r.Kept, r.Appended)
	n.Pending.Kept = min(n.Pending.Kept, r.Kept)
	if len(r.Out.Writes) > 0 && !n.Stopped {
		n.Pending.push(r.Out.Writes, r.Batch == Ending, n)
	}
	n.PartialEnded = n.Pending.pop(r.Durable, &n.Stored) && n.HadPartial
	v.commit(n)
}

// show sets the status of a node to that in a record, without nodes outside of the cluster in its
// configuration: nothing is known of them.
func (v *View) show(n *NodeView, r *Record) {
	n.Status = r.Status
	c := &n.Status.Config
	c.Voters &= v.All
	c.Outgoing &= v.All
	c.Learners &= v.All
	v.Joined |= c.Members()
}

func (v *View) booted(r *Record) {
	n := &v.Nodes[r.Node]
	n.Booted, n.Up, n.Refused, n.Stopped, n.Inspected = true, true, false, false, r.Inspected
	n.EverHid = n.EverHid || !r.Inspected
	n.Before = raft.Status{}
	v.show(n, r)
	n.BootedAhead = r.Status.Applied != 0
	if !r.Inspected {
		return
	}
	n.extend(0, r.Appended)
	n.Pending.reset()
	n.Stored, n.Expected = n.Expected, n.Stored
	n.Stored.Term, n.Stored.Vote = r.Status.Term, r.Status.Vote
	n.Stored.Log = append(n.Stored.Log[:0], n.Log...)
	n.Stored.Certain = raft.Index(len(n.Stored.Log))
	n.Stored.Cut = n.Stored.Cut[:0]
	v.commit(n)
}

func (v *View) crashed(r *Record) {
	n := &v.Nodes[r.Node]
	n.Stored.Cut = n.Stored.Cut[:0]
	n.HadPartial = n.Pending.Partial() != nil
	n.PartialEnded = n.Pending.crash(r.Durable, r.Torn, &n.Stored) && n.HadPartial
	n.Up, n.Stopped, n.BootedAhead = false, false, false
	n.Before, n.Status = n.Status, raft.Status{}
	v.forget(r.Node)
}

// wiped removes a node and its disk.
func (v *View) wiped(r *Record) {
	n := &v.Nodes[r.Node]
	n.Stored, n.Expected = n.Expected, n.Stored
	n.Stored.reset()
	n.Wiped, n.Up, n.Refused, n.Stopped, n.BootedAhead = true, false, false, false, false
	n.Before, n.Status = n.Status, raft.Status{}
	v.forget(r.Node)
}

// commit adds the entries that n is the first to report as committed. It leaves out an
// entry beyond the end of n's log, which is for a checker to report. It also stops at an
// entry of unknown content, which only a snapshot of n stands for.
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

// ConfigBefore returns the index of the last entry of Log, up to index i, that is a
// configuration or of unknown content, or 0.
func (n *NodeView) ConfigBefore(i raft.Index) raft.Index {
	i = min(i, n.LastConfig)
	for i > 0 && !n.Log[i-1].mayConfigure() {
		i--
	}
	return i
}

// mayConfigure reports whether an entry is a configuration or of unknown content.
func (l *Logged) mayConfigure() bool { return l.Kind == raft.Reconfiguration || l.Term == 0 }

// AwaitsCut reports whether the node acts by a configuration that it cut from its log while its
// disk still holds it. The node may wait for the disk.
func (n *NodeView) AwaitsCut() bool {
	at, disk := int(n.Status.ConfigIndex), n.Stored.Log
	return len(n.Pending.Steps) > 0 && at > 0 && at <= len(disk) && disk[at-1].Kind == raft.Reconfiguration &&
		(at > len(n.Log) || n.Log[at-1].Prefix != disk[at-1].Prefix)
}

// Stores reports whether the node's disk holds its log up to index i.
func (n *NodeView) Stores(i raft.Index) bool {
	return int(i) <= len(n.Stored.Log) && n.Stored.Log[i-1].Prefix == n.Log[i-1].Prefix
}

// Leads reports whether the node leads its term, or led it before the last record.
func (n *NodeView) Leads() bool {
	was := &n.Before
	return n.Status.Role == raft.Leader || was.Role == raft.Leader && was.Term == n.Status.Term
}

// extend changes Log as the node's log changed, and LastConfig with it.
func (n *NodeView) extend(kept raft.Index, appended []Digest) {
	n.Log = extend(n.Log, kept, appended)
	n.LastConfig = n.ConfigBefore(kept)
	for i := range appended {
		if at := kept + raft.Index(i); n.Log[at].mayConfigure() {
			n.LastConfig = at + 1
		}
	}
}

// extend cuts a shadow log back to kept and appends the entries that follow in the node's log.
func extend(log []Logged, kept raft.Index, appended []Digest) []Logged {
	log = log[:kept]
	prefix := uint64(0)
	if kept > 0 {
		prefix = log[kept-1].Prefix
	}
	for _, d := range appended {
		prefix = PrefixOf(prefix, d.ID.Term, d.Hash)
		log = append(log, Logged{Term: d.ID.Term, Hash: d.Hash, Prefix: prefix, Kind: d.Kind})
	}
	return log
}

// PrefixOf returns the hash of a log up to an entry of a term and with a hash, which
// follows a log with the hash before.
func PrefixOf(before uint64, term raft.Term, hash uint64) uint64 {
	return Mix(Mix(before, uint64(term)), hash)
}

func (s *Stored) reset() { *s = Stored{Log: s.Log[:0], Cut: s.Cut[:0]} }

// cut removes from the disk every entry after kept, and adds it to Cut.
func (s *Stored) cut(kept raft.Index) {
	for i := kept; i < raft.Index(len(s.Log)); i++ {
		s.Cut = append(s.Cut, raft.EntryID{Term: s.Log[i].Term, Index: i + 1})
	}
	s.Log = s.Log[:min(kept, raft.Index(len(s.Log)))]
}

// holds reports whether the log on the disk holds this entry.
func (s *Stored) holds(id raft.EntryID) bool {
	return id.Index <= raft.Index(len(s.Log)) && s.Log[id.Index-1].Term == id.Term
}
