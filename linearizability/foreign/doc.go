// Package foreign reads histories that other programs wrote, in the words of
// package model.
//
//	text    a [linearizability.File]
//	edn     Jepsen's history.edn: maps with :process, :type, :f and :value
//	log     lines of Jepsen's console: process, :invoke, :f and value
//	json    an operation a line
//
// [Read] finds the format by looking, pairs calls with their returns, and says of
// bad input which line is wrong. Files, lines, values and their depth are bounded.
//
// # JSON lines
//
// Each line is one object: an operation, or a fault.
//
//	{"client": 3, "call": 17, "return": 25, "key": "x", "op": "cas", "arg": [1, 2], "answer": true}
//	{"client": 3, "call": 30, "op": "write", "arg": 4, "unknown": true}
//	{"fault": "node 2 cut off", "call": 20, "return": 40}
//
//	client   whole number from 0
//	call     time of the call, in any unit, from 0; only the order of times counts
//	return   time of the answer, not before the call; not of an unknown operation
//	key      string or number; an object without keys leaves it out
//	op       operation; see below
//	arg      its operand: a value, [OLD, NEW] for cas, a list for txn
//	answer   value of a read; true or false for cas, contains, acquire, release; else left out
//	unknown  true if the client never heard: it may have happened, or not
//	failed   true if it certainly never happened
//	fault    in place of all but call and return: something to draw
//
// Calls and answers of the same time are concurrent, so a client may go on at the
// time of its answer. It must take a later time after an operation that took none.
//
// # Operations
//
// Operations have many names: get, read and r are one. A transaction is a list of
// [f, key, value], f being r, w or append. In Jepsen's formats an operation of
// :type :info is unknown, one of :type :fail never happened, and calls that are
// not answered are unknown. Whether a failed compare-and-swap was answered "no",
// or never happened, they do not say: see [FailedCas]. An operation of a process
// that is no number, such as :nemesis, is a fault.
//
// May be changed: more formats and names. Must not: that a file which is not
// understood is an error, and never a verdict.
package foreign
