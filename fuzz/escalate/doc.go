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
// that its violations are those of the system. The events before it are run again each time:
// this costs less than half of the time, and any system can be run again.
//
// May be changed: the situations and their weights. Must not change: a schedule, a seed and
// a number give the same climb.
package escalate
