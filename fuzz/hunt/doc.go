// Package hunt compares engines: how much does each need to find a schedule under
// which a system violates a property?
//
//	h := hunt.Hunt{Engine: engine, System: system, Seconds: 10, Seed: 1, Root: root}
//	report, err := h.Run(ctx)
//	report.Killed, report.Property, report.Executions, report.Schedule
//
// An [Engine] is a way to produce schedules. There are five:
//
//	swarm      random schedules, those of a campaign under the seed, number by number;
//	           if outcomes alone count, continuations of those that break a rule (package escalate)
//	rapid      the same generator, with draws of pgregory.net/rapid
//	native     the inputs that Go's fuzzer starts from: seeds and corpus of FuzzSchedule
//	explore    every state within bounds, one fixed list of them, from small to large
//	scenarios  the stories of testdata/scenarios
//
// A hunt ends with the first schedule that violates a property, or when nothing is
// left to try, or when its budget is spent. The budget is CPU time of this process, so
// that the load of the machine does not decide the result. The schedule is then shrunk
// within a budget of its own, which is a number of runs. So the same hunt finds the
// same counterexample.
//
// [Matrix] runs every engine on every mutant in testdata/mutants. It builds a program
// for each mutant, and the program hunts itself in a process of its own. The result is
// a [Table].
//
//	rows, err := hunt.ReadRows("testdata/mutants")
//	table, err := (&hunt.Matrix{Builder: builder, Mutants: rows, Engines: hunt.Engines(), ...}).Run(ctx)
//
// A property that was not checked is not a find, nor is a violation that a scenario
// causes on purpose.
//
// May be changed: the list of explorations, if others find more in less time. Must not
// change: no engine knows the bug that it looks for. Engines are compared by the bugs
// that they find without any hint.
package hunt
