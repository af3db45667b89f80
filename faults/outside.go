package faults

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// work has a client act on what its service told it, in the world outside of the cluster.
func (w *World) work(e *Event) bool {
	if w.outside == nil {
		return false
	}
	token, text, ok := w.outside.Work(uint32(e.Client), uint64(w.now))
	if !ok {
		return false
	}
	r := w.begin(trace.Worked, raft.None)
	r.Op.Client, r.Token, r.Text = uint32(e.Client), token, text
	w.emit()
	return true
}

// land has something that a client sent arrive in the world outside of the cluster.
func (w *World) land(e *Event) bool {
	if w.outside == nil {
		return false
	}
	token, accepted, text, ok := w.outside.Land(uint32(e.Client), int(e.K))
	if !ok {
		return false
	}
	r := w.begin(trace.Landed, raft.None)
	r.Op.Client, r.Token, r.Accepted, r.Text = uint32(e.Client), token, accepted, text
	w.emit()
	return true
}
