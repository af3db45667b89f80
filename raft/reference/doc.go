// Package reference is our own Raft, all of it: the paper ("In Search of an
// Understandable Consensus Algorithm", extended version) and what Ongaro's thesis
// adds, as a pure value.
//
//	node, err := reference.System{}.Boot(raft.NodeConfig{ID: 1, Voters: voters, Rand: rand})
//	out := node.Step(&raft.Timeout{}) // the whole interface; package raft has the contract
//
// How to read it: [Node.Step] in node.go hands an input to the rules for it,
// and a message to handlers[role][kind]. The rules are
//
//	election.go     who leads: timeouts, votes, terms       (sections 5.1, 5.2, 5.4.1; thesis 9.6, 4.2.3)
//	leader.go       proposing, committing                   (sections 5.3, 5.4.2; thesis 6.2)
//	progress.go     what each peer is sent, and how much    (section 5.3; thesis 10.2.1)
//	follower.go     accepting entries, refusing them        (section 5.3)
//	snapshot.go     compaction, snapshots in parts          (section 7, figure 13)
//	membership.go   joint configurations, learners          (section 6; thesis 4)
//	read.go         reads that the log does not carry       (thesis 6.4)
//	transfer.go     handing the leadership over             (thesis 3.10)
//
// and what they stand on, each unaware of the others:
//
//	log.go          the log and the arena that its entries live in
//	disk.go         which writes are under way, and what may not leave before them
//	quorum.go       majorities
//	timer.go        the randomised election timer, and the times that all rests on
//	outbox.go       what one Step wants done, in buffers that the next one reuses
//	message.go      what the links carry     (codec.go has the primitives)
//	record.go       what the disk carries    (frame.go has its checksums)
//	replay.go       from records to a node again
//
// Invariants that hold by construction, each in one place:
//
//   - No message and no entry leaves for link or disk ahead of the term and
//     vote under which it was made: both gateways write those first ([Node.send],
//     [Node.writeEntries]).
//   - A node counts for itself (its vote, its entries) only what Persisted
//     confirmed.
//   - An entry is encoded once, when it is proposed. The leader's log, the
//     link, the follower's log and both disks hold the same bytes.
//   - Votes, commitment, reads and leases ask one quorum, that of both halves of
//     the configuration ([Node.quorum], quorumValue).
//   - What a leader knows about time it has from rounds: reads, the lease and
//     the duty to step down are three readings of the last round that a quorum
//     answered (read.go).
//
// A bug of this package panics with an assertion; what a disk holds is never
// trusted and gives an error.
package reference
