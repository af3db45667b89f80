// Package command is the command line of a program that tests implementations of Raft
// under schedules of faults. A program for a Raft of yours is its main function:
//
//	func main() { command.Main(services.All(), mine.System{}) }
//
// Its commands:
//
//	raftcheck conform                check an adapter, before Raft is judged
//	raftcheck fuzz                   run random schedules and write those that fail
//	raftcheck campaign report DIR    judge a kept campaign; also status and merge
//	raftcheck explore [FILE]         visit every state within bounds
//	raftcheck neighbourhood FILE     run every schedule that is a few changes away from one
//	raftcheck escalate FILE          search for the harm that a broken rule can do
//	raftcheck hunt                   search for one violation, with one engine and a budget
//	raftcheck mutants                measure which engine finds which deliberate bug
//	raftcheck replay FILE            run a schedule and print its steps
//	raftcheck shrink FILE            print the smallest schedule that fails alike
//	raftcheck show FILE              draw the clients' history
//	raftcheck bisect FILE            find the commit from which on a schedule fails
//	raftcheck judge FILE...          judge histories of clients of any system
//	raftcheck list TOPIC             print the names that flags and schedules take
//	raftcheck version                print the versions
//
// The exit code is 0 if everything held, 1 if a property was violated, 2 if something
// was not checked, and 3 for a bug of raftcheck. Not checked is a malformed file or
// command line, a property without a verdict, or a campaign that missed its goals. So is
// a rule about an ability that an adapter lacks, and work that a signal ended early.
//
// An error is one line and, if the command line is wrong, a second one with the command
// that helps. SIGINT, SIGTERM and SIGHUP end a command with the results so
// far (of hunt there are none), and a second signal ends it at once. Long work shows its
// progress on standard error: a line that is redrawn on a terminal, a line a minute elsewhere.
//
// fuzz, replay, shrink, show and conform run a system in child processes (package apart). A
// system that hangs, grows, leaves goroutines behind or ends its process violates Survival.
//
// With -json a command prints one object; json.go has its types.
package command
