// Package trial runs one schedule against one system and judges it.
//
// A [Runner] takes every schedule, generated or read from a file, through the one
// path to its verdicts: a [faults.World] carries out the events, and the checkers
// of package models and the goals observe each record. After the last event
// package linearizability judges the history of the clients.
//
//	runner := trial.NewRunner(reference.System{})
//	result := runner.Run(schedule)
//	result.Outcome(), result.Violated(), result.Lines()
//
// [Trace] runs a schedule and writes it down for people. [ReadSchedule] and
// [WriteBelow] read and write schedule files. [Goal] names a situation that a
// campaign must have seen. [ClockSlack] measures how far a run let clocks differ,
// which limits what leases promise. [Recurrence] counts how often a schedule fails
// on a system that is not deterministic.
//
// May be changed: the goals, as long as each can be reached and a test of its
// records says when. Must not change: the same schedule gives the same result, and
// a result without verdicts is not checked.
package trial
