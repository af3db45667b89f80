// Package foreign reads histories that other programs wrote, in the words of
// package model, and of the service election.
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
//	answer   value of a read; true or false for cas, contains, acquire, release; an
//	         object of an election; else left out
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
// # Elections
//
// The key is the name of a leadership, which one client holds for a time; see package
// models/election for the rules. An answer is an object, in Jepsen's formats a map:
//
//	op         arg           answer
//	campaign   TTL           {"kind": "granted", "token": 3, "until": 50, "at": 10}
//	                         {"kind": "held", "holder": 1, "until": 35, "at": 10}
//	keepalive  [TOKEN, TTL]  {"kind": "kept", "until": 60, "at": 20}, {"kind": "lost", "at": 20}
//	resign     TOKEN         {"kind": "resigned", "at": 25}, {"kind": "lost", "at": 25}
//	holder                   {"kind": "led", "holder": 2, "token": 3, "until": 60, "at": 20}
//	                         {"kind": "free", "at": 25}
//
//	TTL      time for which the client wants it, from 1 to 10000
//	TOKEN    number of the grant, from 1
//	at       time at which the answer was true, by the clock of the service, not that of call
//	until    time by that clock at which the leadership runs out
//	holder   client that holds it, counted as client is
//
// For example, of two clients of which both hold the leadership:
//
//	{"client": 1, "call": 0, "return": 5, "key": "db", "op": "campaign", "arg": 40,
//	 "answer": {"kind": "granted", "token": 1, "until": 50, "at": 10}}
//	{"client": 2, "call": 6, "return": 9, "key": "db", "op": "campaign", "arg": 40,
//	 "answer": {"kind": "granted", "token": 2, "until": 70, "at": 30}}
//
// (In a file, each of the two is one line.)
//
// May be changed: more formats and names. Must not: that a file which is not
// understood is an error, and never a verdict.
package foreign
