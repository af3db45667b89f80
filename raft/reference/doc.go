// Package reference is a complete Raft as a pure value. It implements the paper
// ("In Search of an Understandable Consensus Algorithm", extended version) and the
// extensions of Ongaro's thesis.
//
//	node, err := reference.System{}.Boot(raft.NodeConfig{ID: 1, Voters: voters, Rand: rand})
//	out := node.Step(&raft.Timeout{}) // the whole interface; package raft has the contract
//
// To read it, start with [Node.Step] in node.go. It passes an input to the rules
// for it, and a message to handlers[role][kind]. The rules are in
//
//	election.go     timeouts, votes, terms                  (sections 5.1, 5.2, 5.4.1; thesis 9.6, 4.2.3)
//	leader.go       proposing, committing                   (sections 5.3, 5.4.2; thesis 6.2)
//	progress.go     what to send each peer, and how much    (section 5.3; thesis 10.2.1)
//	follower.go     accepting and rejecting entries         (section 5.3)
//	snapshot.go     compaction, snapshots in parts          (section 7, figure 13)
//	membership.go   joint configurations, learners          (section 6; thesis 4)
//	read.go         reads that the log does not carry       (thesis 6.4)
//	transfer.go     leadership transfer                     (thesis 3.10)
//
// and rest on these parts, which do not know each other:
//
//	log.go          the log and the arena that its entries live in
//	disk.go         the writes under way, and the messages that must wait for them
//	quorum.go       majorities
//	beliefs.go      timers, lease and knowledge of the others, for people
//	timer.go        the randomised election timer, and all time constants
//	outbox.go       the output of one Step, in buffers that the next one reuses
//	message.go      the encoding of messages       (codec.go has the primitives)
//	record.go       the encoding of disk records   (frame.go has their checksums)
//	replay.go       from records to a node again
//
// Invariants that hold by construction, each in one place:
//
//   - No message and no entry leaves for link or disk ahead of the term and
//     vote under which it was made. Both gateways write those first
//     ([Node.send], [Node.writeEntries]).
//   - A node counts its own vote and its own entries only once Persisted
//     confirmed them.
//   - An entry is encoded once, when it is proposed. The leader's log, the
//     link, the follower's log and both disks hold the same bytes.
//   - Votes, commitment, reads and leases use one quorum rule, that of both
//     halves of the configuration ([Node.quorum], quorumValue).
//   - A leader measures time in rounds. Reads, the lease and the duty to step
//     down all use the last round that a quorum answered (read.go).
//
// A bug of this package panics with an assertion. The contents of a disk are never
// trusted: damage is an error.
package reference
