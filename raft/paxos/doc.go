// Package paxos is Paxos behind the general part of the seam. It follows Leslie Lamport,
// "Paxos Made Simple" (2001); all sections are of that paper.
//
//	paxos.Single{} // single-decree: a log of one entry, sections 2.2 to 2.5
//	paxos.Multi{}  // multi-Paxos: an instance of it for each entry of a log, section 3
//
// Both are one program. Section 3 runs phase 1 once for infinitely many instances. With one
// instance alone, that is the protocol of section 2: a proposer that has a quorum of promises
// proposes the accepted value of the highest ballot, or else the first command of a client.
// Single rejects every proposal once its slot has a value.
//
// To read it, start with [Node.Step] in node.go. Then come
//
//	proposer.go   phase 1, leading, phase 2             (sections 2.2, 2.4 and 3)
//	acceptor.go   promising, accepting, writing         (sections 2.2 and 2.5)
//	message.go    the five messages and the disk record
//	timer.go      when to begin a ballot                (section 2.4)
//	system.go     the two systems, and the boot
//	state.go      clones and encodings, for exploration
//
// The words of the paper and those of the seam:
//
//   - A slot is an instance of the protocol, and an index. A ballot is a proposal number,
//     and a term. The nodes choose their ballots from disjoint sets.
//   - A node's term is the ballot that it promised. It casts no votes, so Vote is None.
//   - A candidate asks for promises (phase 1). A leader has those of a quorum.
//   - The term of an entry is the ballot in which its value was proposed first. It is a part
//     of the value: a later leader that proposes the value again leaves it as it is. So all
//     nodes apply an entry under one name. The ballot in which a node accepted an entry is
//     shown in messages and records alone.
//   - A node's log has the entries that it accepted. A gap is a no-op of term 0. Terms may
//     decrease along the log, and an entry may change in the middle, until it is chosen.
//   - The commit index is the last slot up to which a node knows every slot to be chosen.
//   - Every message promises the ballot to the seam, and Accepted the last accepted entry too.
//
// Agreement is judged by StateMachineSafety, validity by Contract and Linearizability,
// durability by Durability, and progress by Liveness.
//
// A new leader proposes the values that it finds, fills gaps with no-ops, and covers all later
// slots by its ballot. It opens its ballot with no blank entry: it learns that a slot is
// chosen by counting acceptances in its own ballot, which Raft must not do for entries of
// earlier terms, as it never accepts them again (Raft paper, section 5.4.2).
//
// Invariants:
//
//   - No answer leaves a node before everything that it promised and accepted is durable.
//   - A node counts its own promise and its own acceptances once they are durable.
//   - A ballot has one proposer, which proposes one entry for a slot.
package paxos
