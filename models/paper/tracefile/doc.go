// Package tracefile compares a log of a real run with the paper's algorithm (package paper).
//
// The log has a JSON object a line, in the schema that etcd's Raft writes when it is built with
// the tag with_tla (go.etcd.io/raft/v3, state_trace.go): name, nid, state, role, log, conf and
// msg, at the top or in a field "event". Lines without an event are left out.
//
//	result, err := tracefile.Check("trace.ndjson", file)
//	fmt.Println(result) // the first event that no action explains, and the guard that refused
//
// An event has the state of its node. If that differs from the state before, actions must lead
// from the one to the other. The terms of entries are not in the log: a leader's new entries
// are of its term, and a follower's are those of the request that it received last. The
// events of several nodes must be in an order that keeps causes before effects.
//
// These liberties of etcd's Raft are allowed: configurations take effect when they are applied
// and are taken as shown; a candidate that is rejected becomes a follower; pre-votes are not
// in the log; a node boots with any state that keeps its votes.
package tracefile
