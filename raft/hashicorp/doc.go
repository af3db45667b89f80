// Package hashicorp is github.com/hashicorp/raft behind the seam of package raft,
// whole and unmodified: its goroutines and timers run in a bubble a node (package
// bubble), its RPCs are messages, and its writes are records.
//
// How the two fit together, where that is not plain:
//
//   - A call of a store returns when the world has made its write durable. So the library
//     itself sends no message before the records that it rests on are durable. When the
//     world makes a write fail, the node ends, as a program that uses the library should.
//     The library panics if it cannot store its term; it goes on after other failures.
//   - A tick is 50 ms of the bubble. Heartbeat and election timeouts are 1 s, the
//     leader's lease is 500 ms and an RPC is given up after 500 ms; the rest is as
//     DefaultConfig has it. A Timeout is the node's clock running until its election
//     timer has fired.
//   - An empty disk of a first voter holds the records that BootstrapCluster writes: term 1
//     and the configuration, as entry 1.
//   - An RPC is carried out once at most. It can be lost, late, and overtaken, answers too.
//     Heartbeats take the way of all RPCs, as with the library's in-memory transport,
//     and nothing is pipelined.
//   - The library has no ReadIndex. A read is VerifyLeader, at a leader which has
//     applied a barrier of its term, as Consul does it; so is a read that may use a lease.
//   - The library adds voters without waiting until they have the log, so that a node
//     is made a voter in two steps: AddNonvoter, and AddVoter when it has acknowledged
//     all that the leader calls committed. A change of several nodes is made in such
//     steps, one after the other, and the earlier steps remain if one of them fails.
//   - A snapshot is taken when the last entry that was applied is one that the library
//     showed to its FSM; it would name the snapshot after an earlier one otherwise.
//
// The state that is shown is that of the stores, written or about to be. Role, leader,
// commit index and configuration come from the library. After a restart it reports no
// entry as committed, so the applied ones count as well.
//
// A node that ends may leave goroutines behind, which is the library's (hashicorp/raft issue
// 696). They are counted (bubble.Left), and no property is violated by them.
//
// Go decides which of the library's goroutines runs first, and the library draws its
// timeouts from math/rand: two runs of a schedule may differ.
package hashicorp
