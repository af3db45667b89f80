// Package reference is our own Raft: figure 2 of the paper ("In Search of an
// Understandable Consensus Algorithm", extended version) as a pure value.
//
//	node, err := reference.System{}.Boot(raft.NodeConfig{ID: 1, Voters: voters, Rand: rand})
//	out := node.Step(&raft.Timeout{}) // the whole interface; package raft has the contract
//
// How to read it: [Node.Step] in node.go hands an input to the rules for it,
// and a message to handlers[role][kind]. The rules are
//
//	election.go     who leads: timeouts, votes, terms         (sections 5.1, 5.2, 5.4.1)
//	leader.go       proposing, replicating, committing        (sections 5.3, 5.4.2)
//	follower.go     accepting entries, refusing them          (section 5.3)
//
// and what they stand on, each unaware of the others:
//
//	log.go          the log and the arena that its entries live in
//	disk.go         which writes are under way, and what may not leave before them
//	quorum.go       majorities
//	timer.go        the randomised election timer
//	outbox.go       what one Step wants done, in buffers that the next one reuses
//	message.go      what the links carry     (codec.go has the primitives)
//	record.go       what the disk carries    (frame.go has its checksums)
//	replay.go       from records to a node again
//
// Three invariants hold by construction, each in one place:
//
//   - No message and no entry leaves for link or disk ahead of the term and
//     vote under which it was made: both gateways write those first ([Node.send],
//     [Node.writeEntries]).
//   - A node counts for itself (its vote, its entries) only what Persisted
//     confirmed.
//   - An entry is encoded once, when it is proposed. The leader's log, the
//     link, the follower's log and both disks hold the same bytes.
//
// There is no pre-vote, snapshot or configuration change in it yet. A bug of
// this package panics with an assertion; what a disk holds is never trusted
// and gives an error.
package reference
