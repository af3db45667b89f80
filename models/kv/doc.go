// Package kv is the replicated state machine that the harness runs on top of a
// Raft: a key-value store with client sessions, and, apart from it, the
// sequential specification that its answers are judged against.
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
// so that what was appended can be told apart (1.23 is not 12.3) and no value
// ever reads nil.
//
// A [Command] is an operation with the client and the sequence number that make
// it apply once however often it is retried (Raft paper, section 8; Ongaro's
// thesis, section 6.3). [AppendCommand] and [DecodeCommand] are its bytes in
// Raft's log; there is one encoding of each command.
//
// [Machine] applies commands; [Spec] says what one key may answer. They share
// no code on purpose: what they agree on was said twice.
//
// May be changed: how the machine stores. Must not: that the same commands give
// the same results and the same Hash everywhere, so no clock, no randomness and
// no iteration over a map.
package kv
