// Package explore visits every state that a cluster can reach within bounds: every
// choice of delivery, loss, duplication, timeout, crash and call. It returns a
// shortest counterexample, or a certificate that there is none.
//
//	e := explore.Exploration{
//		System: reference.System{},
//		Start:  &faults.Schedule{System: "reference", Nodes: 3, Service: kv.Service{}, Usual: true},
//		Bounds: explore.Bounds{Terms: 2, Calls: 1, Messages: 4}, Memory: 1 << 30, Workers: 2,
//	}
//	report, err := e.Run(ctx)
//	fmt.Print(e.Certify(report))
//
// The words of this package:
//
//   - place: one node with its disk, state machine and view ([faults.Place]).
//   - memory: the facts that the checkers remember of the past ([models.Monitor.Remember]).
//   - clients: the calls of clients, their answers, and which calls had returned before
//     another began. Linearizability rests on nothing else.
//   - part: a place, a message in flight, a memory, or the clients. Equal parts are kept
//     once and have a number; an interner finds the part that is equal to a new one.
//   - state: the numbers of all parts of a cluster, and the bounds that are spent.
//   - move: a kind of event that explorations have (moves.go). choice: a move at a node.
//     option: a choice in a state, with its message and with the bound that it spends.
//   - step: the result of a choice at one place, for any state of the other nodes.
//   - stage: the world ([faults.Stage]) that carries out a step with the code under test.
//   - arrival: the place before, and the move that led from it. It identifies the
//     place of a system whose nodes cannot be cloned.
//   - renaming: a permutation of the nodes' names. orbit: the fingerprints of the parts
//     that differ by a renaming alone. role: a number for a node in a part or a state that
//     does not depend on names. A state is fingerprinted with its nodes in the order of
//     their roles (prints.go).
//   - level: the states at one depth. segment: some of them, which one worker expands.
//   - shard: the visited states whose fingerprints begin with the same bits.
//   - sighting: the first option, or heal, found that violates a property.
//
// A node's reaction depends on its place and on the event alone ([raft.Canonical]
// defines equal places). So each step is carried out once and looked up in every
// other state. The checkers are those of package models. A step is judged once if its
// verdicts depend on the place alone, and once for each memory if they depend on
// that too.
//
// Some messages are dead: their receivers will never act on them, as on a vote after the election.
// Nodes that are [raft.Ignoring] say which, and states that differ by these alone are one
// (ignored.go). When an exploration ends, that promise is verified at the places that were met. If a
// node breaks it, all is explored anew without it.
//
// A visited state takes 16 bytes of fingerprint and 4 bytes for the number of its
// predecessor. The search goes breadth first, in rounds. Workers expand the segments of a
// level in parallel, and then add the successors to the shards in parallel. The order
// of the states does not depend on the number of workers.
//
// A checkpoint between two depths has the visited states, those to explore, and where each of
// their parts was first met. Another process makes these parts anew by the ways to them, and
// goes on to the same end.
//
// With a folder of checkpoints, visited states go to disk once memory ends (disk.go). The
// states are still found in the same order. Parts and steps stay in memory.
//
// A counterexample is reconstructed from the fingerprints of its states, written down
// as a schedule, and judged by a [trial.Runner] like any other. If the runner finds no
// violation, the exploration is wrong, and panics.
//
// Time stands still: election timers fire by timeout events, and only leaders' clocks
// tick, by a bound of their own. In every state each node that is awake may time out. That
// spends nothing; the bound of terms limits the elections that follow.
//
// With a bound of time every clock ticks instead, in any order, none more than a bound of
// ticks ahead of the slowest since the end of the start. Election timers fire by that alone, at
// the timeouts that the nodes draw from the schedule's rand. Then places differ by their
// timers, and no two nodes are alike. So it is if pre-votes allow leases and clients read by
// them: a lease holds only if no timer fires before its time. While a node is down, the others'
// clocks wait for it.
//
// Answers to the operator are judged (property Contract): a request is part of the memory until its
// answer. These properties of the reference are judged by other runs alone:
//
//	Fencing     Workers outside of the cluster write to a database. No move is theirs.
//	Membership  A heal shows the configuration, which is judged by all answers before it.
//	Refinement  Its checker keeps a whole cluster of the paper's algorithm, with the log of each
//	            leader that ever was. States that differ by the past alone would no longer be one.
//	Loyalty     It counts the ticks since each node heard a leader, and places have no such count.
//	Bounds      It remembers the messages that each peer has not answered, and the proposals that
//	            wait. They would tell states apart as well.
//
// Linearizability is judged if clients read or retry, and Leases if they read by leases:
// whenever a client hears an answer, some order of the operations so far must explain all
// answers. Clients that wait at the end of the start never hear one. Messages on a link that
// the start leaves cut are lost.
//
// Liveness is judged if the bounds have a heal. Where nothing is in flight and no write is
// pending, a world takes the way to the state and heals the cluster: all faults end, clocks
// tick alike, every message arrives and clients ask again, in turn (package faults). A
// cluster whose state comes back without progress does the same for ever. It is shown as the
// way in and the loop. A cluster whose state does not come back is judged as in any other
// schedule. So this is no verdict on every fair run: each state is healed once, in one fair
// order, with the timeouts that the nodes draw. The bound is to be longer than those.
//
// Must not change: the states are those that naive_test.go finds by carrying out every
// event sequence. Symmetry loses none of them, and dropped messages are all that is missing.
package explore
