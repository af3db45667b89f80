// Package fuzz decides what happens next, and how little of it is enough.
//
// A [Source] of choices (a pseudorandom generator, the bytes of Go's fuzzer,
// rapid's draws) feeds one generator, which writes a schedule while it watches
// the world that executes it: an event is chosen among those that can happen,
// weighted by a [Profile]; leaders are cut off, their clocks run slow, and what
// may be stale is asked of them, more often than chance would; troubles come
// together, and schedules have habits, such as a slow disk. A [Runner] takes a
// schedule, generated or read from a file, through the one path to its verdicts:
//
//	runner := fuzz.NewRunner(reference.System{})
//	schedule, result := Schedule(runner, fuzz.Swarm, fuzz.NewPRNG(seed))
//	result = runner.Run(schedule)           // the same result, to the byte
//	smallest, runs := fuzz.Shrink(ctx, runner, schedule, result.Violated())
//
// [Campaign] runs many schedules on all cores, each decided by the campaign's
// seed and its own number alone, and counts the [Goal]s that they reached: a
// campaign that never saw a leader deposed did not test what it claims.
//
// [Neighbourhood] runs every schedule that is a few changes away from one, each
// once, from the nearest on: it says how near a failure is, or that there is none.
//
// [Shrink] makes a failing schedule small. It relies on every event being
// total: any part of a schedule is a schedule.
package fuzz
