// Package escalate searches from a broken rule, or from a state that is near to a harm, for
// the harm: an outcome that clients or two state machines can see (models.KindOutcome).
//
// Random schedules reach such an outcome seldom, because several rare situations have to
// follow each other. A [Climb] splits the way (multilevel splitting; Kahn and Harris:
// Estimation of particle transmission by random sampling, 1951). It names the situations of
// a cluster, such as two nodes that could be elected by disjoint quorums, and keeps the
// shortest schedules that reached each set of situations. It continues these at random, rare
// and dangerous ones more often than others, and keeps the schedules that get further.
//
//	climb := escalate.NewClimb(runner)
//	climb.Start(schedule, seed, number)
//	longer, result := climb.Next()
//
// A continuation is what package generate could have written after the events before it, so
// that its violations are those of the system. The events before it are run again each time,
// which any system can be.
//
// Measured on the bug of 2015 in changes of one voter at a time, by outcomes alone: half of
// the executions of swarm continued schedules that broke a rule, and four of six seeds found
// the harm in 6,272 to 13,435 executions; the other two found none in about 20,000. Continuing
// schedules that are near to a harm, and break no rule, gained nothing on two bugs of leases
// (two seeds, 10 CPU seconds each), so that only a person starts from these. Running the events
// before a continuation again took 46% of the time; a copy of the world would save no more.
//
// A hunt has many schedules to start from. It starts from the one that broke most rules lately,
// and goes on after 64 continuations. On 12 deliberate bugs, each two times for 8 CPU seconds, 9
// did harm, and hunts found 1.44 times as many harms (95%: 1.11 to 1.88, mean over these 9) as
// with 256 continuations of the first schedule that is due.
//
// May be changed: the situations and their weights. Must not change: a schedule, a seed and
// a number give the same climb.
package escalate
