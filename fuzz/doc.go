// Package fuzz runs many schedules against one system and reports which of them
// violate a property.
//
// [Campaign] generates random schedules and runs them on all cores. Each schedule
// follows from the campaign's seed and its own number alone, so the report is the
// same with any number of workers. The campaign counts the goals (see
// [trial.Goal]) that its schedules reached. A campaign in which no leader was ever
// deposed did not test the situations that it claims to test.
//
// [Neighbourhood] runs every schedule that differs from a given one by a few
// changes, each once, the nearest first. It reports how many changes away the
// nearest failure is, or that there is none.
//
// [Finding] is a schedule that violates a property, and knows how to shrink and to
// describe itself as a counterexample file. [Report] collects verdicts, goals and
// findings.
//
// The other steps have packages of their own:
//
//   - fuzz/generate draws schedules from a source of choices under a profile;
//   - fuzz/trial runs one schedule and judges it;
//   - fuzz/shrink makes a failing schedule small, and enumerates neighbours;
//   - fuzz/explore visits every state within bounds;
//   - fuzz/hunt compares the engines on systems with deliberate bugs;
//   - fuzz/mutant builds programs that have such a bug;
//   - fuzz/conform checks an adapter before Raft is judged.
//
// One schedule takes the same path everywhere:
//
//	runner := trial.NewRunner(reference.System{})
//	schedule, result := generate.Schedule(runner, generate.Swarm, generate.NewPRNG(seed))
//	result = runner.Run(schedule) // the same result, to the byte
//	smallest, runs := shrink.Schedule(ctx, runner, schedule, result.Violated())
//
// Must not change: a report does not depend on the number of workers, and a
// campaign that was stopped, or that missed its goals, never counts as passed.
package fuzz
