// Package conform tells the author of an adapter what it gets wrong, before any
// property of Raft is judged: whether it boots, elects, applies and answers, whether
// its writes are in order and waited for, whether it keeps memory that is not its
// own, remembers after a restart, and does the same twice. What an adapter need not
// have (snapshots, changes of the configuration, reads, transfer) is asked for, too,
// and not held against it.
//
//	func TestConform(t *testing.T) { conform.Test(t, mine.System{}) }
//
// Each [Rule] drives a small cluster through the world by a few events. The first
// that is broken is the one to look at: those after it build on it. The contract
// that they test is in the comment of package raft.
package conform
