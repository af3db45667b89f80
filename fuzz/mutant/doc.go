// Package mutant reads deliberate bugs of the reference Raft and of the judges, and
// builds programs that have one. A harness that does not find such a bug does not test
// the promise that the bug breaks.
//
// A mutant is a text file in testdata/mutants, named after the bug. It is not a switch
// in the code, so that the reference never carries an "if bug":
//
//	# A voter compares only the lengths of the logs, not their last terms first.
//	# A longer log of an older term then wins, and what was committed is lost.
//	source    https://github.com/willemt/raft/commit/1ce89f2e...
//	property  LeaderCompleteness CommitQuorum
//	seconds   10
//
//	edit raft/reference/election.go
//	= func (n *Node) vote(from raft.NodeID, m *message) {
//	- 	if n.hard.vote == raft.None && m.requestVote.last.AtLeastAsUpToDateAs(n.log.last()) {
//	+ 	if n.hard.vote == raft.None && m.requestVote.last.Index >= n.log.lastIndex() {
//
// The parts of the file, in their order:
//
//   - prose: the mutated behaviour and the way in which it breaks a property;
//   - source: the place where the bug was seen;
//   - property: the properties, any of which may be the first to be violated;
//   - seconds: the CPU time in which random schedules must find the bug; 0 means never;
//   - schedule FILE, optional: a schedule that finds the bug. A bug that is hard to
//     find should have one;
//   - edit FILE, at least one.
//
// Each line of an edit begins with a sign and a blank. "-" lines are removed, "+" lines
// are added, and "=" lines stay and fix the position. The rest of the line is the line
// of the source, tabs included. The "-" and "=" lines must be in the source one after
// the other, exactly once.
//
//	mutants, err := mutant.Read("testdata/mutants")
//	changed, err := mutants[0].Apply(source)      // the changed files, by path
//	builder := mutant.Builder{Root: root, Program: "./scripts/raftcheck", Folder: scratch}
//	binary, err := builder.Build(ctx, mutants[0]) // with go build -overlay
//
// testdata/mutants/README.md lists the known bugs of Raft implementations. For each it
// names the mutants that have it, or the reason why the reference cannot have it.
//
// May be changed: the mutants, along with the code that they edit; a test lists those
// that no longer apply. Must not change: a printed mutant parses back, and an edit
// whose lines are missing or found twice is an error.
package mutant
