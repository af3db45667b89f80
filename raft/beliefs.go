package raft

// Believer is a Node that shows its timers and its knowledge of the others, for the page of
// a run. No verdict depends on it.
type Believer interface {
	Beliefs() Beliefs
}

// Beliefs are the expectations of a node, in ticks of its own clock, and its knowledge of the
// others. A time of 0 says that the node expects nothing of the kind.
type Beliefs struct {
	Election  int // until its election timer fires (Raft paper, section 5.2)
	Heartbeat int // until a leader's next heartbeat
	Lease     int // for which a leader answers reads from its lease (thesis, section 6.4.1)
	Loyal     int // for which it votes for no other node, as it heard from a leader (thesis, section 4.2.3)

	// Match has, at a leader, the index up to which it knows the log of each node to equal
	// its own (matchIndex in the Raft paper, figure 2).
	Match [MaxNodeID + 1]Index
}
