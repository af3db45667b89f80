package trace

import (
	"fmt"

	"raftcheck/raft"
)

// AppendCluster appends the state of the cluster as one line of text for people.
func AppendCluster(dst []byte, v *View) []byte {
	first := true
	for id := range v.All.All() {
		if !first {
			dst = append(dst, " | "...)
		}
		first = false
		dst = appendNode(dst, id, &v.Nodes[id])
	}
	return append(dst, '\n')
}

func appendNode(dst []byte, id raft.NodeID, n *NodeView) []byte {
	dst = append(dst, id.String()...)
	switch {
	case n.Wiped:
		return append(dst, " disk gone"...)
	case n.Refused:
		return append(dst, " down, refused its disk"...)
	case !n.Booted:
		return append(dst, " never booted"...)
	case !n.Up && n.Inspected:
		return fmt.Appendf(dst, " down, disk holds %d", len(n.Stored.Log))
	case !n.Up:
		return append(dst, " down"...)
	}
	if n.Inspected {
		s := &n.Status
		dst = fmt.Appendf(dst, " %s t%d log %d commit %d", s.Role, s.Term, s.Last.Index, s.Commit)
	} else {
		dst = append(dst, " up"...)
	}
	if n.Stopped {
		dst = append(dst, ", disk failed"...)
	}
	return dst
}
