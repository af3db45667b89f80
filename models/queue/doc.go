// Package queue is a replicated service of first-in first-out queues, in which each value
// is handed out once and in the order in which it came in. (A queue is the example in
// Herlihy and Wing, "Linearizability", 1990, section 1.)
//
// An operation is text, the same in schedules, in logs and in histories:
//
//	enqueue q 7   appends the value: ok, or full if 64 values wait
//	dequeue q     takes the first value and answers it, or nil if none waits
//	peek q        reads: the first value, or nil
//
// A dequeue that is carried out twice hands out two values for one question, and the first
// of them is lost. The sessions of package session keep a retry from doing that.
//
// [Machine] carries operations out; [Spec] judges the answers of one queue. They share no
// code: each checks the other.
//
// May be changed: how the machine stores. Must not: the texts, and that the same
// operations give the same answers and the same state.
package queue
