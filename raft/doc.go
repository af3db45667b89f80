// Package raft defines the system under test: the vocabulary of Raft, and the seam
// between the harness and an implementation of it.
//
// An implementation is a [System]. It boots a [Node] from the records on a disk,
// and the harness drives that node from outside, one [Input] at a time:
//
//	node, err := system.Boot(raft.NodeConfig{ID: 1, Voters: voters, Disk: disk, Rand: rand})
//	out := node.Step(&raft.Timeout{})     // the election timer fires
//	// ... out.Writes go to the disk, out.Sends to the links, in order
//	out = node.Step(&raft.Persisted{ID: out.Writes[0].ID})
//
// The whole contract:
//
//   - A node owns no goroutine, clock, disk, socket or source of randomness
//     other than NodeConfig.Rand. The same inputs give the same outputs. An
//     implementation that cannot promise this boots nodes that are a [Stopper],
//     and its system is [Nondeterministic].
//   - Memory that an Input points to belongs to the caller. Memory that an
//     Output or an entry points to belongs to the node. Both are valid until
//     the next call of Step; copy anything that is kept longer.
//   - Writes become durable in order, some time after they were issued, and
//     Persisted reports it. A crash keeps a prefix of them. The last one kept
//     may be torn: its end is missing. Boot gets the surviving records, oldest
//     first. A torn record stays in place, and later records follow it.
//   - A message leaves the node only after the write named by Message.After is
//     durable. A message may be lost, duplicated, reordered, and delayed
//     without limit.
//   - After PersistFailed a node stops. It writes, sends, applies and answers
//     nothing until it is booted again from its disk.
//   - Links do not corrupt: a payload that arrives is one that was sent.
//   - Propose.Data comes back unchanged in an Entry of kind Command. A client
//     that retries proposes the same Op again, perhaps with other bytes. Both
//     proposals may be committed, and the state machine applies one of them.
//   - A proposal is answered once: Done after it was applied, Rejected if it
//     never will be, Unknown if the node cannot know. The same holds for a
//     Reconfigure and a Transfer. A Read is answered at most once, Done or
//     Rejected; a system without reads is [Readless]. A node that crashed owes
//     no answers.
//   - A node may pass a proposal on to the leader, and answers Unknown if it cannot learn the
//     outcome. The proposal may then be committed late, even after a later one of its
//     client; the state machine leaves it out.
//   - An entry that a node lost may still be committed. So a proposal is
//     Rejected only if it was never appended, or once another entry is applied
//     at its index.
//   - The writes of a step, together with all earlier writes, record everything
//     that the node shows of its term, vote and log after that step. It shows them in the
//     step that issues the write. A node that waits for its disk shows everything else that
//     rests on the write with the step in which that is durable: role, commit and applied
//     index, messages, entries, answers. Two commit indexes are shown earlier: that which a
//     message of the step carries, and Base while the snapshot up to it is being written.
//   - Boot has no Output. The first Step returns the writes and messages of the boot.
//     A node that booted shows what its disk holds. So a Raft that writes, or stands for
//     election, as it starts is started by the first Step.
//   - The parts of an Output take effect in this order: writes, messages,
//     Restore, applied entries, replies. So Done may come in the same Output as
//     the entry that it answers.
//   - The state machine loses its state on a crash. Entries of every kind are
//     applied in order, each once per boot, starting at index 1 or after the
//     snapshot given to Restore. A node that boots with a snapshot hands it
//     over in its first Output that is not empty.
//   - A checkpoint replaces the records before it once it is durable. Until
//     then, and if it is torn, the earlier records are still there.
//   - A [Batching] system takes a Batch and a Lag. In the middle of a batch a node returns
//     nothing, and is not inspected. During a lag it applies nothing.
//   - A leader ignores Timeout. Without ticks, timeouts and proposals a cluster
//     falls silent.
//
// Most of the contract is that of any replicated log: inputs and outputs, the disk, the
// links, clients, and the state machine. The rest is Raft's own. A system that replicates its
// log by another algorithm says so (Limits.Algorithm). It leaves these parts empty, and is
// not asked for them:
//
//   - Reconfigure, Transfer, Compact and Read, as far as it lacks the abilities.
//   - NodeConfig.PreVote, Learners, and the liberties of a [Refining] system.
//   - Status.Vote and Promise.Vote, if it casts no votes. Its Term is the number that orders
//     its leaders. A role is that of figure 4 of the Raft paper which fits best.
//   - Status.Base, without snapshots. Status.Config is constant, without changes.
//
// Of its log it shows the entries that it stored. An entry's name must not change once it may
// be chosen, and an entry of term 0 fills a gap. Then StateMachineSafety, Durability,
// Monotonicity, NoPanic, Contract, ExactlyOnce, Fencing, Membership, Leases, Liveness and
// Linearizability judge it. The properties with models.Property.OfRaft do not: ElectionSafety,
// LeaderAppendOnly, LogMatching, LeaderCompleteness, Voting, ElectionQuorum, CommitQuorum,
// Configuration and Refinement. Package paxos is an example.
//
// A node that panics is judged by NoPanic and is down, as after a crash. An adapter that
// finds its implementation in breach of the contract panics with a [Breach].
//
// A node that is also an [Inspector] shows its term, vote and log, so that more
// properties can be judged. Without it, the verdict of those properties is "not
// checked".
//
// Package reference is the implementation that comes with this module.
package raft
