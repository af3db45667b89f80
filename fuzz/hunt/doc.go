// Package hunt asks each of our engines the same question: is there a schedule
// under which this system breaks a promise, and what does it cost to find one?
//
//	h := hunt.Hunt{Engine: engine, System: system, Seconds: 10, Seed: 1, Root: root}
//	report, err := h.Run(ctx)
//	report.Killed, report.Property, report.Executions, report.Schedule
//
// An [Engine] is a way to come by schedules, and there are five:
//
//	swarm      random schedules, those of a campaign under the seed, number by number
//	rapid      the same generator, with draws of pgregory.net/rapid
//	native     what Go's fuzzer starts from: the seeds and the corpus of FuzzSchedule
//	explore    every state within bounds, one fixed list of them, from small to large
//	scenarios  the stories of testdata/scenarios
//
// A hunt ends with the first schedule that violates a property, or when there is
// nothing left to try, or when its budget is spent. The budget is CPU time of this
// process and not of a clock on the wall, so that what else the machine does
// decides nothing. What was found is shrunk with a budget of its own, which is
// a number of runs: the same hunt finds the same counterexample.
//
// [Matrix] puts the question of every mutant in testdata/mutants to every engine:
// it builds a program of each, and has the program hunt itself, in a process of its
// own. What comes of it is a [Table].
//
//	rows, err := hunt.ReadRows("testdata/mutants")
//	table, err := (&hunt.Matrix{Builder: builder, Mutants: rows, Engines: hunt.Engines(), ...}).Run(ctx)
//
// A property that was not checked is no find, and neither is what a scenario
// breaks on purpose.
//
// May be changed: the list of explorations, when others find more in less time.
// Must not: that no engine knows what it is looking for. They are compared by
// what they find of bugs that nobody told them of.
package hunt
