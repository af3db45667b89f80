package fuzz

import (
	"math/bits"
	"strings"

	"raftcheck/models"
	"raftcheck/raft"
)

// Goal is something that a campaign must have seen at least once: one that
// did not was not testing what it claims.
type Goal uint8

// The goals.
const (
	LeaderElected Goal = iota
	LeaderDeposedUncommitted
	CandidateYielded
	SplitVote
	LeadersOfTwoTerms
	EntryOverwritten
	OlderTermOnMajority
	OlderTermCommitted
	ThreeTermsInLog
	CaughtUp
	RetryCommittedTwice
	ProposalRejected
	OutcomeUnknown
	OperationAbandoned
	CasSucceeded
	MessageLost
	MessageDoubled
	CrashLostWrites
	WriteTorn
	TornWriteRecovered
	DiskRefused
	DiskFailed
	LogRecovered
	HealedWell
	goals
)

// goalNames has each goal's name in reports, and what it takes.
var goalNames = [goals]struct{ name, about string }{
	LeaderElected:            {"leader-elected", "a node became leader"},
	LeaderDeposedUncommitted: {"leader-deposed-uncommitted", "a leader stepped down with entries that it had not committed"},
	CandidateYielded:         {"candidate-yielded", "a candidate became follower in its own term (section 5.2)"},
	SplitVote:                {"split-vote", "two candidates ran in one term (section 5.2)"},
	LeadersOfTwoTerms:        {"leaders-of-two-terms", "two nodes led at once, in different terms"},
	EntryOverwritten:         {"entry-overwritten", "a follower cut conflicting entries off its log (section 5.3)"},
	OlderTermOnMajority:      {"older-term-on-majority", "an entry of an older term was on a majority and not committed (figure 8)"},
	OlderTermCommitted:       {"older-term-committed", "an entry of an older term was committed through one of the leader's own (section 5.4.2)"},
	ThreeTermsInLog:          {"three-terms-in-log", "a log ended in entries of three terms (figure 7)"},
	CaughtUp:                 {"caught-up", "a follower took three entries or more at once"},
	RetryCommittedTwice:      {"retry-committed-twice", "one operation was committed at two indices (section 8)"},
	ProposalRejected:         {"proposal-rejected", "a node refused a proposal"},
	OutcomeUnknown:           {"outcome-unknown", "a node could not say what became of a proposal"},
	OperationAbandoned:       {"operation-abandoned", "a client gave up waiting"},
	CasSucceeded:             {"cas-succeeded", "a compare-and-swap found what it expected"},
	MessageLost:              {"message-lost", "a message was lost"},
	MessageDoubled:           {"message-doubled", "a message was doubled"},
	CrashLostWrites:          {"crash-lost-writes", "a crash lost writes that were not durable"},
	WriteTorn:                {"write-torn", "a crash tore a write"},
	TornWriteRecovered:       {"torn-write-recovered", "a node booted from a disk with a torn write"},
	DiskRefused:              {"disk-refused", "a node refused to boot from a rotten disk"},
	DiskFailed:               {"disk-failed", "a write failed and the node was told"},
	LogRecovered:             {"log-recovered", "a node booted with entries on its disk"},
	HealedWell:               {"healed-well", "a cluster was well again after its faults ended"},
}

// String is the goal's name.
func (g Goal) String() string { return goalNames[g].name }

// About says what the goal takes.
func (g Goal) About() string { return goalNames[g].about }

// GoalSet is a set of goals.
type GoalSet uint64

// AllGoals has every goal.
const AllGoals = GoalSet(1)<<goals - 1

// Has reports whether a goal is in the set.
func (s GoalSet) Has(g Goal) bool { return s>>g&1 != 0 }

// Len is the number of goals in the set.
func (s GoalSet) Len() int { return bits.OnesCount64(uint64(s)) }

// Names lists the goals of the set.
func (s GoalSet) Names() []string {
	names := []string{}
	for g := Goal(0); g < goals; g++ {
		if s.Has(g) {
			names = append(names, g.String())
		}
	}
	return names
}

// goalWatch notes which goals a run reaches.
type goalWatch struct {
	view    *models.View
	reached GoalSet
	torn    raft.NodeSet
	cas     uint32 // a bit for each client whose latest call is a compare-and-swap
}

func (w *goalWatch) reset() { w.reached, w.torn, w.cas = 0, 0, 0 }

func (w *goalWatch) reach(g Goal, when bool) {
	if when {
		w.reached |= 1 << g
	}
}

// Observe looks at a record that the view already has.
func (w *goalWatch) Observe(r *models.Record) {
	switch r.Kind {
	case models.Stepped:
		w.stepped(r)
	case models.Crashed:
		w.reach(CrashLostWrites, r.Lost > 0)
		w.reach(WriteTorn, r.Torn)
		if r.Torn {
			w.torn = w.torn.With(r.Node)
		}
	case models.Booted:
		w.reach(LogRecovered, len(r.Appended) > 0)
		w.reach(TornWriteRecovered, w.torn.Has(r.Node))
	case models.BootFailed:
		w.reach(DiskRefused, true)
	case models.Lost:
		w.reach(MessageLost, true)
	case models.Doubled:
		w.reach(MessageDoubled, true)
	case models.Called:
		w.cas &^= 1 << r.Op.Client
		if strings.HasPrefix(r.Text, "cas ") {
			w.cas |= 1 << r.Op.Client
		}
	case models.Returned:
		w.reach(CasSucceeded, w.cas>>r.Op.Client&1 != 0 && r.Text == "ok")
	case models.Declined:
		w.reach(ProposalRejected, r.Outcome == raft.Rejected)
		w.reach(OutcomeUnknown, r.Outcome == raft.Unknown)
	case models.Abandoned:
		w.reach(OperationAbandoned, true)
	case models.Healed:
		w.reach(HealedWell, r.Bound > 0 && r.Stuck == models.Well)
	}
}

func (w *goalWatch) stepped(r *models.Record) {
	n := &w.view.Nodes[r.Node]
	if n.Stopped {
		w.reach(DiskFailed, true)
	}
	if n.Before.Role != n.Status.Role || n.Before.Term != n.Status.Term {
		w.turned(r.Node, n)
	}
	w.reach(EntryOverwritten, r.Kept < n.Before.Last.Index)
	w.reach(CaughtUp, n.Status.Role == raft.Follower && len(r.Appended) >= 3)
	if len(r.Appended) > 0 {
		w.reach(ThreeTermsInLog, threeTerms(n.Log))
	}
	if w.view.NewCommits > 0 {
		w.committed()
	}
	if n.Status.Role == raft.Leader && !w.reached.Has(OlderTermOnMajority) {
		w.reach(OlderTermOnMajority, w.stored(n) > w.view.Voters.Len()/2)
	}
}

// turned looks at a change of role or term.
func (w *goalWatch) turned(id raft.NodeID, n *models.NodeView) {
	was, is := n.Before, n.Status
	w.reach(LeaderElected, is.Role == raft.Leader)
	w.reach(LeaderDeposedUncommitted, was.Role == raft.Leader && is.Role != raft.Leader && was.Last.Index > was.Commit)
	w.reach(CandidateYielded, was.Role == raft.Candidate && is.Role == raft.Follower && was.Term == is.Term)
	for other := range w.view.Voters.Without(id).All() {
		o := w.view.Nodes[other].Status
		w.reach(SplitVote, is.Role == raft.Candidate && o.Role == raft.Candidate && is.Term == o.Term)
		w.reach(LeadersOfTwoTerms, is.Role == raft.Leader && o.Role == raft.Leader && is.Term != o.Term)
	}
}

// threeTerms reports whether the last three entries of a log are of three terms.
func threeTerms(log []models.Logged) bool {
	if len(log) < 3 {
		return false
	}
	last := log[len(log)-3:]
	return last[0].Term != last[1].Term && last[1].Term != last[2].Term
}

func (w *goalWatch) committed() {
	committed := w.view.Committed
	for i := int(w.view.NewCommits) - 1; i < len(committed); i++ {
		w.reach(OlderTermCommitted, committed[i].Term < committed[i].In)
		w.reach(RetryCommittedTwice, !w.reached.Has(RetryCommittedTwice) && again(committed, i))
	}
}

// blank is the hash of every leader's blank entry.
var blank = models.DigestOf(&raft.Entry{Kind: raft.NoOp}).Hash

// again reports whether the command at i repeats one not long before it.
func again(committed []models.Commitment, i int) bool {
	for j := max(0, i-16); j < i; j++ {
		if committed[j].Hash == committed[i].Hash && committed[i].Hash != blank {
			return true
		}
	}
	return false
}

// stored counts the nodes whose disks hold the first entry that a leader has
// not committed, if that is of an older term.
func (w *goalWatch) stored(leader *models.NodeView) int {
	i := int(leader.Status.Commit)
	if i >= len(leader.Log) || leader.Log[i].Term >= leader.Status.Term {
		return 0
	}
	count := 0
	for id := range w.view.Voters.All() {
		log := w.view.Nodes[id].Stored.Log
		if i < len(log) && log[i].Prefix == leader.Log[i].Prefix {
			count++
		}
	}
	return count
}
