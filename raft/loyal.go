package raft

// Loyal is a System that states for how long its nodes, with pre-votes, are loyal to a leader
// that they heard from (Raft paper, section 6; thesis, section 4.2.3). They are judged by it.
// Its messages have the paper's names: RequestVote, AppendEntries, InstallSnapshot, and
// TimeoutNow.
type Loyal interface {
	System
	// Loyalty returns the ticks of its own clock for which a node that got AppendEntries or
	// InstallSnapshot from the leader of its term disregards RequestVote. A request that it
	// rejects counts as well. An election that TimeoutNow began is exempt. After a crash the
	// time begins again at the boot. The input Timeout ends it.
	Loyalty() int
}
