package faults

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The kinds of event in the world outside of the cluster.
const (
	// Work is Client acting in the world outside of the cluster, if it believes that it may.
	Work EventKind = 23
	// Land is the arrival, there, of the K-th oldest act of Client that is under way.
	Land EventKind = 24
)

var outsideFamily = family{"outside", []descriptor{
	{
		kind: Work, form: form{name: "work", parts: parts{aClient}},
		example: "work c1", about: "worker 1 writes to the database, if it believes that it may",
		act: (*World).work, at: aWorker,
	},
	{
		kind: Land, form: form{name: "land", parts: parts{aClient}, k: count},
		example: "land c1 k=1", about: "the second oldest write of worker 1 that is under way arrives",
		act: (*World).land, at: anAct,
	},
}}

// work lets a client act on the answers of its service, in the world outside of the cluster.
func (w *World) work(e *Event) reason {
	if w.outside == nil {
		return "the service has no workers"
	}
	token, text, ok := w.outside.Work(uint32(e.Client), uint64(w.now))
	if !ok {
		return "CLIENT does not believe that it may"
	}
	r := w.begin(trace.Worked, raft.None)
	r.Op.Client, r.Token, r.Text = uint32(e.Client), token, text
	w.emit()
	return noReason
}

// land lets an act of a client arrive in the world outside of the cluster.
func (w *World) land(e *Event) reason {
	if w.outside == nil {
		return "the service has no workers"
	}
	token, accepted, text, ok := w.outside.Land(uint32(e.Client), int(e.K))
	if !ok {
		return "fewer writes of CLIENT are under way"
	}
	r := w.begin(trace.Landed, raft.None)
	r.Op.Client, r.Token, r.Accepted, r.Text = uint32(e.Client), token, accepted, text
	w.emit()
	return noReason
}
