package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

func TestOperator_compact(t *testing.T) {
	s := newStage(t, 2)
	s.ignores("compact 1")
	require.Zero(t, s.Compactable())
	s.do("call c1 1 put x 7")
	s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "put x 7"), raft.Entry{ID: raft.EntryID{Term: 1, Index: 2}, Kind: raft.NoOp})
	s.heard(1)
	require.Equal(t, raft.NodeSetOf(1), s.Compactable())

	told := s.do("compact 1 k=3")
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(told))
	require.Equal(t, trace.HashBytes(0, stateAfter(t, "put x 7")), told[0].Compact)
	require.Equal(t, []string{"compact to 2, keep 3: x is 7"}, s.heard(1))
	require.Zero(t, s.Compactable())
	s.ignores("compact 1", "compact 2")

	s.applies(1, nil, raft.Entry{ID: raft.EntryID{Term: 1, Index: 3}, Kind: raft.NoOp})
	s.do("pause 1")
	require.Zero(t, s.Compactable())
	s.ignores("compact 1")
	s.do("resume 1", "compact 1")
	require.Equal(t, []string{"compact to 3, keep 0: x is 7"}, s.heard(1))
}

func TestOperator_compactAfterABoot(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 7")
	s.applies(1, nil, entry(1, 1, 1, "put x 7"))
	s.do("compact 1", "crash 1")
	s.ignores("compact 1")
	s.do("restart 1")
	s.ignores("compact 1")
	s.applies(1, nil, entry(1, 1, 1, "put x 7"))
	s.heard(1)
	require.NotZero(t, s.do("compact 1")[0].Compact)
	require.Equal(t, []string{"compact to 1, keep 0: x is 7"}, s.heard(1), "what another boot was handed does not count")
}

func TestOperator_requests(t *testing.T) {
	s := newStage(t, 4)
	told := s.do("reconfigure 1 to 2 3 + 4")
	require.Equal(t, []trace.Kind{trace.Asked, trace.Stepped}, kinds(told))
	require.Equal(t, raft.NodeID(1), told[0].Node)
	require.Equal(t, raft.OpID{Seq: 1}, told[0].Op)
	require.Equal(t, "reconfigure to {2 3}+{4}", told[0].Text)
	require.Equal(t, []string{"request 0.1: voters {2 3}, learners {4}"}, s.heard(1))

	told = s.do("transfer 2->3")
	require.Equal(t, []trace.Kind{trace.Asked, trace.Stepped}, kinds(told))
	require.Equal(t, raft.OpID{Seq: 2}, told[0].Op)
	require.Equal(t, "transfer to n3", told[0].Text)
	require.Equal(t, []string{"request 0.2: transfer to n3"}, s.heard(2))

	s.do("crash 1", "pause 2")
	s.ignores("reconfigure 1 to 1", "transfer 1->2", "reconfigure 2 to 1", "transfer 2->1")
	s.do("transfer 3->1")
	require.Equal(t, []string{"request 0.3: transfer to n1"}, s.heard(3), "an ignored request has no number")
}

func TestOperator_answers(t *testing.T) {
	const done, rejected, unknown = raft.Done, raft.Rejected, raft.Unknown
	tests := map[string]struct {
		answers []raft.Outcome
		broken  string
	}{
		"done":                    {[]raft.Outcome{done}, ""},
		"rejected":                {[]raft.Outcome{rejected}, ""},
		"unknown":                 {[]raft.Outcome{unknown}, ""},
		"unknown, then done":      {[]raft.Outcome{unknown, done}, "answered request 1 of the operator with done, and owed no answer"},
		"done, then unknown":      {[]raft.Outcome{done, unknown}, "answered request 1 of the operator with unknown, and owed no answer"},
		"done twice":              {[]raft.Outcome{done, done}, "answered request 1 of the operator with done, and owed no answer"},
		"rejected, then done":     {[]raft.Outcome{rejected, done}, "answered request 1 of the operator with done, and owed no answer"},
		"an outcome that is none": {[]raft.Outcome{9}, "answered operation 1 of client c0 with outcome 9, which is none"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 1)
			s.do("reconfigure 1 to 1")
			for i, o := range test.answers {
				told := s.does(1, raft.Output{Replies: answer(0, 1, o)})
				if test.broken != "" && i == len(test.answers)-1 {
					require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
					require.Equal(t, test.broken, told[1].Text)
					continue
				}
				require.Equal(t, []trace.Kind{trace.Stepped, trace.Answered}, kinds(told))
				require.Equal(t, raft.OpID{Seq: 1}, told[1].Op)
				require.Equal(t, o, told[1].Outcome)
			}
		})
	}
}

// TestOperator_answerOfAnotherNode: only the node that received a request owes an answer,
// and none after a crash.
func TestOperator_answerOfAnotherNode(t *testing.T) {
	const none = "answered request 1 of the operator with done, and owed no answer"
	s := newStage(t, 2)
	s.do("transfer 1->2")
	told := s.does(2, raft.Output{Replies: answer(0, 1, raft.Done)})
	require.Equal(t, none, told[1].Text)
	s.do("crash 1", "restart 1")
	told = s.does(1, raft.Output{Replies: answer(0, 1, raft.Done)})
	require.Equal(t, none, told[1].Text)
}

func TestOperator_answerToWhatWasNeverAsked(t *testing.T) {
	for _, seq := range []uint32{0, 2, 1 << 31} {
		s := newStage(t, 2)
		s.do("transfer 1->2")
		told := s.does(1, raft.Output{Replies: answer(0, seq, raft.Done)})
		require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
		require.Contains(t, told[1].Text, "of the operator, which was never asked")
	}
}

func TestOperator_wipe(t *testing.T) {
	for _, down := range []bool{false, true} {
		s := stored(t, "ab", "c")
		if down {
			s.do("crash 1")
		}
		require.Equal(t, []trace.Kind{trace.Wiped}, kinds(s.do("wipe 1")))
		require.Equal(t, raft.NodeSetOf(1), s.Wiped())
		require.Equal(t, raft.NodeSetOf(2), s.Up())
		require.False(t, s.View().Nodes[1].Up)
		require.Zero(t, s.Dirty())
		require.Zero(t, s.DurableWrites(1))
		s.ignores("wipe 1", "restart 1", "tick 1", "crash 1", "persist 1", "corrupt 1", "compact 1", "reconfigure 1 to 1")
		s.do("heal k=1")
		require.Equal(t, raft.NodeSetOf(2), s.Up(), "nothing heals it")
		require.Equal(t, 1, s.cast.puppets[1].boots)
	}
}

func TestOperator_wipedNodesReceiveNothing(t *testing.T) {
	s := newStage(t, 3)
	s.posts(1, 2, "ab")
	s.posts(2, 3, "c")
	s.do("wipe 2")
	require.Equal(t, []trace.Kind{trace.Lost}, kinds(s.do("deliver 1->2")))
	s.do("deliver 2->3")
	require.Equal(t, []string{"c from n2"}, s.heard(3), "what it sent is on its way")
	s.do("call c1 2 get x", "run k=10")
	require.Len(t, proposals(s.heard(3)), 1, "clients find another node")
}

func TestWorld_newClusterAfterAWipe(t *testing.T) {
	s := stored(t, "ab", "c")
	s.do("wipe 1")
	s.Reset(s.cast, &Schedule{Service: store, Nodes: 2})
	require.Equal(t, raft.NodeSetOf(1, 2), s.Up())
	require.Zero(t, s.Wiped())
}

func TestWorld_headerDecidesTheFirstConfiguration(t *testing.T) {
	tests := []struct {
		schedule Schedule
		voters   raft.NodeSet
		learners raft.NodeSet
		preVote  bool
	}{
		{Schedule{Service: store, Nodes: 3}, raft.NodeSetOf(1, 2, 3), 0, false},
		{Schedule{Service: store, Nodes: 3, Voters: 2}, raft.NodeSetOf(1, 2), 0, false},
		{Schedule{Service: store, Nodes: 3, PreVote: true, Voters: 1}, raft.NodeSetOf(1), 0, true},
		{Schedule{Service: store, Nodes: 3, Voters: 1, Learners: raft.NodeSetOf(3)}, raft.NodeSetOf(1), raft.NodeSetOf(3), false},
	}
	for _, test := range tests {
		var configs []raft.NodeConfig
		c := &cast{refuses: func(config *raft.NodeConfig) error {
			configs = append(configs, *config)
			return nil
		}}
		s := &stage{t: t, cast: c}
		s.World = NewWorld(new(trace.View), s)
		s.Reset(learned{c}, &test.schedule)
		require.Len(t, configs, 3)
		for _, config := range configs {
			require.Equal(t, test.voters, config.Voters, "also outside of it")
			require.Equal(t, test.preVote, config.PreVote)
			require.Equal(t, test.learners, config.Learners)
		}
		require.Equal(t, raft.NodeSetOf(1, 2, 3), s.All())
		require.Equal(t, s.All(), s.View().All)
		require.Equal(t, test.voters, s.View().FirstVoters)
		require.Equal(t, raft.Configuration{Voters: test.voters, Learners: test.learners}, s.View().FirstConfig())
	}
	require.Panics(t, func() { newStage(t, 1).Reset(&cast{}, &Schedule{Rand: 1, Nodes: 1}) }, "clients without a service")
}

// learned is a cast whose first configuration may have learners.
type learned struct{ *cast }

func (learned) Learns() bool { return true }

// TestLearners_ofTheFirstConfiguration: they get the log and do not vote, and a system
// that cannot have them is refused.
func TestLearners_ofTheFirstConfiguration(t *testing.T) {
	const text = `system reference
nodes 4
voters 2
learners 4
rand 1
expect 1 2 4 config={1 2}+{4}
timeout 1
settle
expect 1 leader commit=1
expect 2 4 follower log={1}
expect 4 vote=none
expect 3 log={} term=0
crash 4
call c1 1 put x 1
settle
expect 1 commit=2
restart 4
heal k=50
expect 4 log={1 1}
expect 3 log={}
`
	for _, outcome := range outcomes(t, reference.System{}, text) {
		require.Equal(t, "done as expected", outcome)
	}
	s, err := Parse("f", []byte(text), house)
	require.NoError(t, err)
	require.NoError(t, s.Suits(reference.System{}))
	require.EqualError(t, s.Suits(&cast{}), "expected no learners in the first configuration, which cast cannot have, found {4}")
	require.Panics(t, func() { NewWorld(new(trace.View)).Reset(&cast{}, s) })
	s.Learners = 0
	require.NoError(t, s.Suits(&cast{}))
}

// TestLearners_atAPlace: a node that an exploration boots knows them too.
func TestLearners_atAPlace(t *testing.T) {
	w := NewWorld(new(trace.View))
	w.Reset(reference.System{}, &Schedule{Service: store, Nodes: 3, Voters: 2, Learners: raft.NodeSetOf(3)})
	n := w.Place(1).booted(0)
	want := raft.Configuration{Voters: raft.NodeSetOf(1, 2), Learners: raft.NodeSetOf(3)}
	require.Equal(t, want, n.(raft.Inspector).Status().Config)
}
