// Package conform reports the mistakes of an adapter before any property of Raft is
// judged. It checks that nodes boot, elect a leader, apply and answer, that writes are
// numbered and waited for, that no memory of the caller is kept, that nodes remember
// after a restart, and that the same inputs give the same outputs. Optional abilities
// (snapshots, membership changes, reads, leadership transfer, batches) are tried, too; an
// adapter without one does not fail.
//
//	func TestConform(t *testing.T) { conform.Test(t, mine.System{}, services.All()) }
//
// Each [Rule] runs a small cluster through a few events. Fix the first rule that is
// violated first: later rules rely on earlier ones. The contract that they check is in
// the comment of package raft.
//
// Must not change: a rule that fails quotes the events that led to the failure, and an
// ability that the adapter does not have is never reported as held.
package conform
