package trial

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// seen is the input of the goal watch: a record, and the view after it.
type seen struct {
	trace.Record
	was raft.Status       // of the record's node before it
	log []raft.Term       // of the record's node
	and func(*trace.View) // other changes of the view
}

// step returns a step of node 1 from one status to another.
func step(was, is raft.Status, in raft.Input) seen {
	return seen{was: was, Record: trace.Record{Kind: trace.Stepped, Node: 1, Input: in, Status: is,
		Kept: was.Last.Index}}
}

// of returns a status in a role and a term.
func of(role raft.Role, term raft.Term) raft.Status {
	return raft.Status{Role: role, Term: term, Config: raft.Configuration{Voters: raft.FirstNodes(3)}}
}

// with changes a status.
func with(s raft.Status, change func(*raft.Status)) raft.Status {
	change(&s)
	return s
}

func voters(ids ...raft.NodeID) func(*raft.Status) {
	return func(s *raft.Status) {
		s.Config = raft.Configuration{Voters: raft.NodeSetOf(ids...)}
		s.ConfigIndex++
	}
}

func joint(s *raft.Status) { s.Config.Outgoing = raft.NodeSetOf(1); s.ConfigIndex++ }

func learner(s *raft.Status) {
	s.Config = raft.Configuration{Voters: raft.NodeSetOf(2, 3), Learners: raft.NodeSetOf(1)}
}

func at(last, commit raft.Index) func(*raft.Status) {
	return func(s *raft.Status) { s.Last.Index, s.Commit = last, commit }
}

func base(i raft.Index) func(*raft.Status) { return func(s *raft.Status) { s.Base.Index = i } }

// follower and leader are the states that most cases begin with.
var (
	follower = of(raft.Follower, 2)
	leader   = of(raft.Leader, 2)
	applied  = with(follower, func(s *raft.Status) { s.ConfigApplied = true })
	of4      = with(leader, func(s *raft.Status) { s.Config.Voters = raft.FirstNodes(4) })
)

// record returns a record that changes no node's status.
func record(r trace.Record) seen { return seen{Record: r} }

// replied adds a reply to an operation to a step.
func replied(s seen, op raft.OpID, o raft.Outcome) seen {
	s.Out.Replies = []raft.Reply{{Op: op, Outcome: o}}
	return s
}

func received1(kind string) *raft.Receive {
	return &raft.Receive{Msg: raft.Message{From: 2, To: 1, Kind: kind}}
}

func (s seen) changed(change func(*seen)) seen {
	change(&s)
	return s
}

// configuring gives node 1 the index of the last configuration in its log.
func (s seen) configuring(i raft.Index) seen {
	s.and = func(v *trace.View) { v.Nodes[1].LastConfig = i }
	return s
}

// beside sets the status of node 2 in the view.
func (s seen) beside(status raft.Status) seen {
	s.and = func(v *trace.View) { v.Nodes[2].Status = status }
	return s
}

// appending sets the number of appended entries, and the terms of the log after the step.
func (s seen) appending(entries int, log ...raft.Term) seen {
	s.Appended, s.log = make([]trace.Digest, entries), log
	return s
}

// keeping sets the last index of the log that a step keeps.
func (s seen) keeping(i raft.Index) seen {
	s.Kept = i
	return s
}

// copies sets the log of node 1 to one entry of a term, and stores it on n disks.
func copies(n int, term raft.Term) func(*seen) {
	return func(s *seen) {
		s.log = []raft.Term{term}
		s.and = func(v *trace.View) {
			for id := 1; id <= n; id++ {
				v.Nodes[id].Stored.Log = v.Nodes[1].Log
			}
		}
	}
}

// chunk returns a step that sends a part of a snapshot.
func chunk(to raft.NodeID, kind, part string) seen {
	return step(leader, leader, &raft.Tick{}).changed(func(s *seen) {
		s.Released = []raft.Message{{From: 1, To: to, Kind: kind, Payload: []byte(part)}}
	})
}

func committed(term, in raft.Term) func(*seen) {
	return func(s *seen) {
		s.and = func(v *trace.View) {
			v.NewCommits = 1
			v.Committed = []trace.Commitment{{Logged: trace.Logged{Term: term}, In: in}}
		}
	}
}

var (
	op    = raft.OpID{Client: 1, Seq: 1}
	lease = &raft.Read{Op: op, Lease: true}
	plain = &raft.Read{Op: op}
	last  = raft.OpID{Client: faults.MaxClients, Seq: 1}
	later = raft.OpID{Client: 1, Seq: 2}
	tick  = &raft.Tick{}
)

func asked(text string, o raft.Outcome) []seen {
	return []seen{
		record(trace.Record{Kind: trace.Asked, Text: text}), record(trace.Record{Kind: trace.Answered, Outcome: o}),
	}
}

var goalTests = []struct {
	name string
	saw  []seen
	want []Goal
}{
	{"a leader is elected", []seen{step(of(raft.Candidate, 2), leader, tick)}, []Goal{LeaderElected}},
	{"a leader of another term", []seen{step(of(raft.Leader, 1), leader, tick)}, []Goal{LeaderElected}},
	{"a leader stays one", []seen{step(leader, leader, tick)}, nil},
	{"deposed with nothing uncommitted",
		[]seen{step(with(leader, at(3, 3)), with(of(raft.Follower, 3), at(3, 3)), tick)}, nil},
	{"deposed uncommitted", []seen{step(with(leader, at(3, 2)), with(of(raft.Follower, 3), at(3, 2)), tick)},
		[]Goal{LeaderDeposedUncommitted}},
	{"a candidate yields", []seen{step(of(raft.Candidate, 2), follower, tick)}, []Goal{CandidateYielded}},
	{"a candidate of an older term", []seen{step(of(raft.Candidate, 1), follower, tick)}, nil},
	{"a split vote", []seen{step(follower, of(raft.Candidate, 3), tick).beside(of(raft.Candidate, 3))},
		[]Goal{SplitVote}},
	{"candidates of two terms",
		[]seen{step(follower, of(raft.Candidate, 3), tick).beside(of(raft.Candidate, 2))}, nil},
	{"a candidate and a leader", []seen{step(follower, of(raft.Candidate, 3), tick).beside(of(raft.Leader, 3))},
		nil},
	{"leaders of two terms", []seen{step(of(raft.Candidate, 2), leader, tick).beside(of(raft.Leader, 1))},
		[]Goal{LeaderElected, LeadersOfTwoTerms}},
	{"leaders of one term", []seen{step(of(raft.Candidate, 2), leader, tick).beside(of(raft.Leader, 2))},
		[]Goal{LeaderElected}},
	{"entries are cut off", []seen{step(with(follower, at(3, 1)), with(follower, at(2, 1)), tick).keeping(2)},
		[]Goal{EntryOverwritten}},
	{"an older entry on a majority", []seen{step(leader, leader, tick).changed(copies(2, 1))},
		[]Goal{OlderTermOnMajority}},
	{"an older entry on a minority", []seen{step(leader, leader, tick).changed(copies(1, 1))}, nil},
	{"an older entry on half of the disks", []seen{step(of4, of4, tick).changed(copies(2, 1))}, nil},
	{"an entry of the leader's own on a majority", []seen{step(leader, leader, tick).changed(copies(2, 2))},
		nil},
	{"a follower with an older entry", []seen{step(follower, follower, tick).changed(copies(2, 1))}, nil},
	{"an older entry is committed", []seen{step(leader, leader, tick).changed(committed(1, 2))},
		[]Goal{OlderTermCommitted}},
	{"an own entry is committed", []seen{step(leader, leader, tick).changed(committed(2, 2))}, nil},
	{"three terms", []seen{step(leader, leader, tick).appending(1, 1, 2, 3)}, []Goal{ThreeTermsInLog}},
	{"two terms", []seen{step(leader, leader, tick).appending(1, 1, 2, 2)}, nil},
	{"the other two terms", []seen{step(leader, leader, tick).appending(1, 1, 1, 2)}, nil},
	{"two entries", []seen{step(leader, leader, tick).appending(2, 1, 2)}, nil},
	{"a follower takes three entries", []seen{step(follower, follower, tick).appending(3)}, []Goal{CaughtUp}},
	{"a follower takes two entries", []seen{step(follower, follower, tick).appending(2)}, nil},
	{"a leader takes three entries", []seen{step(leader, leader, tick).appending(3)}, nil},
	{"a proposal is rejected", []seen{record(trace.Record{Kind: trace.Declined, Outcome: raft.Rejected})},
		[]Goal{ProposalRejected}},
	{"an outcome is unknown", []seen{record(trace.Record{Kind: trace.Declined, Outcome: raft.Unknown})},
		[]Goal{OutcomeUnknown}},
	{"a client gives up", []seen{record(trace.Record{Kind: trace.Abandoned})}, []Goal{OperationAbandoned}},
	{"a message is lost", []seen{record(trace.Record{Kind: trace.Lost})}, []Goal{MessageLost}},
	{"a message is doubled", []seen{record(trace.Record{Kind: trace.Doubled})}, []Goal{MessageDoubled}},
	{"a crash loses nothing", []seen{record(trace.Record{Kind: trace.Crashed})}, nil},
	{"a crash loses writes", []seen{record(trace.Record{Kind: trace.Crashed, Lost: 1})},
		[]Goal{CrashLostWrites}},
	{"a torn write", []seen{record(trace.Record{Kind: trace.Crashed, Torn: true, Node: 1}),
		record(trace.Record{Kind: trace.Booted, Node: 2})}, []Goal{WriteTorn}},
	{"a torn write is recovered",
		[]seen{record(trace.Record{Kind: trace.Crashed, Torn: true, Node: 1}),
			record(trace.Record{Kind: trace.Booted, Node: 1})}, []Goal{WriteTorn, TornWriteRecovered}},
	{"a disk is refused", []seen{record(trace.Record{Kind: trace.BootFailed})}, []Goal{DiskRefused}},
	{"a disk fails", []seen{step(follower, follower,
		tick).changed(func(s *seen) { s.and = func(v *trace.View) { v.Nodes[1].Stopped = true } })},
		[]Goal{DiskFailed}},
	{"a log is recovered", []seen{record(trace.Record{Kind: trace.Booted, Appended: make([]trace.Digest, 1)})},
		[]Goal{LogRecovered}},
	{"a snapshot is booted", []seen{record(trace.Record{Kind: trace.Booted, Status: with(follower, base(1))})},
		[]Goal{SnapshotBooted}},
	{"nothing is booted", []seen{record(trace.Record{Kind: trace.Booted})}, nil},
	{"healed and well", []seen{record(trace.Record{Kind: trace.Healed, Bound: 9})}, []Goal{HealedWell}},
	{"healed, and nobody waited", []seen{record(trace.Record{Kind: trace.Healed})}, nil},
	{"healed and stuck", []seen{record(trace.Record{Kind: trace.Healed, Bound: 9, Stuck: trace.NoLeader})}, nil},
	{"a canvass fails", []seen{step(of(raft.PreCandidate, 2), follower, tick)}, []Goal{CanvassFailed}},
	{"a canvass succeeds", []seen{step(of(raft.PreCandidate, 2), of(raft.Candidate, 3), tick)}, nil},
	{"a leader without its quorum", []seen{step(leader, follower, tick)}, []Goal{LeaderLostQuorum}},
	{"a leader deposed by a later term", []seen{step(leader, of(raft.Follower, 3), tick)}, nil},
	{"a leader is removed", []seen{step(with(leader, voters(2, 3)), with(follower, voters(2, 3)),
		received1("AppendReply"))}, []Goal{LeaderRemoved}},
	{"a removed leader of an older term",
		[]seen{step(with(leader, voters(2, 3)), with(of(raft.Follower, 3), voters(2, 3)),
			received1("AppendReply"))}, nil},
	{"a log is compacted", []seen{step(follower, with(follower, base(2)), &raft.Compact{})},
		[]Goal{LogCompacted}},
	{"a snapshot is installed", []seen{step(follower, with(follower, base(2)), received1("InstallSnapshot"))},
		[]Goal{SnapshotInstalled}},
	{"a snapshot replaces entries",
		[]seen{step(with(follower, at(3, 0)), with(follower, base(2)), received1("InstallSnapshot")).keeping(0)},
		[]Goal{SnapshotInstalled, SnapshotReplacedEntries}},
	{"a part is sent again", []seen{chunk(2, "InstallSnapshot", "a"), chunk(2, "InstallSnapshot", "a")},
		[]Goal{ChunkResent}},
	{"two parts", []seen{chunk(2, "InstallSnapshot", "a"), chunk(2, "InstallSnapshot", "b")}, nil},
	{"a part to two nodes", []seen{chunk(2, "InstallSnapshot", "a"), chunk(3, "InstallSnapshot", "a")}, nil},
	{"a part to nobody", []seen{chunk(faults.MaxNodes+1, "InstallSnapshot", "a")}, nil},
	{"entries are sent again", []seen{chunk(2, "AppendEntries", "a"), chunk(2, "AppendEntries", "a")}, nil},
	{"a change begins", []seen{step(leader, with(leader, joint), tick)}, []Goal{ChangeBegun}},
	{"a follower hears of a change", []seen{step(follower, with(follower, joint), tick)}, nil},
	{"a leader is deposed and hears of a change", []seen{step(leader, with(of(raft.Follower, 3), joint), tick)},
		nil},
	{"a change is finished", []seen{step(with(leader, joint), with(with(leader, joint), voters(1, 2)), tick)},
		[]Goal{ChangeFinished}},
	{"a follower hears that a change is finished",
		[]seen{step(with(follower, joint), with(with(follower, joint), voters(1, 2)), tick)}, nil},
	{"learners change", []seen{step(leader, with(leader, voters(1, 2)), tick)}, nil},
	{"a change is rolled back", []seen{step(with(follower, joint), follower, tick)}, []Goal{ChangeRolledBack}},
	{"an entry that was to change it is lost", []seen{
		step(applied, applied, tick).configuring(3), step(applied, applied, tick).configuring(0),
	}, []Goal{ChangeRolledBack}},
	{"such an entry comes after a boot", []seen{
		step(applied, applied, tick).configuring(3), record(trace.Record{Kind: trace.Booted, Node: 1}).configuring(0),
		step(applied, applied, tick).configuring(2),
	}, nil},
	{"a change is refused", asked("reconfigure to 1", raft.Rejected), []Goal{ChangeRefused}},
	{"a change is done", asked("reconfigure to 1", raft.Done), nil},
	{"a transfer is refused", asked("transfer to n1", raft.Rejected), []Goal{TransferRefused}},
	{"a transfer is done", asked("transfer to n1", raft.Done), nil},
	{"a learner is promoted", []seen{step(with(follower, learner), with(follower, voters(1, 2)), tick)},
		[]Goal{LearnerPromoted}},
	{"a learner stays one", []seen{step(with(follower, learner), with(with(follower, voters()), learner), tick)},
		nil},
	{"a voter is demoted", []seen{step(follower, with(with(follower, voters()), learner), tick)}, nil},
	{"a disk is wiped", []seen{record(trace.Record{Kind: trace.Wiped})}, []Goal{NodeWiped}},
	{"the wish is fulfilled",
		[]seen{step(follower, of(raft.Candidate, 3), received1("TimeoutNow")),
			step(of(raft.Candidate, 3), of(raft.Leader, 3), tick)}, []Goal{LeaderElected, TransferTaken}},
	{"another's wish", []seen{step(follower, of(raft.Candidate, 3), received1("VoteReply")),
		step(of(raft.Candidate, 3), of(raft.Leader, 3), tick)}, []Goal{LeaderElected}},
	{"the wish is forgotten",
		[]seen{step(follower, of(raft.Candidate, 3), received1("TimeoutNow")),
			step(of(raft.Candidate, 3), of(raft.Follower, 4), tick),
			step(of(raft.Follower, 4), of(raft.Leader, 5), tick)}, []Goal{LeaderElected}},
	{"a read from a lease", []seen{replied(step(leader, leader, lease), op, raft.Done)}, []Goal{ReadFromLease}},
	{"a read at once that asked for no lease", []seen{replied(step(leader, leader, plain), op, raft.Done)}, nil},
	{"a read is served", []seen{step(leader, leader, plain), replied(step(leader, leader, tick), op, raft.Done)},
		[]Goal{ReadServed}},
	{"a read without its lease",
		[]seen{step(leader, leader, lease), replied(step(leader, leader, tick), op, raft.Done)},
		[]Goal{ReadServed}},
	{"a read by a follower", []seen{step(follower, follower, plain),
		replied(step(follower, follower, tick), op, raft.Done)}, []Goal{ReadByFollower}},
	{"a read is rejected", []seen{replied(step(follower, follower, plain), op, raft.Rejected)},
		[]Goal{ReadRejected}},
	{"a read of the last client",
		[]seen{replied(step(leader, leader, &raft.Read{Op: last, Lease: true}), last, raft.Done)},
		[]Goal{ReadFromLease}},
	{"a proposal is answered",
		[]seen{step(leader, leader, plain), replied(step(leader, leader, tick), later, raft.Done)}, nil},
	{"the operator is answered", []seen{replied(step(leader, leader, tick), raft.OpID{}, raft.Done)}, nil},
	{"a command is repeated",
		[]seen{step(follower, follower,
			tick).changed(func(s *seen) { s.Executed = []trace.Execution{{Did: trace.Repeated}} })},
		[]Goal{CommandRepeated}},
	{"a command is executed",
		[]seen{step(follower, follower,
			tick).changed(func(s *seen) { s.Executed = []trace.Execution{{Did: trace.Executed}} })}, nil},
	{"a session expires", []seen{record(trace.Record{Kind: trace.Expired})}, []Goal{SessionExpired}},
}

// TestGoals_ofRecords passes a few records to the watch and wants the goals that they
// reach, and no other.
func TestGoals_ofRecords(t *testing.T) {
	list, tested := GoalsOf(nil), GoalSet(0)
	for _, test := range goalTests {
		t.Run(test.name, func(t *testing.T) {
			view := &trace.View{}
			view.Reset(raft.FirstNodes(4), raft.FirstNodes(4))
			w := &goalWatch{view: view, describe: func(m raft.Message) string { return string(m.Payload) }}
			var want GoalSet
			for _, g := range test.want {
				want |= 1 << g
			}
			for _, s := range test.saw {
				n := &view.Nodes[s.Node]
				n.Before, n.Status, n.Log = s.was, s.Status, n.Log[:0]
				for _, term := range s.log {
					n.Log = append(n.Log, trace.Logged{Term: term, Prefix: uint64(term)})
				}
				if s.and != nil {
					s.and(view)
				}
				w.Observe(&s.Record)
			}
			require.Equal(t, list.Names(want), list.Names(w.reached), "the goals of these records")
			tested |= want
		})
	}
	require.Empty(t, list.Names(list.Of()&^tested), "add records to goalTests that reach these goals")
}

// TestGoals_ofLittle: short schedules reach only the goals whose situations occur.
func TestGoals_ofLittle(t *testing.T) {
	tests := []struct {
		system raft.System
		events string
		want   []string
	}{
		{reference.System{}, "tick 1\ncrash 2\nrestart 2\n", []string{}},
		{reference.System{}, "timeout 1\nsettle\n", []string{"leader-elected"}},
		{reference.System{}, "timeout 1\nsettle\nheal\n", []string{"leader-elected"}},
		{fixture.Saboteur(t, "same-timeouts"), "heal k=400\n", []string{"split-vote"}},
		{reference.System{}, "timeout 1\nsettle\nheal k=9\n", []string{"leader-elected", "healed-well"}},
	}
	for _, test := range tests {
		s, err := faults.Parse("little", []byte("system reference\nnodes  2\nrand   1\n\n"+test.events),
			services.All())
		require.NoError(t, err)
		result := NewRunner(test.system, services.All()).Run(s)
		require.Equal(t, test.want, GoalsOf(services.All()).Names(result.Goals), test.events)
	}
}
