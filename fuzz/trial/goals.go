package trial

import (
	"strings"

	"raftcheck/faults"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Goal is a situation that a campaign must reach at least once. A campaign that
// misses one did not test that situation.
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
	ProposalRejected
	OutcomeUnknown
	OperationAbandoned
	MessageLost
	MessageDoubled
	CrashLostWrites
	WriteTorn
	TornWriteRecovered
	DiskRefused
	DiskFailed
	LogRecovered
	HealedWell
	CanvassFailed
	LeaderLostQuorum
	LogCompacted
	SnapshotBooted
	SnapshotInstalled
	SnapshotReplacedEntries
	ChunkResent
	ChangeBegun
	ChangeFinished
	ChangeRolledBack
	ChangeRefused
	LearnerPromoted
	LeaderRemoved
	NodeWiped
	TransferRefused
	TransferTaken
	ReadServed
	ReadByFollower
	ReadFromLease
	ReadRejected
	CommandRepeated
	SessionExpired
	goals
)

// goalNames holds the name of each goal in reports, and its meaning.
var goalNames = [goals]struct{ name, about string }{
	LeaderElected: {"leader-elected", "a node became leader"},
	LeaderDeposedUncommitted: {"leader-deposed-uncommitted",
		"a leader stepped down with entries that it had not committed"},
	CandidateYielded:  {"candidate-yielded", "a candidate became follower in its own term (section 5.2)"},
	SplitVote:         {"split-vote", "two candidates ran in one term (section 5.2)"},
	LeadersOfTwoTerms: {"leaders-of-two-terms", "two nodes led at once, in different terms"},
	EntryOverwritten: {"entry-overwritten",
		"a follower cut conflicting entries off its log (section 5.3)"},
	OlderTermOnMajority: {"older-term-on-majority",
		"an entry of an older term was on a majority and not committed (figure 8)"},
	OlderTermCommitted: {"older-term-committed",
		"an entry of an older term was committed through one of the leader's own (section 5.4.2)"},
	ThreeTermsInLog:    {"three-terms-in-log", "a log ended in entries of three terms (figure 7)"},
	CaughtUp:           {"caught-up", "a follower took three entries or more at once"},
	ProposalRejected:   {"proposal-rejected", "a node refused a proposal"},
	OutcomeUnknown:     {"outcome-unknown", "a node could not say what became of a proposal"},
	OperationAbandoned: {"operation-abandoned", "a client gave up waiting"},
	MessageLost:        {"message-lost", "a message was lost"},
	MessageDoubled:     {"message-doubled", "a message was doubled"},
	CrashLostWrites:    {"crash-lost-writes", "a crash lost writes that were not durable"},
	WriteTorn:          {"write-torn", "a crash tore a write"},
	TornWriteRecovered: {"torn-write-recovered", "a node booted from a disk with a torn write"},
	DiskRefused:        {"disk-refused", "a node refused to boot from a rotten disk"},
	DiskFailed:         {"disk-failed", "a write failed and the node was told"},
	LogRecovered:       {"log-recovered", "a node booted with entries on its disk"},
	HealedWell:         {"healed-well", "a cluster was well again after its faults ended"},
	CanvassFailed: {"canvass-failed",
		"a pre-candidate found that it would not be elected (thesis, section 9.6)"},
	LeaderLostQuorum: {"leader-lost-quorum",
		"a leader stepped down in its own term because too few answered (thesis, section 6.2)"},
	LogCompacted:      {"log-compacted", "a node forgot entries that its snapshot covers (section 7)"},
	SnapshotBooted:    {"snapshot-booted", "a node booted from its snapshot"},
	SnapshotInstalled: {"snapshot-installed", "a follower took over the leader's snapshot (figure 13)"},
	SnapshotReplacedEntries: {"snapshot-replaced-entries",
		"a snapshot took the place of entries that conflict with it (figure 13, rule 7)"},
	ChunkResent:    {"chunk-resent", "a part of a snapshot was sent again"},
	ChangeBegun:    {"change-begun", "a leader acted by a joint configuration (section 6)"},
	ChangeFinished: {"change-finished", "a leader left a joint configuration that was committed"},
	ChangeRolledBack: {"change-rolled-back",
		"a node lost a configuration that it acted by, or that it had not applied yet"},
	ChangeRefused:   {"change-refused", "a node refused another configuration"},
	LearnerPromoted: {"learner-promoted", "a learner became a voter (thesis, section 4.2.1)"},
	LeaderRemoved: {"leader-removed",
		"a leader stepped down because it was removed (thesis, section 4.2.2)"},
	NodeWiped:       {"node-wiped", "a disk was wiped"},
	TransferRefused: {"transfer-refused", "a node refused to hand over the leadership"},
	TransferTaken: {"transfer-taken",
		"a node became leader by its predecessor's wish (thesis, section 3.10)"},
	ReadServed: {"read-served",
		"a leader answered a read after a round of messages (thesis, section 6.4)"},
	ReadByFollower: {"read-by-follower", "a follower answered a read after asking the leader"},
	ReadFromLease:  {"read-from-lease", "a leader answered a read at once (thesis, section 6.4.1)"},
	ReadRejected:   {"read-rejected", "a node could not tell when it may answer a read"},
	CommandRepeated: {"command-repeated",
		"a command was committed again and not carried out again (section 8)"},
	SessionExpired: {"session-expired",
		"a client heard that its session expired (thesis, section 6.3)"},
}

// goalWatch observes a run and notes the goals that it reaches.
type goalWatch struct {
	view *trace.View
	// describe describes a message; the text is the same when the message is sent again.
	describe func(raft.Message) string
	reached  GoalSet
	torn     raft.NodeSet                    // nodes that crashed with a torn write
	heirs    raft.NodeSet                    // nodes that stand for election because of a TimeoutNow
	request  string                          // the operator's latest
	configs  [faults.MaxNodes + 1]raft.Index // the last configuration in each log
	chunks   [faults.MaxNodes + 1]uint64     // hash of the snapshot part last sent to each node
	reads    [faults.MaxClients + 1]uint32   // the latest read of each client
	served   []served                        // the watches of the services that have goals
	serves   *served                         // the one of the run's service, nil if it has no goals
}

func newGoalWatch(view *trace.View, describe func(raft.Message) string, set service.Set) goalWatch {
	w := goalWatch{view: view, describe: describe}
	list := GoalsOf(set)
	for _, s := range set {
		if p, ok := s.(service.Purposeful); ok {
			w.served = append(w.served, served{name: s.Name(), watch: p.NewWatch(), numbers: list.numbers(s)})
		}
	}
	return w
}

// reset forgets the run, for one whose clients use a service.
func (w *goalWatch) reset(s service.Service) {
	*w = goalWatch{view: w.view, describe: w.describe, served: w.served}
	for i := range w.served {
		if each := &w.served[i]; each.name == s.Name() {
			w.serves = each
			each.watch.Reset()
		}
	}
}

// reach adds a goal to those that are reached if the condition is met.
func (w *goalWatch) reach(g Goal, when bool) {
	if when {
		w.reached |= 1 << g
	}
}

// Observe notes the goals that a record reaches. The view must have been updated before.
func (w *goalWatch) Observe(r *trace.Record) {
	switch r.Kind {
	case trace.Stepped:
		w.observeStep(r)
	case trace.Crashed:
		w.reach(CrashLostWrites, r.Lost > 0)
		w.reach(WriteTorn, r.Torn)
		if r.Torn {
			w.torn = w.torn.With(r.Node)
		}
	case trace.Booted:
		w.reach(LogRecovered, len(r.Appended) > 0)
		w.reach(TornWriteRecovered, w.torn.Has(r.Node))
		w.reach(SnapshotBooted, r.Status.Base.Index > 0)
		w.configs[r.Node] = w.view.Nodes[r.Node].LastConfig
	case trace.BootFailed:
		w.reach(DiskRefused, true)
	case trace.Wiped:
		w.reach(NodeWiped, true)
	case trace.Lost:
		w.reach(MessageLost, true)
	case trace.Doubled:
		w.reach(MessageDoubled, true)
	case trace.Healed:
		w.reach(HealedWell, r.Bound > 0 && r.Stuck == trace.Well)
	default:
		w.observeOutside(r)
	}
}

// observeOutside handles the records of clients, the operator and workers.
func (w *goalWatch) observeOutside(r *trace.Record) {
	if w.serves != nil {
		w.serve(r)
	}
	switch r.Kind {
	case trace.Declined:
		w.reach(ProposalRejected, r.Outcome == raft.Rejected)
		w.reach(OutcomeUnknown, r.Outcome == raft.Unknown)
	case trace.Abandoned:
		w.reach(OperationAbandoned, true)
	case trace.Expired:
		w.reach(SessionExpired, true)
	case trace.Asked:
		w.request = r.Text
	case trace.Answered:
		w.reach(ChangeRefused, r.Outcome == raft.Rejected && strings.HasPrefix(w.request, "reconfigure"))
		w.reach(TransferRefused, r.Outcome == raft.Rejected && strings.HasPrefix(w.request, "transfer"))
	}
}

// observeStep handles a step of a node.
func (w *goalWatch) observeStep(r *trace.Record) {
	n := &w.view.Nodes[r.Node]
	w.reach(DiskFailed, n.Stopped)
	if n.Before.Role != n.Status.Role || n.Before.Term != n.Status.Term {
		w.observeRole(r, n)
	}
	if n.Before.ConfigIndex != n.Status.ConfigIndex {
		w.observeConfiguration(r.Node, n)
	}
	w.observeLog(r, n)
	for i := range r.Executed {
		w.reach(CommandRepeated, r.Executed[i].Did == trace.Repeated)
	}
	if in, ok := r.Input.(*raft.Read); ok || len(r.Out.Replies) > 0 {
		w.observeReads(r, in)
	}
	for i := range r.Released {
		w.observeMessage(&r.Released[i])
	}
	if w.view.NewCommits > 0 {
		w.observeCommits()
	}
	if n.Status.Role == raft.Leader && !w.reached.Has(OlderTermOnMajority) {
		w.reach(OlderTermOnMajority, 2*w.copiesOnDisk(n) > n.Status.Config.Voters.Len())
	}
}

// observeLog handles entries that a step appended to a node's log, and those that it
// cut off or compacted.
func (w *goalWatch) observeLog(r *trace.Record, n *trace.NodeView) {
	w.reach(ChangeRolledBack, n.Status.ConfigApplied && n.LastConfig < w.configs[r.Node])
	w.configs[r.Node] = n.LastConfig
	sameBase := n.Before.Base == n.Status.Base
	if !sameBase {
		w.observeCompaction(r, n)
	}
	w.reach(EntryOverwritten, sameBase && r.Kept < n.Before.Last.Index)
	if len(r.Appended) > 0 {
		w.reach(CaughtUp, sameBase && n.Status.Role == raft.Follower && len(r.Appended) >= 3)
		w.reach(ThreeTermsInLog, threeTerms(n.Log))
	}
}

// observeConfiguration handles a node that acts by another configuration than before.
func (w *goalWatch) observeConfiguration(id raft.NodeID, n *trace.NodeView) {
	was, is := &n.Before, &n.Status
	leads := was.Role == raft.Leader && is.Role == raft.Leader && was.Term == is.Term
	w.reach(ChangeBegun, leads && is.Config.Joint())
	w.reach(ChangeFinished, leads && was.Config.Joint() && !is.Config.Joint())
	w.reach(ChangeRolledBack, is.ConfigIndex < was.ConfigIndex)
	w.reach(LearnerPromoted, was.Config.Learners.Has(id) && is.Config.Voters.Has(id))
}

// observeCompaction handles a node whose log starts at another index than before.
func (w *goalWatch) observeCompaction(r *trace.Record, n *trace.NodeView) {
	_, received := r.Input.(*raft.Receive)
	w.reach(LogCompacted, !received)
	w.reach(SnapshotInstalled, received)
	w.reach(SnapshotReplacedEntries, received && r.Kept < n.Before.Last.Index)
}

// observeReads handles a read that reaches a node, nil if the input is another one,
// and the replies to reads.
func (w *goalWatch) observeReads(r *trace.Record, read *raft.Read) {
	if read != nil {
		w.reads[read.Op.Client] = read.Op.Seq
	}
	for _, reply := range r.Out.Replies {
		client := reply.Op.Client
		if client == 0 || client > faults.MaxClients || w.reads[client] != reply.Op.Seq {
			continue
		}
		now := read != nil && read.Op == reply.Op
		done, leads := reply.Outcome == raft.Done, r.Status.Role == raft.Leader
		w.reach(ReadFromLease, done && now && read.Lease)
		w.reach(ReadServed, done && !now && leads)
		w.reach(ReadByFollower, done && !leads)
		w.reach(ReadRejected, !done)
	}
}

// observeMessage handles a message that left a node. Its kind must have the field's
// name for it.
func (w *goalWatch) observeMessage(m *raft.Message) {
	if m.Kind != "InstallSnapshot" || int(m.To) >= len(w.chunks) {
		return
	}
	hash := trace.HashBytes(1, []byte(w.describe(*m)))
	w.reach(ChunkResent, w.chunks[m.To] == hash)
	w.chunks[m.To] = hash
}

// observeRole handles a node whose role or term changed.
func (w *goalWatch) observeRole(r *trace.Record, n *trace.NodeView) {
	was, is := &n.Before, &n.Status
	w.observeTransfer(r, is)
	if was.Role == raft.Leader && is.Role == raft.Follower && was.Term == is.Term {
		_, ticked := r.Input.(*raft.Tick)
		w.reach(LeaderLostQuorum, ticked)
		w.reach(LeaderRemoved, !is.Config.Voters.Has(r.Node))
	}
	w.reach(CanvassFailed, was.Role == raft.PreCandidate && is.Role == raft.Follower)
	w.reach(CandidateYielded, was.Role == raft.Candidate && is.Role == raft.Follower && was.Term == is.Term)
	w.reach(LeaderElected, is.Role == raft.Leader)
	deposed := was.Role == raft.Leader && is.Role != raft.Leader
	w.reach(LeaderDeposedUncommitted, deposed && is.Last.Index > is.Commit)
	for other := range w.view.All.Without(r.Node).All() {
		o := &w.view.Nodes[other].Status
		same := is.Role == o.Role
		w.reach(SplitVote, same && is.Role == raft.Candidate && is.Term == o.Term)
		w.reach(LeadersOfTwoTerms, same && is.Role == raft.Leader && is.Term != o.Term)
	}
}

// observeTransfer notes a node that stands for election because of a TimeoutNow, until
// its role or term changes and it does not lead.
func (w *goalWatch) observeTransfer(r *trace.Record, is *raft.Status) {
	in, received := r.Input.(*raft.Receive)
	switch {
	case received && in.Msg.Kind == "TimeoutNow" && is.Role == raft.Candidate:
		w.heirs = w.heirs.With(r.Node)
	case is.Role != raft.Leader:
		w.heirs = w.heirs.Without(r.Node)
	}
	w.reach(TransferTaken, is.Role == raft.Leader && w.heirs.Has(r.Node))
}

// threeTerms reports whether the last three entries of a log are of three terms.
func threeTerms(log []trace.Logged) bool {
	if len(log) < 3 {
		return false
	}
	last := log[len(log)-3:]
	return last[0].Term != last[1].Term && last[1].Term != last[2].Term
}

// observeCommits handles the entries that this record committed first.
func (w *goalWatch) observeCommits() {
	committed := w.view.Committed
	for i := int(w.view.NewCommits) - 1; i < len(committed); i++ {
		w.reach(OlderTermCommitted, committed[i].Term < committed[i].In)
	}
}

// copiesOnDisk counts the voters whose disks hold the first entry that a leader has
// not committed. It returns 0 if that entry is not of an older term.
func (w *goalWatch) copiesOnDisk(leader *trace.NodeView) int {
	i := leader.Status.Commit
	if i >= raft.Index(len(leader.Log)) || leader.Log[i].Term >= leader.Status.Term {
		return 0
	}
	count := 0
	for id := range leader.Status.Config.Voters.All() {
		log := w.view.Nodes[id].Stored.Log
		if i < raft.Index(len(log)) && log[i].Prefix == leader.Log[i].Prefix {
			count++
		}
	}
	return count
}
