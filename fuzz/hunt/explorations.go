package hunt

import (
	"context"
	"fmt"
	"math"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/explore"
)

// exploration is one of the list, with its start, its bounds and its reason.
type exploration struct {
	name, why string
	start     string // a schedule without its system: header lines, then events
	fifo      bool   // links keep the order of their messages, which leaves far fewer states
	bounds    explore.Bounds
}

const (
	three    = "nodes 3\nrand 1\n"
	asking   = "nodes 3\nprevote on\nrand 1\n"
	oneToAdd = "nodes 3\nvoters 2\nrand 1\n"
	// compacted is a cluster whose follower needs entries that its leader has only in a
	// snapshot.
	compacted = `nodes 3
rand 1

timeout 1
settle
cut 1 2 | 3
call c1 1 put x 1
settle
compact 1
mend
`
	// late is a cluster whose follower heard nothing for almost as long as it waits for a leader.
	late = `nodes 2
prevote on
rand 0

tick 2 k=10
timeout 1
settle
tick 2 k=9
`
	// fourServers is the start of the published bug in single-server membership
	// changes: S1 appends a configuration with S5, and both are cut off (D. Ongaro,
	// raft-dev, 2015).
	fourServers = `nodes 5
voters 4
rand 1

timeout 1
settle
reconfigure 1 to 1 2 3 4 + 5
settle
tick 1 k=3
settle
cut 1 5 | 2 3
reconfigure 1 to 1 2 3 4 5
deliver 1->5
`
)

// explorations lists all explorations. On the reference the first ones take seven
// seconds together, and each of the last ones takes longer than that.
var explorations = []exploration{
	{"election", "a node votes, crashes while its vote is being written, and is asked again", three, false,
		explore.Bounds{Terms: 1, Crashes: 1, Messages: 5, Writes: 1}},
	{"duplicates", "each message of an election and of a call may count twice", three, false,
		explore.Bounds{Terms: 1, Calls: 1, Duplicates: 1, Messages: 3}},
	{"call", "an entry is acknowledged, counted and lost while it is being written", three, false,
		explore.Bounds{Terms: 1, Calls: 1, Crashes: 1, Messages: 4, Writes: 1}},
	{"pre-vote", "nodes ask before they stand, of leaders that are heard of and late", asking, false,
		explore.Bounds{Terms: 2, Ticks: 1, Messages: 3}},
	{"pre-vote crash", "... and a crash forgets who was heard of", asking, false,
		explore.Bounds{Terms: 2, Crashes: 1, Messages: 3}},
	{"transfer", "a leader hands over, and both lead on or neither does", three, false,
		explore.Bounds{Terms: 2, Transfers: 1, Messages: 4}},
	{"late transfer", "... and the request to take over comes terms too late", three, false,
		explore.Bounds{Terms: 3, Transfers: 1, Ticks: 1, Messages: 3}},
	{"heartbeats", "heartbeats overtake and stand for entries that were lost", three, false,
		explore.Bounds{Terms: 2, Drops: 2, Ticks: 3, Messages: 3}},
	{"catching up", "a follower is sent a snapshot while it has writes under way", compacted, false,
		explore.Bounds{Terms: 1, Ticks: 2, Messages: 3, Writes: 1}},
	{"compaction", "a log is compacted at any time, and a crash leaves the snapshot", three, false,
		explore.Bounds{Terms: 1, Calls: 1, Compactions: 1, Drops: 2, Crashes: 1, Ticks: 2, Messages: 2}},
	{"joining", "a node becomes a learner and a voter", oneToAdd, false,
		explore.Bounds{Terms: 1, Changes: 2, Ticks: 1, Messages: 3}},
	{"changes", "two leaders change the configuration, one not knowing of the other", oneToAdd, false,
		explore.Bounds{Terms: 2, Changes: 1, Messages: 4}},
	{"four servers", "the published bug of changes of one server at a time", fourServers, false,
		explore.Bounds{Terms: 2, Changes: 1, Messages: 4, Depth: 15}},
	{"reads", "a read is answered by a node that leads no more", three, false,
		explore.Bounds{Terms: 2, Calls: 1, Reads: 1, Messages: 3}},
	{"leases", "a leader answers from its lease, while an election timer fires early", late, false,
		explore.Bounds{Terms: 1, LeaseReads: 1, Time: 5, Ahead: 2, Messages: 3}},
	{"heals", "a cluster after a crash and a loss works once it is healed", three, false,
		explore.Bounds{Terms: 1, Crashes: 1, Drops: 1, Messages: 3, Heal: 400}},
	{"two terms", "a second leader comes while what the first one wrote is pending", three, false,
		explore.Bounds{Terms: 2, Crashes: 1, Messages: 3, Writes: 1}},
	{"figure 8", "an entry of an earlier term is on a majority and not committed", three, true,
		explore.Bounds{Terms: 4, Messages: 4}},
	{"more heartbeats", "heartbeats once more, with more on the way", three, false,
		explore.Bounds{Terms: 2, Drops: 2, Ticks: 3, Messages: 4}},
	{"figure 8, unordered", "figure 8 once more, and messages overtake each other", three, false,
		explore.Bounds{Terms: 4, Messages: 4}},
	{"four servers, all", "the changes once more, as far as they lead", fourServers, false,
		explore.Bounds{Terms: 2, Changes: 1, Messages: 4}},
}

// Memory limits the memory of an exploration, in bytes.
const Memory = min(2<<30, math.MaxInt/2)

// exploring runs the explorations, one after the other. Visited states count as
// executions.
func exploring(s *search) error {
	for i := range explorations {
		if s.over() {
			break
		}
		if err := s.explore(&explorations[i]); err != nil {
			return err
		}
	}
	return nil
}

// explore runs one exploration. A property that its start violates is a find, too.
func (s *search) explore(x *exploration) error {
	start, err := faults.Parse(x.name, []byte("system "+s.System.Name()+"\n"+x.start), s.Services)
	if err != nil {
		panic(err) // the list is part of this package
	}
	origin := fmt.Sprintf("exploration=%q", x.name)
	before := s.report.Executions
	s.report.Explorations++
	s.report.Executions++ // the first state
	if s.reach(start, origin); s.find != nil {
		return nil
	}
	ctx, stop := context.WithCancel(s.budget.ctx)
	defer stop()
	e := explore.Exploration{
		System: s.System, Start: start, FIFO: x.fifo, Bounds: x.bounds, Memory: Memory, Workers: 1,
		Before: s.Before,
		Progress: func(r *explore.Report) {
			s.report.Executions = before + r.Distinct
			s.progress()
			if s.budget.spent() {
				stop()
			}
		},
	}
	report, err := e.Run(ctx)
	if err != nil {
		return fmt.Errorf("exploration of %s: %w", x.name, err)
	}
	s.report.Executions = before + report.Distinct
	s.report.Spent = s.report.Spent || report.Stopped != ""
	if len(report.Findings) > 0 {
		shortest := slices.MinFunc(report.Findings, func(a, b *fuzz.Finding) int { return a.Events - b.Events })
		s.reach(shortest.Schedule, origin)
	}
	return nil
}

// reach runs a schedule that leads to a state. The schedule is the find if it violates
// a property.
func (s *search) reach(schedule *faults.Schedule, origin string) {
	result := s.runner.Run(schedule)
	s.see(schedule, &result, origin)
}
