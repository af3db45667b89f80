// Package session makes the commands of any service apply exactly once, however
// often their clients retry and however often Raft's log holds them (Raft paper,
// section 8; Ongaro's thesis, section 6.3), and forgets clients in time.
//
// A [Command] is an operation, its client and sequence number, when the client
// first sent it (Born) and when this attempt was sent (Stamp). A retry has the
// client, the number, the operation and Born of the first attempt. Numbers rise
// from one operation of a client to the next. Births may go back and forth: they
// come from the clocks of different nodes.
//
// [Machine] applies commands in the order of the log:
//
//  1. Time comes from the log alone, in ticks: with every command, whatever
//     becomes of it, now = max(now, Born, Stamp).
//  2. A session whose latest execution was at t is forgotten once t+Ticks <= now.
//  3. The client has a session, and a number not above the session's: Repeated.
//     The same number gets the same result, a lower one none: its client has
//     gone on and does not wait for it.
//  4. Born+Ticks <= opened, when the client's session was opened, or now if it has
//     none: Expired, not executed. An earlier session may have executed it.
//  5. Else Executed: the session, opened now if there was none, has this number,
//     this result and now.
//
// Why a command is never executed twice. It was executed at T >= Born, and the
// session then had its number. While that session lasts, numbers only rise, and
// rule 3 answers. It is forgotten at T+Ticks >= Born+Ticks or later. From then on
// that is past, and whatever session the client has was opened since, so what
// rule 3 does not answer rule 4 refuses. Nothing is asked of the births and
// numbers of other commands. Repeating and refusing renew nothing, so they may
// come as they like.
//
// Why it is executed at all: what was not executed is refused only if the client
// has gone on, or if Ticks had passed since Born when its session was opened, or
// have passed by now if it has none: then nobody knows any more, and the client
// must not be told that it was done. So a command is never Expired while it is
// younger than Ticks.
//
// The state that a snapshot holds has the time and every session with its times
// and result. Without the times the node that restores forgets other sessions
// than the others do, and applies what they refuse (LogCabin, commit 445f3839).
//
// May be changed: how sessions are found and kept in order. Must not: that the
// same commands give the same results, outcomes and state on every node, from
// the first command or from a snapshot.
package session
