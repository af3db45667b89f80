// Package bubble puts behind the seam (package raft) an implementation that was made to
// run on its own: it has goroutines and timers, and blocks in calls to its disk and to
// its peers. It runs, unmodified, in testing/synctest bubbles, one for each node.
//
// The goroutine at the root of a bubble waits on a channel from outside. That does not
// count as blocked, so the bubble's clock stands still until a caller outside lets time
// pass ([Bubble.Do], in which the root sleeps). So every node has a clock of its own,
// and time passes nowhere else.
//
//   - [Bubble] is the root: it runs one function after the other, and each time waits
//     until every goroutine is blocked.
//   - [Core] connects one node with the seam: its writes return when they are durable, and
//     its calls when they are answered or time out. It collects the Output of the step.
//   - [Core.Send] and [Core.Listen] are for implementations whose messages get no answers of
//     a call, as those of a message bus: each arrives once, twice, late or never.
//   - [Boot] makes a node of a [Peer], which is all that most adapters have to write. A
//     [FullPeer] takes snapshots, reads, changes and transfers as well.
//   - Package sync has the mutexes and conditions that a bubble can wait on.
//   - [Store] is the disk of such an implementation: keys, a log and snapshots, each
//     change one record with a checksum.
//
// A call and its answer take two to three ticks. Choose a tick so that the implementation's
// shortest timeout of a call is five ticks or more, and its election timeout 10 to 50.
//
// An implementation that draws its timeouts from math/rand needs the line
// "godebug randseednop=0" in its go.mod: then each boot seeds that source. One that seeds a
// source of its own by the time gets the same timeouts on every node, as the clocks of all
// bubbles begin at one moment. Its nodes then split their votes again and again.
//
// An implementation that opens files itself gets a package in the place of os, with files in
// memory. The changes since the last call of Sync are one record of [Core.Write], and the
// node shows the term, the vote and the log that the written files hold. No write of a Core
// returns early, so that changes without a Sync are lost in each crash.
//
// A peer takes a batch ([raft.Batch]) at one moment, so that the handlers of two calls run next
// to each other. During a [raft.Lag] its state machine is busy ([Core.AwaitMachine]). A system
// has both once it is [raft.Batching].
//
// A goroutine that still waits when its node has ended is left behind. synctest then
// reports a deadlock, and the bubble has burst. Only goroutines of the bubble could wake
// each other, and its clock stands still for good. So none of them runs again. [Left]
// counts such goroutines by the place where they wait, and [Core.Left] has their stacks. A
// command runs the system in a process apart, and there each run that leaves goroutines
// violates Survival. The goroutines of an adapter end with [Core.Over].
//
// A goroutine that never blocks, or that waits for a mutex of the standard library, keeps a
// step from coming to rest. Within seconds [Bubble.Do] then panics with a raft.Breach that
// has the stacks of such goroutines. A panic in a goroutine that the implementation started
// ends the process, unless [Core.Go] started it or the adapter foresees it ([Core.Doom]).
//
// The package knows no implementation, so that adapters to several releases of one,
// whose types differ, share it.
package bubble
