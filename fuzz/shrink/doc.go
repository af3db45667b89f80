// Package shrink makes a failing schedule small, and enumerates the schedules near
// a given one.
//
// [Schedule] returns a schedule that violates the same property with fewer events,
// nodes and clients, and with smaller numbers. Unless its context ended first, the
// result is 1-minimal: without any one of its events the property holds. It relies
// on every event being total, so any part of a schedule is a schedule, and nothing
// has to be repaired (Zeller, Hildebrandt: Simplifying and isolating
// failure-inducing input, 2002).
//
//	smallest, runs := shrink.Schedule(ctx, runner, schedule, "Durability")
//
// [Neighbours] walks every list of events that is exactly so many changes away from
// a schedule's, each once. A change removes, inserts or replaces one event.
//
// Must not change: a shrunk schedule gives clocks no more freedom than the
// schedule that it comes from. Otherwise a sound system could fail it.
package shrink
