// Package command is the command line of a program that throws schedules of faults at
// a Raft and says what broke. A program for a Raft of yours is its main function:
//
//	func main() { command.Main(mine.System{}) }
//
// What it then can do:
//
//	raftcheck conform          say what an adapter gets wrong, before Raft is judged
//	raftcheck fuzz             run random schedules and keep what fails
//	raftcheck explore [FILE]   visit every state within bounds
//	raftcheck neighbourhood FILE
//	                           run every schedule that is a few changes away from one
//	raftcheck hunt             look for one violation, with one engine and a budget
//	raftcheck mutants          see which engine finds which deliberate bug of our own Raft
//	raftcheck replay FILE      run a schedule and tell what happens, step by step
//	raftcheck shrink FILE      print the smallest schedule that fails alike
//	raftcheck show FILE        draw what the clients saw
//
// It exits with 0 if everything held, with 1 if something was violated, with 2
// if something could not be checked (a malformed file, a property without a
// verdict, a campaign that missed its goals), and with 3 for a bug of its own.
package command
