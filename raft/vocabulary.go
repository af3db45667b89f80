package raft

import (
	"fmt"
	"iter"
	"math/bits"
	"strconv"
)

// NodeID names a node of a cluster, from 1 to MaxNodeID.
type NodeID uint8

// None is the absence of a node: no vote, no known leader.
const None NodeID = 0

// MaxNodeID is the highest NodeID.
const MaxNodeID NodeID = 63

// String returns the name as traces and schedules write it: n1, or "none".
func (id NodeID) String() string {
	if id == None {
		return "none"
	}
	return fmt.Sprintf("n%d", uint8(id))
}

// NodeSet is a set of nodes; the zero value is empty.
type NodeSet uint64

// NodeSetOf returns the set of these nodes.
func NodeSetOf(ids ...NodeID) NodeSet {
	var s NodeSet
	for _, id := range ids {
		s = s.With(id)
	}
	return s
}

// FirstNodes returns the set of the nodes 1 to n.
func FirstNodes(n int) NodeSet { return NodeSet(1)<<(n+1) - 2 }

// With returns the set with id added.
func (s NodeSet) With(id NodeID) NodeSet { return s | 1<<id }

// Without returns the set with id removed.
func (s NodeSet) Without(id NodeID) NodeSet { return s &^ (1 << id) }

// Has reports whether id is in the set.
func (s NodeSet) Has(id NodeID) bool { return s>>id&1 != 0 }

// Len returns the number of nodes in the set.
func (s NodeSet) Len() int { return bits.OnesCount64(uint64(s)) }

// Max returns the highest node in the set, None if it is empty.
func (s NodeSet) Max() NodeID {
	if s == 0 {
		return None
	}
	return NodeID(bits.Len64(uint64(s)) - 1)
}

// Nth returns the i-th lowest node of the set, counted from 0; i must be below Len.
func (s NodeSet) Nth(i int) NodeID {
	for ; i > 0; i-- {
		s &= s - 1
	}
	return NodeID(bits.TrailingZeros64(uint64(s)))
}

// String formats the set as {1 2 3}.
func (s NodeSet) String() string {
	b := []byte{'{'}
	for id := range s.All() {
		if len(b) > 1 {
			b = append(b, ' ')
		}
		b = strconv.AppendUint(b, uint64(id), 10)
	}
	return string(append(b, '}'))
}

// All yields the nodes of the set, lowest first.
func (s NodeSet) All() iter.Seq[NodeID] {
	return func(yield func(NodeID) bool) {
		for ; s != 0; s &= s - 1 {
			if !yield(NodeID(bits.TrailingZeros64(uint64(s)))) {
				return
			}
		}
	}
}

// Term is a term number; terms act as Raft's logical clock (Raft paper, section 5.1).
type Term uint64

// Index is a position in the log, from 1; 0 is before the first entry.
type Index uint64

// EntryID names an entry: two logs that hold the same EntryID are equal up to
// it (Raft paper, figure 3, Log Matching).
type EntryID struct {
	Term  Term
	Index Index
}

// AtLeastAsUpToDateAs compares the ends of two logs as voters do: the later last
// term wins, and with equal terms the longer log (Raft paper, section 5.4.1).
func (e EntryID) AtLeastAsUpToDateAs(o EntryID) bool {
	return e.Term > o.Term || e.Term == o.Term && e.Index >= o.Index
}

// String formats term and index as t2i7.
func (e EntryID) String() string { return fmt.Sprintf("t%di%d", e.Term, e.Index) }

// EntryKind is the purpose of an entry.
type EntryKind uint8

const (
	// Command carries bytes for the state machine.
	Command EntryKind = iota
	// NoOp is the blank entry with which a leader opens its term (section 8).
	NoOp
	// Reconfiguration carries a configuration (section 6).
	Reconfiguration
)

// Configuration lists the members of a cluster (Raft paper, section 6). A quorum is
// a majority of Voters. While Outgoing is not empty the configuration is joint, and
// a quorum also needs a majority of Outgoing.
type Configuration struct {
	Voters   NodeSet
	Outgoing NodeSet // the voters before the change that is under way
	Learners NodeSet // receive the log and have no vote (thesis, section 4.2.1)
}

// Joint reports whether a change is under way.
func (c Configuration) Joint() bool { return c.Outgoing != 0 }

// Electors returns every node with a vote.
func (c Configuration) Electors() NodeSet { return c.Voters | c.Outgoing }

// Members returns every node that receives the log.
func (c Configuration) Members() NodeSet { return c.Voters | c.Outgoing | c.Learners }

// String formats a configuration as {1 2 3}, {1 2 3}+{4} with a learner, or {1
// 2}&{1 2 3} while it is joint.
func (c Configuration) String() string {
	s := c.Voters.String()
	if c.Joint() {
		s += "&" + c.Outgoing.String()
	}
	if c.Learners != 0 {
		s += "+" + c.Learners.String()
	}
	return s
}

// Entry is one entry of the log.
type Entry struct {
	ID   EntryID
	Kind EntryKind
	Data []byte
}

// Role is a node's current role (Raft paper, figure 4).
type Role uint8

// The roles. PreCandidate belongs to the pre-vote extension (thesis, section 9.6).
const (
	Follower Role = iota
	PreCandidate
	Candidate
	Leader
)

// Roles is the number of roles.
const Roles = 4

// String returns the role's usual name, or "role 7" for a number that is no role.
func (r Role) String() string {
	if r >= Roles {
		return fmt.Sprintf("role %d", uint8(r))
	}
	return [...]string{"follower", "pre-candidate", "candidate", "leader"}[r]
}
