package raft

// Loyal is a System that states for how long its nodes, with pre-votes, are loyal to a leader
// that they heard from (Raft paper, section 6; thesis, section 4.2.3). They are judged by it.
// Its messages have the paper's names: RequestVote, AppendEntries, InstallSnapshot, and
// TimeoutNow.
type Loyal interface {
	System
	// Loyalty returns the ticks of its own clock for which a node that accepted AppendEntries
	// or InstallSnapshot disregards RequestVote, unless TimeoutNow began that election. The
	// loyalty survives a crash, and lasts from the boot on. The event of a timer that fires
	// out of turn ends it.
	Loyalty() int
}
