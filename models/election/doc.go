// Package election is the replicated service by which systems such as etcd and
// ZooKeeper elect the one worker that may write: a leadership that is held for a
// time, and that carries a fencing token.
//
// An operation is text, the same in schedules, in logs and in histories:
//
//	campaign db 40      takes leadership db for 40 ticks, if it is free or c2's own
//	                    answers token-3-until-50-at-10-for-c2, or held-by-c1-until-35-at-10-for-c2
//	keepalive db 3 40   renews it: ok-until-60-at-20-for-c2, or lost-at-20-for-c2
//	resign db 3         frees it: ok-at-25-for-c2, or lost-at-25-for-c2
//	holder db           reads: c2-token-3-until-60-at-20, or free-at-25
//
// A leadership is a lease (Gray and Cheriton, "Leases", SOSP 1989): it runs out
// unless renewed, so that a worker that stopped cannot keep it. Each grant has a
// token one higher than the last, the sequencer of Chubby (Burrows, OSDI 2006,
// section 2.4), as ZooKeeper's sequential nodes give one (Hunt et al., ATC 2010,
// section 2.4). Time moves on only through Raft's log, so every answer names the
// time at which it was true, and the client that asked: histories are judged by
// answers alone.
//
// [Machine] carries operations out; [Spec] judges the answers of one leadership. They
// share no code on purpose: each checks the other.
//
// [Outside] is the world outside of the service: workers that believe the answers
// they heard, and a database to which they write. A worker that slept believes for too
// long, however right the service is (Kleppmann, "How to do distributed
// locking", 2016). The database of service "election" therefore checks tokens;
// that of "election-unfenced" trusts every worker.
//
// May be changed: how machine and specification store. Must not: the texts,
// that a token is never granted twice, and that the same operations at the same
// times give the same answers and the same state.
package election
