// Package models states the properties that a Raft cluster must keep. Each property is
// judged by a checker, which watches the records of a run (package trace).
//
// A [Monitor] folds each record into its view of the cluster, shows both to every checker,
// and keeps the first violation that each checker finds:
//
//	monitor := models.NewMonitor(models.Checkers()...)
//	monitor.Reset(all, first)    // the nodes, and the voters of the first configuration
//	monitor.Watch(&record)       // for each record of the run
//	verdicts := monitor.Finish() // one for each property that the run asked for
//
// A verdict is held, violated, or not checked. Not checked is the zero value, so a
// property that could not be judged is never reported as held.
//
// Three interfaces divide the work of a checker:
//
//   - [Checker] has three methods: Property names the property, Observe judges one record,
//     and Finish ends a run. Each new run starts from a copy of the checker as it was when
//     the monitor was made.
//   - [Resetter] adds Reset. A checker with slices or maps of its own implements it to
//     keep their memory from run to run.
//   - [Rememberer] adds Copy and AppendMemory, so that the state of a checker can be copied
//     and compared. An exploration goes on from one state in many ways. It needs both
//     methods, and skips every checker without them.
//
// A property may name the classes of record that its checker needs ([Class]). The monitor
// leaves out the others, which are most records.
//
// Another module adds a property of its own in two steps: its checker is a type with the
// three methods, and its system implements [Judged]. Every run of that system is then
// judged by the new property too, and violations are shrunk and saved as usual. The
// examples of [Checker] and [Judged] show both steps.
//
// The replicated state machines and their sequential specifications are packages of their
// own, such as models/kv. Clients' histories are judged by package linearizability.
package models
