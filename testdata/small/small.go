// Package small is the core of Raft: elections and log replication, as in figure 2
// of the Raft paper. It has no snapshots, and its cluster does not change.
//
// One goroutine drives a Node. It calls Tick, Step and Propose, and after each of
// them does the work that Ready returns:
//
//	for ready, ok := node.Ready(); ok; ready, ok = node.Ready() {
//		save(ready.State, ready.Entries) // and fsync
//		send(ready.Messages)
//		apply(ready.Committed)
//		node.Advance()
//	}
package small

import (
	"errors"
	"math/rand/v2"
	"slices"
)

// ErrNotLeader is returned for a proposal to a node that does not lead.
var ErrNotLeader = errors.New("small: not the leader")

// Entry is one entry of the log.
type Entry struct {
	Term, Index uint64
	Blank       bool // opens its leader's term, and is not applied
	Data        []byte
}

// State is the persistent state besides the log.
type State struct {
	Term, Vote uint64 // Vote is 0 for none
}

// Role is a node's current role.
type Role int

// The roles.
const (
	Follower Role = iota
	Candidate
	Leader
)

// Kind is the kind of a message.
type Kind int

// The kinds of message.
const (
	VoteRequest Kind = iota
	VoteReply
	AppendRequest
	AppendReply
)

func (k Kind) String() string {
	return [...]string{"VoteRequest", "VoteReply", "AppendRequest", "AppendReply"}[k]
}

// Message is sent from one node to another.
type Message struct {
	Kind     Kind
	From, To uint64
	Term     uint64
	// Index and LogTerm name the end of the candidate's log in a VoteRequest, and
	// the entry before Entries in an AppendRequest. In an AppendReply Index is the
	// last entry known to match or, if it is not OK, the last one worth trying.
	Index, LogTerm uint64
	Entries        []Entry
	Commit         uint64
	OK             bool
}

// Config describes a node.
type Config struct {
	ID             uint64
	Peers          []uint64 // every node of the cluster, this one too
	ElectionTicks  int      // an election starts after one to two times this many silent ticks
	HeartbeatTicks int      // ticks between two heartbeats of a leader
	Rand           *rand.Rand
	State          State   // as it was saved
	Log            []Entry // as it was saved
}

// Ready is the work of the application: save, then send, then apply.
type Ready struct {
	State     State
	Entries   []Entry // they replace the saved entries from the first of their indexes on
	MustSave  bool    // whether State or Entries are new
	Messages  []Message
	Committed []Entry
}

// Node is one node of a cluster.
type Node struct {
	Config
	role     Role
	leader   uint64
	commit   uint64
	applied  uint64
	silent   int // ticks since a leader or a candidate was heard; at a leader, since its heartbeat
	patience int // ticks of silence that start an election
	votes    map[uint64]bool
	next     map[uint64]uint64
	match    map[uint64]uint64
	saved    State
	unsaved  uint64 // the first index that is not saved
	messages []Message
}

// New starts a node from its saved state.
func New(c Config) *Node {
	n := &Node{Config: c, saved: c.State, unsaved: uint64(len(c.Log)) + 1}
	n.follow(c.State.Term, 0)
	return n
}

// Status is a node's current state.
type Status struct {
	State
	Role                          Role
	Leader, Last, Commit, Applied uint64
}

// Status returns the node's current state.
func (n *Node) Status() Status {
	return Status{n.State, n.role, n.leader, n.last(), n.commit, n.applied}
}

// Entry returns the entry at an index, if the log has it.
func (n *Node) Entry(i uint64) (Entry, bool) {
	if i == 0 || i > n.last() {
		return Entry{}, false
	}
	return n.Log[i-1], true
}

// Tick advances the node's clock by one unit of time.
func (n *Node) Tick() {
	n.silent++
	if n.role == Leader {
		if n.silent >= n.HeartbeatTicks {
			n.silent = 0
			n.broadcast()
		}
	} else if n.silent >= n.patience {
		n.Campaign()
	}
}

// Campaign starts an election, unless the node leads already.
func (n *Node) Campaign() {
	if n.role == Leader || !slices.Contains(n.Peers, n.ID) {
		return
	}
	n.role, n.leader = Candidate, 0
	n.State = State{Term: n.State.Term + 1, Vote: n.ID}
	n.votes = map[uint64]bool{}
	n.rest()
	for _, p := range n.others() {
		n.send(Message{Kind: VoteRequest, To: p, Index: n.last(), LogTerm: n.termAt(n.last())})
	}
}

// Propose appends data to the log of the leader, and returns its entry. The
// proposal is committed if the entry that is applied at this index has this term.
func (n *Node) Propose(data []byte) (Entry, error) {
	if n.role != Leader {
		return Entry{}, ErrNotLeader
	}
	return n.append(Entry{Data: data}), nil
}

// Step handles a message.
func (n *Node) Step(m Message) {
	if m.Term > n.State.Term {
		n.follow(m.Term, 0)
	}
	switch m.Kind {
	case VoteRequest:
		n.vote(m)
	case VoteReply:
		if m.Term == n.State.Term && n.role == Candidate && m.OK {
			n.votes[m.From] = true
			n.count()
		}
	case AppendRequest:
		n.store(m)
	case AppendReply:
		if m.Term == n.State.Term && n.role == Leader {
			n.progress(m)
		}
	}
}

// Ready returns the work to do, and false if there is none. Advance must be called
// before any other method.
func (n *Node) Ready() (Ready, bool) {
	r := Ready{
		State: n.State, Entries: n.Log[n.unsaved-1:],
		Messages: n.messages, Committed: n.Log[n.applied:n.commit],
	}
	r.MustSave = n.State != n.saved || len(r.Entries) > 0
	return r, r.MustSave || len(r.Messages)+len(r.Committed) > 0
}

// Advance reports that the work of the last Ready is done. The saved state counts
// from now on.
func (n *Node) Advance() {
	n.saved, n.unsaved, n.messages, n.applied = n.State, n.last()+1, nil, n.commit
	switch n.role {
	case Candidate:
		n.votes[n.ID] = true
		n.count()
	case Leader:
		n.match[n.ID] = n.last()
		n.advanceCommit()
	}
}

func (n *Node) last() uint64 { return uint64(len(n.Log)) }

func (n *Node) termAt(i uint64) uint64 {
	e, _ := n.Entry(i)
	return e.Term
}

func (n *Node) others() []uint64 {
	return slices.DeleteFunc(slices.Clone(n.Peers), func(p uint64) bool { return p == n.ID })
}

func (n *Node) send(m Message) {
	m.From, m.Term = n.ID, n.State.Term
	n.messages = append(n.messages, m)
}

// rest restarts the election timer.
func (n *Node) rest() {
	n.silent, n.patience = 0, n.ElectionTicks+n.Rand.IntN(n.ElectionTicks)
}

func (n *Node) follow(term, leader uint64) {
	if term > n.State.Term {
		n.State = State{Term: term}
	}
	n.role, n.leader = Follower, leader
	n.rest()
}

func (n *Node) vote(m Message) {
	last := n.termAt(n.last())
	upToDate := m.LogTerm > last || m.LogTerm == last && m.Index >= n.last()
	ok := m.Term == n.State.Term && upToDate && (n.State.Vote == 0 || n.State.Vote == m.From)
	if ok {
		n.State.Vote = m.From
		n.rest()
	}
	n.send(Message{Kind: VoteReply, To: m.From, OK: ok})
}

func (n *Node) append(e Entry) Entry {
	e.Term, e.Index = n.State.Term, n.last()+1
	n.Log = append(n.Log, e)
	n.broadcast()
	return e
}

// count makes a candidate with a majority of the votes the leader. Its term begins
// with a blank entry, which commits the entries left of earlier terms. Without it
// they would wait for the next proposal of a client (section 8).
func (n *Node) count() {
	if len(n.votes) <= len(n.Peers)/2 {
		return
	}
	n.role, n.leader, n.silent = Leader, n.ID, 0
	n.next, n.match = map[uint64]uint64{}, map[uint64]uint64{n.ID: n.last()}
	for _, p := range n.Peers {
		n.next[p] = n.last() + 1
	}
	n.append(Entry{Blank: true})
}

func (n *Node) broadcast() {
	for _, p := range n.others() {
		n.replicate(p)
	}
}

func (n *Node) replicate(p uint64) {
	prev := n.next[p] - 1
	n.send(Message{
		Kind: AppendRequest, To: p, Index: prev, LogTerm: n.termAt(prev),
		Entries: n.Log[prev:], Commit: n.commit,
	})
}

func (n *Node) store(m Message) {
	if m.Term < n.State.Term {
		n.send(Message{Kind: AppendReply, To: m.From})
		return
	}
	n.follow(m.Term, m.From)
	if m.Index > n.last() || n.termAt(m.Index) != m.LogTerm {
		n.send(Message{Kind: AppendReply, To: m.From, Index: min(n.last(), m.Index-1)})
		return
	}
	for i, e := range m.Entries {
		if e.Index > n.last() || n.termAt(e.Index) != e.Term {
			n.Log = append(n.Log[:e.Index-1], m.Entries[i:]...)
			n.unsaved = min(n.unsaved, e.Index)
			break
		}
	}
	stored := m.Index + uint64(len(m.Entries))
	n.commit = max(n.commit, min(m.Commit, stored))
	n.send(Message{Kind: AppendReply, To: m.From, Index: stored, OK: true})
}

func (n *Node) progress(m Message) {
	switch {
	case !m.OK:
		n.next[m.From] = max(n.match[m.From], m.Index) + 1
		n.replicate(m.From)
	case m.Index > n.match[m.From]:
		n.match[m.From], n.next[m.From] = m.Index, m.Index+1
		n.advanceCommit()
		if m.Index < n.last() {
			n.replicate(m.From)
		}
	}
}

// advanceCommit commits the entries that a majority stored, if the last of them is
// of this term (section 5.4.2).
func (n *Node) advanceCommit() {
	var stored []uint64
	for _, p := range n.Peers {
		stored = append(stored, n.match[p])
	}
	slices.Sort(stored)
	if i := stored[(len(stored)-1)/2]; i > n.commit && n.termAt(i) == n.State.Term {
		n.commit = i
	}
}
