// Package escalate searches from a broken rule, or from a state that is near to a harm, for
// the harm: an outcome that clients or two state machines can see (models.KindOutcome).
//
// Random schedules reach such an outcome seldom, because several rare situations have to
// follow each other. A [Climb] splits the way (multilevel splitting; Kahn and Harris:
// Estimation of particle transmission by random sampling, 1951). It names the situations of
// a cluster, such as two nodes that could be elected by disjoint quorums. A height is a set of
// situations with the rules broken so far, and with whether clocks still keep the bound of
// leases. The climb keeps schedules that reached each height, continues them at random, and
// keeps the continuations that get further. Heights have shares of the events, rare and
// dangerous ones larger shares than others. A schedule whose continuations have cost much
// gives way to another of its height.
//
//	climb := escalate.NewClimb(runner)
//	climb.Begin(seed, number)
//	climb.Add(schedule)
//	longer, result := climb.Next()
//
// A continuation is what package generate could have written after the events before it, so
// that its violations are those of the system. The events before it are run again each time,
// which any system can be. That took 46% of the time; a copy of the world would save no more.
//
// Continuing schedules that are near to a harm, and break no rule, gained nothing on two bugs of
// leases (two seeds, 10 CPU seconds each), so that only a person starts from these.
//
// A hunt has many schedules to start from. It adds one after every 32 continuations: the shortest
// one of the kind, that is of the rules that it breaks, which had the fewest turns. The one that
// broke most rules was always the same kind, and leases had few turns then. On the bug of 2015 in
// changes of one voter at a time, by outcomes alone, 19 of 20 hunts of 150 CPU seconds found the
// harm, in 48,890 executions (median). The climbs before, which began anew for each schedule, found
// it in 20 of 20, in 27,542, with a generator of two moves fewer. On three of eleven other bugs one
// climb for all schedules took 0.05 to 0.6 of their executions, and on eight as many (one seed, shares
// still counted in runs).
//
// May be changed: the situations and their weights. Must not change: a schedule, a seed and
// a number give the same climb.
package escalate
