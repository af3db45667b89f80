package escalate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// mostMore is how many nodes more than the schedule a climb has at most.
const mostMore = 3

// Larger returns the schedule from which a climb of a number starts. Three climbs of four have a
// larger cluster, and some of its new nodes are voters: a schedule that was shrunk has the nodes
// that the broken rule needs, and a harm may need more.
func Larger(system raft.System, of *faults.Schedule, number int) *faults.Schedule {
	s, more := of.Clone(), number%(mostMore+1)
	if s.Nodes+more > faults.MaxNodes || !raft.LimitsOf(system).Allows(s.Nodes+more) {
		return s
	}
	voters := s.First().Len()
	if s.Learners == 0 {
		voters += more - number/(mostMore+1)%(more+1)
	}
	s.Nodes, s.Voters = s.Nodes+more, voters
	return s
}
