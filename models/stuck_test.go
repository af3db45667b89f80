package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// stuckCase is a trace, and the reason why its cluster is not well.
type stuckCase struct {
	name  string
	trace func(*tape)
	want  trace.Stuck
	text  string
}

func testStuck(t *testing.T, cluster func() *tape, cases []stuckCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			tape := cluster()
			tc.trace(tape)
			var v trace.View
			v.Reset(tape.all, tape.first)
			for i := range tape.records {
				v.Observe(&tape.records[i])
			}
			got, at := v.Stuck()
			if text := v.Describe(got, at); got != tc.want || text != tc.text {
				t.Errorf("got %s, %s, want %s, %s", got, text, tc.want, tc.text)
			}
		})
	}
}

func TestStuck(t *testing.T) {
	op := raft.OpID{Client: 1, Seq: 4}
	calls := func(t *tape) {
		t.do(1, leads(1, 1))
		t.add(trace.Record{Kind: trace.Called, Node: 1, Op: op})
	}
	asks := func(t *tape) {
		t.do(1, leads(1, 1))
		t.add(trace.Record{Kind: trace.Asked, Node: 3, Op: raft.OpID{Seq: 1}, Text: "hand over to n2"})
	}
	testStuck(t, func() *tape { return newTape(3) }, []stuckCase{
		{"two of three down", func(t *tape) { t.crash(1, 0); t.crash(2, 0) }, trace.NoQuorum,
			"too few nodes can run"},
		{"all down", func(t *tape) { t.crash(1, 0); t.crash(2, 0); t.crash(3, 0) }, trace.NoQuorum,
			"too few nodes can run"},
		{"nobody leads", func(*tape) {}, trace.NoLeader, "no node leads"},
		{"two lead", func(t *tape) { t.do(1, leads(1, 1)); t.do(2, leads(2, 2)) }, trace.ManyLeaders,
			"n2 and another node lead"},
		{"behind", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"), commits(1), applies(1))
			t.do(2, appends(1, "a"), commits(1))
		}, trace.LogBehind, "n2: its log ends at t1i1, committed up to 1, applied up to 0"},
		{"a call", calls, trace.CallUnanswered, "client c1 waits for its operation 4"},
		{"a call that returned", func(t *tape) { calls(t); t.add(trace.Record{Kind: trace.Returned, Op: op}) },
			trace.Well, "well"},
		{"a call that was abandoned", func(t *tape) {
			calls(t)
			t.add(trace.Record{Kind: trace.Abandoned, Op: op})
		}, trace.Well, "well"},
		{"a call that expired", func(t *tape) { calls(t); t.add(trace.Record{Kind: trace.Expired, Op: op}) },
			trace.Well, "well"},
		{"a request", asks, trace.RequestUnanswered, "n3 has not answered request 1 of the operator"},
		{"a request and a call", func(t *tape) { asks(t); calls(t) }, trace.CallUnanswered,
			"client c1 waits for its operation 4"},
		{"a request that was answered", func(t *tape) {
			asks(t)
			t.add(trace.Record{Kind: trace.Answered, Node: 3, Op: raft.OpID{Seq: 1}})
		}, trace.Well, "well"},
		{"another request was answered", func(t *tape) {
			asks(t)
			t.add(trace.Record{Kind: trace.Asked, Node: 3, Op: raft.OpID{Seq: 2}})
			t.add(trace.Record{Kind: trace.Answered, Node: 3, Op: raft.OpID{Seq: 2}})
		}, trace.RequestUnanswered, "n3 has not answered request 1 of the operator"},
		{"a request of a node that crashed since", func(t *tape) { asks(t); t.crash(3, 0) }, trace.Well, "well"},
		{"a request of a node that was wiped since", func(t *tape) {
			asks(t)
			t.add(trace.Record{Kind: trace.Wiped, Node: 3})
		}, trace.Well, "well"},
		{"another node crashed since", func(t *tape) {
			asks(t)
			t.crash(2, 0)
		}, trace.RequestUnanswered, "n3 has not answered request 1 of the operator"},
		{"one of three down", func(t *tape) { t.do(1, leads(1, 1)); t.crash(3, 0) }, trace.Well, "well"},
		{"one of three wiped", func(t *tape) {
			t.do(1, leads(1, 1))
			t.add(trace.Record{Kind: trace.Wiped, Node: 3})
		}, trace.Well, "well"},
		{"two of three wiped", func(t *tape) {
			t.do(1, leads(1, 1))
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			t.add(trace.Record{Kind: trace.Wiped, Node: 3})
		}, trace.NoQuorum, "too few nodes can run"},
		{"two of three that show nothing", func(t *tape) {
			t.nodes[1].hidden = true
			t.boot(1)
			t.crash(2, 0)
		}, trace.Well, "well"},
		{"one of three that show nothing", func(t *tape) {
			t.nodes[1].hidden = true
			t.boot(1)
			t.crash(2, 0)
			t.crash(3, 0)
		}, trace.NoQuorum, "too few nodes can run"},
	})
}

func TestStuck_configurations(t *testing.T) {
	// reconfigured makes nodes act by a configuration, which is the first entry.
	reconfigured := func(t *tape, c raft.Configuration, ids ...raft.NodeID) {
		for _, id := range ids {
			t.do(id, in(1), appends(1, "c"), commits(1), applies(1), acts(1, c))
		}
		t.do(ids[0], leads(ids[0], 1))
	}
	over := joint(raft.FirstNodes(3), raft.NodeSetOf(1, 4, 5))
	// needed leaves n1, n2 and n4. The first two act by a change for which they need n4, and n4 is
	// a learner, as an entry of a term says.
	needed := func(t *tape, term raft.Term) {
		for id := range raft.NodeSetOf(1, 2).All() {
			t.do(id, in(1), appends(1, "c"), acts(1, over))
		}
		learning := raft.Configuration{Voters: t.first, Learners: raft.NodeSetOf(4)}
		t.do(4, in(term), appends(term, "d"), commits(1), acts(1, learning))
		for id := range raft.NodeSetOf(3, 5).All() {
			t.add(trace.Record{Kind: trace.Wiped, Node: id})
		}
	}
	testStuck(t, fiveNodes, []stuckCase{
		{"a node outside is behind", func(t *tape) {
			reconfigured(t, votersOf(1, 2, 3), 1, 2, 3)
		}, trace.Well, "well"},
		{"a learner is behind", func(t *tape) {
			reconfigured(t, raft.Configuration{Voters: t.first, Learners: raft.NodeSetOf(4)}, 1, 2, 3)
		}, trace.LogBehind, "n4: its log ends at t0i0, committed up to 0, applied up to 0"},
		{"an outgoing voter is behind", func(t *tape) {
			reconfigured(t, over, 1, 3, 4, 5)
		}, trace.LogBehind, "n2: its log ends at t0i0, committed up to 0, applied up to 0"},
		{"a change is not finished", func(t *tape) {
			reconfigured(t, over, 1, 2, 3, 4, 5)
			t.add(trace.Record{Kind: trace.Called, Op: raft.OpID{Client: 1}})
		}, trace.ChangeUnfinished, "the change to {1 4 5} is not finished"},
		{"a leader outside of its configuration is behind itself", func(t *tape) {
			reconfigured(t, votersOf(2, 3), 2, 3)
			t.do(2, role(raft.Follower))
			t.do(1, leads(1, 2), appends(1, "c", "d"), acts(1, votersOf(2, 3)))
		}, trace.LogBehind, "n1: its log ends at t1i2, committed up to 0, applied up to 0"},
		{"only who has no vote is left", func(t *tape) {
			reconfigured(t, votersOf(2), 2)
			for id := raft.NodeID(2); id <= 5; id++ {
				t.add(trace.Record{Kind: trace.Wiped, Node: id})
			}
			t.do(1, leads(1, 2), appends(1, "c", "d"), acts(1, votersOf(2)))
		}, trace.NoQuorum, "too few nodes can run"},
		{"the vote of a learner is needed, whose log ends later", func(t *tape) {
			needed(t, 2)
		}, trace.NoQuorum, "too few nodes can run"},
		{"the vote of a learner is needed", func(t *tape) {
			needed(t, 1)
		}, trace.NoLeader, "no node leads"},
		{"a quorum of what is committed is gone, as only who was removed knows", func(t *tape) {
			reconfigured(t, votersOf(1, 2), 1, 3)
			t.do(1, role(raft.Follower))
			t.add(trace.Record{Kind: trace.Wiped, Node: 1})
		}, trace.NoQuorum, "too few nodes can run"},
		{"a quorum of what is committed is gone, and a node leads by the configuration before", func(t *tape) {
			reconfigured(t, votersOf(1, 3), 1, 3)
			t.do(1, role(raft.Follower))
			t.add(trace.Record{Kind: trace.Wiped, Node: 1})
			t.do(2, leads(2, 2), appends(1, "c"))
		}, trace.NoQuorum, "too few nodes can run"},
		{"a quorum of what was committed before is gone", func(t *tape) {
			reconfigured(t, votersOf(1, 2), 1, 3)
			t.do(1, role(raft.Follower))
			for _, id := range []raft.NodeID{2, 4, 5} {
				t.do(id, in(1), appends(1, "c", "d"), commits(2), applies(2), acts(2, votersOf(2, 4, 5)))
			}
			t.add(trace.Record{Kind: trace.Wiped, Node: 1})
		}, trace.NoLeader, "no node leads"},
		{"a quorum of the first configuration is gone, and none is known to be committed", func(t *tape) {
			for id := raft.NodeID(3); id <= 5; id++ {
				t.do(id, in(1), appends(1, "c"), acts(1, votersOf(3, 4, 5)))
			}
			t.add(trace.Record{Kind: trace.Wiped, Node: 1})
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
		}, trace.NoLeader, "no node leads"},
		{"a quorum of what may be committed is gone, as only who would be removed knows", func(t *tape) {
			t.do(3, in(1), appends(1, "c"), acts(1, votersOf(1, 2)))
			t.add(trace.Record{Kind: trace.Wiped, Node: 1})
		}, trace.NoLeader, "no node leads"},
		{"a removed node is a candidate", func(t *tape) {
			reconfigured(t, votersOf(1, 2), 1, 2)
			t.do(3, stands(3, 2))
		}, trace.Well, "well"},
		{"the outgoing voters are gone", func(t *tape) {
			reconfigured(t, over, 1, 2, 3, 4, 5)
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			t.add(trace.Record{Kind: trace.Wiped, Node: 3})
		}, trace.NoQuorum, "too few nodes can run"},
		{"a quorum of the old configuration is gone, and nobody acts by it", func(t *tape) {
			reconfigured(t, votersOf(1, 4, 5), 1, 4, 5)
			t.crash(2, 0)
			t.crash(3, 0)
		}, trace.Well, "well"},
		{"of a configuration that cannot be, with every node up", func(t *tape) {
			reconfigured(t, raft.Configuration{Learners: raft.NodeSetOf(1, 2, 63)}, 1, 2)
		}, trace.Well, "well"},
		{"a quorum of a configuration is gone, and other nodes show nothing", func(t *tape) {
			reconfigured(t, votersOf(1, 4, 5), 1)
			t.nodes[2].hidden = true
			t.boot(2)
			t.crash(4, 0)
			t.crash(5, 0)
		}, trace.Well, "well"},
		{"a quorum of a configuration is gone, and a node acts by it", func(t *tape) {
			reconfigured(t, votersOf(1, 4, 5), 1, 4)
			t.crash(4, 0)
			t.crash(5, 0)
		}, trace.NoQuorum, "too few nodes can run"},
	})
}

// TestView_removed: of two leaders, the one of the latest term decides which nodes were
// removed.
func TestView_removed(t *testing.T) {
	tape := newTape(3)
	tape.do(3, leads(3, 1), appends(1, "a"))
	tape.do(1, leads(1, 2), appends(1, "a", "-3"), commits(2), acts(2, votersOf(1, 2)))
	var v trace.View
	v.Reset(tape.all, tape.first)
	for i := range tape.records {
		v.Observe(&tape.records[i])
	}
	if got := v.Removed(); got != raft.NodeSetOf(3) {
		t.Errorf("got %v", got)
	}
}

// TestView_removedBesideALostChange: a configuration whose entry was replaced by a
// committed one does not keep a removed node in the cluster.
func TestView_removedBesideALostChange(t *testing.T) {
	for _, replaced := range []bool{true, false} {
		tape := newTape(3)
		tape.do(3, leads(3, 1), appends(1, "a", "b", "+3"), acts(3, votersOf(1, 2, 3)))
		tape.do(1, leads(1, 2), appends(1, "a"), appends(2, "-3"), acts(2, votersOf(1, 2)))
		tape.do(2, in(2), appends(1, "a"), appends(2, "-3"), acts(2, votersOf(1, 2)))
		want := raft.NodeSet(0)
		if replaced {
			tape.do(1, commits(2))
			want = raft.NodeSetOf(3)
		}
		var v trace.View
		v.Reset(tape.all, tape.first)
		for i := range tape.records {
			v.Observe(&tape.records[i])
		}
		if got := v.Removed(); got != want {
			t.Errorf("the entry was replaced: %t; removed %v, want %v", replaced, got, want)
		}
	}
}

// TestView_removedBesideASnapshot: a snapshot of unknown content is not taken for one that lost its
// place, and its configuration is later than the leader's.
func TestView_removedBesideASnapshot(t *testing.T) {
	tape := newTape(3)
	tape.do(3, in(1))
	tape.do(2, in(1), tape.installs(3, raft.EntryID{Term: 1, Index: 3}), acts(3, votersOf(1, 2, 3)))
	tape.do(1, leads(1, 2), appends(1, "a", "-3"), commits(2), acts(2, votersOf(1, 2)))
	var v trace.View
	v.Reset(tape.all, tape.first)
	for i := range tape.records {
		v.Observe(&tape.records[i])
	}
	if got := v.Removed(); got != 0 {
		t.Errorf("got %v", got)
	}
}
