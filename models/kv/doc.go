// Package kv is the key-value store that the harness replicates with a Raft,
// and, apart from it, the sequential specification by which its answers are judged.
//
// An operation is text, the same in schedules, in logs and in histories:
//
//	put x 7      answers ok
//	get x        answers the value, or nil when there is none
//	append x 3   answers ok, and appends .3; full when the value would grow too long
//	cas x 3 4    compare and swap: ok if the value was 3, and is now 4; else no
//	delete x     answers ok
//
// Keys and values are tokens of 1 to 64 letters, digits, dots, underscores and
// minus signs. The word nil stands for the absence of a value: "cas x nil 4"
// creates, and nothing else may use it as a value. Append separates with a dot,
// so that the appended parts stay distinct (1.23 is not 12.3) and no value ever reads
// nil.
//
// [Service] is the store as package service has it, [Op] an operation, and
// [Machine] applies operations. Package session, and not the store, applies a retry once,
// for every service. The state in a snapshot is text too, a line with key and value for
// each key, the keys in order.
//
// [Spec] judges the answers of one key. It shares no code with Machine on purpose: each
// checks the other.
//
// May be changed: how the machine stores. Must not: that the same operations
// give the same answers and the same state everywhere, so no clock, no
// randomness and no iteration over a map.
package kv
