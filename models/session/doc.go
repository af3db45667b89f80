// Package session makes a service execute each command once, however often its client
// retries and however often Raft's log holds it (Raft paper, section 8; Ongaro's thesis,
// section 6.3). It forgets clients after a fixed time.
//
// A [Command] has an operation, its client and its sequence number. Born is the time of
// the client's first attempt, and Stamp is the time of this one. A retry has the client,
// number, operation and Born of the first attempt. The numbers of a client rise. Births
// may go back and forth, as they come from the clocks of different nodes.
//
// [Machine] applies commands in the order of the log, by these rules:
//
//  1. The time is a number of ticks that comes from the log alone. Every command, with any
//     outcome, sets now = max(now, Born, Stamp).
//  2. A session whose latest execution was at time t is forgotten once t+Ticks <= now.
//  3. If the client has a session, and the number is not above the session's: Repeated. An
//     equal number gets the same result. A lower one gets none, as its client has gone on
//     and does not wait for it.
//  4. If Born+Ticks <= opened: Expired, and not executed, as an earlier session may have
//     executed it. Here opened is the time at which the client's session was opened, or
//     now if there is none.
//  5. Otherwise: Executed. The session, opened now if there was none, gets this number,
//     this result, and the time now.
//
// A command is never executed twice. Suppose that it was executed at time T >= Born:
//
//  1. Its session then had its number. While the session lasts, the numbers only rise, and
//     rule 3 answers every retry.
//  2. The session is forgotten at T+Ticks or later, which is at least Born+Ticks. A later
//     session of the client is opened after that. So rule 4 refuses each retry that rule 3
//     does not answer.
//
// This holds for any births and numbers of other commands. Repeated and expired commands
// renew nothing, so they may arrive at any time.
//
// A command that was never executed is refused in three cases only: its client has gone
// on, or Ticks had passed since Born when the client's session was opened, or, without a
// session, Ticks have passed by now. In the last two, no node knows whether it was
// executed. A command younger than Ticks is never Expired.
//
// The state in a snapshot has the time, and every session with its times and result. A
// node that restored a state without the times would forget other sessions than its peers,
// and execute commands that they refuse (LogCabin, commit 445f3839).
//
// May be changed: the way in which sessions are found and kept in order. Must not be
// changed: equal commands give equal results, outcomes and states on every node, from the
// first command or from a snapshot.
package session
