// Package apart runs schedules in processes of their own. A system under test may loop,
// block, fill the memory, or end its process; none of this ends a campaign. It is a
// violation of trial.Survival, with the system, the schedule and a stack.
//
// A [Runner] owns one process and starts another after one ended. The process is the same
// program, started with [Variable] in its environment, and calls [Serve]. Both sides
// exchange messages (message.go) on the standard input and output of the process; a
// system that prints to os.Stdout prints to the standard error of its process, whose end
// is kept for the verdict.
//
// A watch in the process (watch.go) looks at the work twenty times a second. Work ends
// if a call of the system does not return for [Patience] looks, or if the process has
// grown beyond [MaxBytes]. The watch reports where, and ends the process. A busy machine
// condemns no system: work that waits for the CPU can go on, and has not used it.
//
// One thread runs schedules in a process, so that the schedule that ended it is known. A
// death is investigated in another process, which announces each event and each call
// before it happens. A signal that ends the program too, or a death by a signal that does
// not come again, says nothing about the system (signals.go). A [Task] is work that a
// process carries out as a whole, such as an exploration, and it ends with the process.
// Nothing here is part of an honest system's verdict: it runs the same schedules to the
// same traces as in one process.
package apart
