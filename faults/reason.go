package faults

import (
	"strconv"
	"strings"

	"raftcheck/raft"
)

// reason says why an event is not enabled. It is a constant, so that an event which is
// ignored costs nothing. In it NODE, PEER, CLIENT and K stand for the event's fields.
type reason string

// The reasons that several kinds of event have, and that of events which are enabled.
const (
	noReason        reason = ""
	noEvent         reason = "no schedule of this cluster can have it"
	noMessage       reason = "no message at position K of NODE->PEER"
	fewerWrites     reason = "NODE has no pending write after the K oldest"
	waitsForNothing reason = "CLIENT waits for no answer"
	diskGone        reason = "the disk of NODE is gone"
	hangs           reason = "the fsyncs of NODE hang"
)

// absent is the reason why a node does not run.
func (w *World) absent(id raft.NodeID) reason {
	if w.wiped.Has(id) {
		return diskGone
	}
	return "NODE is down"
}

// deaf is the reason why a node takes no input.
func (w *World) deaf(id raft.NodeID) reason {
	switch {
	case !w.up.Has(id):
		return w.absent(id)
	case w.paused.Has(id):
		return "NODE is paused"
	}
	return noReason
}

// WhyIgnored says in words why the last plain event was not enabled; "" if it was.
func (w *World) WhyIgnored() string {
	e := &w.current
	return strings.NewReplacer(
		"NODE", e.Node.String(), "PEER", e.Peer.String(), "K", strconv.Itoa(int(e.K)),
		"CLIENT", "c"+strconv.Itoa(int(e.Client)),
	).Replace(string(w.why))
}
