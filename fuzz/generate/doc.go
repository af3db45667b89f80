// Package generate writes random schedules.
//
// A [Source] makes the choices: a pseudorandom generator ([PRNG]), the bytes of
// Go's fuzzer ([Bytes]), or draws of pgregory.net/rapid ([Draws]). A [Profile] says
// which events are tried and how often, and in which clusters. [Schedule] draws one
// event after the other and applies each to the world of a runner, so that it draws
// from the events that are enabled there.
//
//	runner := trial.NewRunner(reference.System{})
//	schedule, result := generate.Schedule(runner, generate.Swarm, generate.NewPRNG(seed))
//
// Plain random events seldom reach the states in which implementations fail. So a
// schedule isolates leaders, slows their clocks and asks them for reads that may be
// stale. Faults come together, and a habit such as a slow disk lasts for a whole
// schedule. [Swarm] switches kinds of fault off at random, anew for each schedule
// (Groce and others: Swarm testing, 2012).
//
// Must not change: randomness ends here. The same source and profile give the same
// schedule, and running that schedule again gives the same result.
package generate
