package trial

import (
	"fmt"
	"slices"
	"strings"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// State is an abstract state of a cluster: how many nodes there are of each [nodeState],
// four bits a kind. Clusters that differ in the names of their nodes alone are one state.
type State uint64

// nodeState is the abstract state of a node: its role, and whether it is behind. The term
// is old if a running node has a later one, and the log is if another is more up to date.
type nodeState uint8

// The parts of a nodeState. The lower two bits are 0 for a node that is down.
const (
	following nodeState = 1
	standing  nodeState = 2 // for election, or canvassing
	leading   nodeState = 3
	oldTerm   nodeState = 4
	oldLog    nodeState = 8
)

// Kinds has a bit for each kind of node of which the state has any.
func (s State) Kinds() (kinds uint16) {
	for kind := range 16 {
		if s>>(4*kind)&15 > 0 {
			kinds |= 1 << kind
		}
	}
	return kinds
}

// stateNames holds the name of each role.
var stateNames = [...]string{"down", "following", "standing", "leading"}

// String lists the nodes of the state, such as "1 leading, 2 following in an old term".
func (s State) String() string {
	var parts []string
	for kind := leading | oldTerm | oldLog; ; kind-- {
		if n := s >> (4 * kind) & 15; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s%s", n, stateNames[kind&3], behind(kind)))
		}
		if kind == 0 {
			return strings.Join(parts, ", ")
		}
	}
}

func behind(kind nodeState) string {
	switch kind & (oldTerm | oldLog) {
	case oldTerm:
		return " in an old term"
	case oldLog:
		return " with an old log"
	case oldTerm | oldLog:
		return " in an old term with an old log"
	}
	return ""
}

// stateWatch observes a run and notes the abstract states in which a node stopped, booted
// or changed its role.
type stateWatch struct {
	view *trace.View
	seen []State
}

// Observe notes the state after a record. The view must have been updated before.
func (w *stateWatch) Observe(r *trace.Record) {
	switch r.Kind {
	case trace.Stepped:
		if n := &w.view.Nodes[r.Node]; n.Status.Role == n.Before.Role {
			return
		}
	case trace.Booted, trace.BootFailed, trace.Crashed, trace.Panicked, trace.Wiped:
	default:
		return
	}
	if s := stateOf(w.view); !slices.Contains(w.seen, s) {
		w.seen = append(w.seen, s)
	}
}

// stateOf returns the abstract state of a cluster.
func stateOf(v *trace.View) State {
	var term raft.Term
	var last raft.EntryID
	for id := range v.All.All() {
		if n := &v.Nodes[id]; n.Up {
			term = max(term, n.Status.Term)
			if n.Status.Last.AtLeastAsUpToDateAs(last) {
				last = n.Status.Last
			}
		}
	}
	var s State
	for id := range v.All.All() {
		s += 1 << (4 * nodeStateOf(&v.Nodes[id], term, last))
	}
	return s
}

func nodeStateOf(n *trace.NodeView, term raft.Term, last raft.EntryID) nodeState {
	if !n.Up {
		return 0
	}
	kind := following
	switch n.Status.Role {
	case raft.Leader:
		kind = leading
	case raft.Candidate, raft.PreCandidate:
		kind = standing
	}
	if n.Status.Term < term {
		kind |= oldTerm
	}
	if !n.Status.Last.AtLeastAsUpToDateAs(last) {
		kind |= oldLog
	}
	return kind
}
