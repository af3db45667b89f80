// Package mutant keeps deliberate bugs of our Raft, one a file, and builds
// programs that have one: a harness that lets one of them live is not testing
// what it claims.
//
// A mutant is a text file in testdata/mutants, named after the bug. It is not a
// switch in the code, so that the reference never carries an "if bug":
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
// First the prose: what the mutated code does and how it breaks, in order. Then
// where the bug was seen; the properties any of which may be the first to break;
// and the seconds of CPU time in which random schedules must find it, 0 if they
// are not held to it. A line "schedule FILE" may follow: a schedule that finds it,
// which a bug that is hard to find should have.
//
// Then one edit or more. Each line of an edit begins with a sign that says what
// becomes of it and a blank: "-" lines go, "+" lines come, "=" lines stay and say
// where. What follows is the line exactly as the source has it, tabs included. The
// lines that go and stay must be in the file, one after the other, exactly once.
//
//	mutants, err := mutant.Read("testdata/mutants")
//	changed, err := mutants[0].Apply(source)      // the changed files, by path
//	builder := mutant.Builder{Root: root, Program: "./scripts/raftcheck", Folder: scratch}
//	binary, err := builder.Build(ctx, mutants[0]) // with go build -overlay
//
// testdata/mutants/README.md accounts for every bug that Raft implementations
// are known to have had: the mutants that have it, or why it cannot be had here.
//
// May be changed: the mutants, as the code that they change does; a test says which no
// longer apply. Must not: that a mutant which is printed parses back, and that a
// text which is missing, or there twice, is an error and no mutant.
package mutant
