// Package page shows a run to a person: one HTML page on which messages, logs, disks, faults
// and clients share one time axis, with a cursor that steps through the events.
//
// [Record] runs a schedule through a [trial.Runner] and writes down a [Run]: its verdicts, and
// a [Step] for each plain event, with everything that the step changed. [Run.Write] puts it
// into a page. The page has all that it needs, requests nothing, and is the same bytes for the
// same run. The folder assets has its style and its script: modules for the browser, written
// by hand, without a build step or a library.
//
// A [Live] is a run of real servers, as package faults/live saw it from outside: its steps
// are the moments at which something happened, in real time.
//
// A step of the page is a plain event of a schedule, or one of those that a macro event
// stands for. Ticks that change nothing are one step. The page's script rebuilds the cluster
// at any step from the changes.
//
// May be changed: everything that a reader of the page sees. Must not change: the page shows
// only what records and views have (package models/trace), and the same run gives the same page.
package page
