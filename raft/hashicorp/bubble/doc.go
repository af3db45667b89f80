// Package bubble puts behind the seam (package raft) what was made to run on its
// own: an implementation with goroutines and timers, which blocks in calls to its
// disk and to its peers. It runs, unmodified, in a testing/synctest bubble, one
// bubble a node.
//
// The goroutine at the root of a bubble waits for something to do on a channel from
// outside. That does not count as blocked, so that the bubble's clock stands still
// until somebody outside lets time pass ([Bubble.Do], in which the root sleeps).
// Every node has a clock of its own that way, and time passes nowhere else.
//
//   - [Bubble] is the root: it does one thing after the other, and each time waits
//     until nothing moves any more.
//   - [Core] is one node's way out: writes that return when they are durable, calls
//     that return when they are answered or time out, and what is to be put into the
//     Output of the step.
//   - [Store] is what such an implementation keeps on its disk: keys, a log and
//     snapshots, each change one record with a checksum.
//
// A goroutine that waits for what never comes, when its node has ended, is left behind.
// synctest then reports a deadlock, and the bubble has burst. Only goroutines of the bubble
// could wake each other, and its clock stands still for good, so that nothing of it moves
// again: it costs memory and nothing else. [Left] counts such goroutines by the place where
// they wait, and [Core.Left] has their stacks. The seam has no way to report them.
//
// Two kinds of misbehaviour are not contained. A panic in a goroutine that the
// implementation started ends the process, unless the adapter foresees it ([Core.Doom]). A
// goroutine that never rests, or that waits for a mutex which is never unlocked, makes
// [Bubble.Do] wait for ever.
//
// What is here knows no implementation, so that adapters to several releases of one,
// whose types differ, share it.
package bubble
