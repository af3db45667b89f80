// Command mutate judges the judges: it changes the packages models, linearizability and
// faults, and some below them, at places drawn by a seed. It prints each change that no test
// finds. Changes are other comparisons, one operand of a boolean operator alone, turned
// conditions and constants, and statements left out.
//
//	go run ./scripts/mutate -seed 1 -mutants 40            40 of each package
//	go run ./scripts/mutate -seed 1 -mutants 40 models     of one alone
//
// A package is compiled once, with all of its mutants. An environment variable chooses one, so that a
// mutant costs no build. Its own tests run first, then the schedules that were written by
// hand (table judges), until one fails. Tests that take too much CPU time or memory failed.
//
// A survivor is a missing test, or code to take away, or harmless. The file arguments.txt
// has an argument for each of the last, and these are counted apart. The exit code is 1 if
// another one survived.
//
// Published tools were considered: gremlins 0.6 leaves no statements out, draws no sample,
// and builds each mutant anew; others have had no release for years.
package main
