// Package raft says what is under test: the vocabulary of Raft, and the seam
// between the harness and an implementation of it.
//
// An implementation is a [System]. It boots a [Node] from what a disk holds,
// and the harness drives that node from outside, one [Input] at a time:
//
//	node, err := system.Boot(raft.NodeConfig{ID: 1, Voters: voters, Disk: disk, Rand: rand})
//	out := node.Step(&raft.Timeout{})     // the election timer fires
//	// ... out.Writes go to the disk, out.Sends to the links, in order
//	out = node.Step(&raft.Persisted{ID: out.Writes[0].ID})
//
// The contract, all of it:
//
//   - A node owns no goroutine, clock, disk, socket or source of randomness
//     other than NodeConfig.Rand. The same inputs give the same outputs. One that
//     cannot be so is a [Stopper] of a system that is [Nondeterministic].
//   - Whatever an Input points to belongs to the caller, and whatever an
//     Output or an entry points to belongs to the node. Both are valid until the next call
//     of Step; who wants to keep something copies it.
//   - Writes become durable in order, some time after they were issued, and
//     Persisted says so. A crash keeps a prefix of them, the last of which may
//     be torn: its end is missing. Boot gets what survived, oldest first.
//   - A message leaves the node only after the write named by Message.After is
//     durable. A message may be lost, doubled, reordered and delayed for as
//     long as anybody likes.
//   - After PersistFailed a node stops: it writes, sends, applies and answers
//     nothing until it is booted again from what its disk holds.
//   - Links do not corrupt: a payload that arrives is one that was sent.
//   - Propose.Data comes back unchanged in an Entry of kind Command. A client
//     that retries proposes the same Op again, perhaps in other words; both
//     proposals may be committed, and the state machine applies one.
//   - A proposal is answered once: Done after it was applied, Rejected if it
//     never will be, Unknown if the node cannot tell. So are a Reconfigure and a
//     Transfer. A Read is answered at most once, Done or Rejected.
//   - A step's writes, with those before them, record all of the term, the vote
//     and the log that the node shows after it.
//   - Of an Output the writes are taken first, then the messages, then what is
//     restored, then what is applied, then the replies: Done may come with the
//     entry that it answers.
//   - The state machine forgets on a crash. Entries are applied in order, each
//     once a boot, starting from index 1 or after what Restore handed over. A
//     node that boots with a snapshot hands it over with its first Output that
//     is not empty.
//   - A checkpoint takes the place of the records before it once it is durable.
//     Until then, and if it is torn, they are still there.
//   - A node that leads ignores Timeout. Without ticks, timeouts and proposals a
//     cluster falls silent.
//
// A node that also is an [Inspector] shows its term, its vote and its log, and
// more properties can be judged; without it those are not checked, and that
// is what the verdict says.
//
// Our own implementation is in package reference.
package raft
