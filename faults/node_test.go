package faults

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestNode_pausedTakesNoInput(t *testing.T) {
	s := newStage(t, 2)
	s.posts(2, 1, "ab")
	s.does(1, raft.Output{Writes: writes(1, "v"), Sends: letters(1, 2, 1, "x")})
	require.Equal(t, []trace.Kind{trace.Faulted}, kinds(s.do("pause 1")))
	require.Equal(t, raft.NodeSetOf(1), s.Paused())
	require.True(t, s.Up().Has(1), "a paused node runs")
	require.Zero(t, s.Dirty(), "and persists nothing")
	require.Zero(t, s.Deliverable(2))

	s.ignores("pause 1", "tick 1", "timeout 1", "persist 1", "fail 1", "deliver 2->1", "restart 1")
	require.Equal(t, []trace.Kind{trace.Called}, kinds(s.do("call c1 1 get x")), "its client is not heard")
	s.ignores("retry c1 1")
	s.do("drop 2->1", "settle", "run k=3")
	require.Empty(t, s.heard(1))
	require.Equal(t, "b", s.onLink(2, 1))

	require.Equal(t, []trace.Kind{trace.Faulted}, kinds(s.do("resume 1")))
	s.ignores("resume 1")
	s.do("settle")
	require.Equal(t, []string{"persisted 1", "b from n2"}, s.heard(1))
}

func TestNode_crashEndsAPause(t *testing.T) {
	s := newStage(t, 2)
	s.do("pause 1", "crash 1")
	require.Zero(t, s.Paused())
	s.ignores("pause 1", "resume 1", "tick 1", "timeout 1", "persist 1", "fail 1", "crash 1", "tear 1")
	s.do("restart 1", "timeout 1")
	require.Equal(t, []string{"timeout"}, s.heard(1))
}

func TestNode_tick(t *testing.T) {
	s := newStage(t, 1)
	require.Len(t, s.do("tick 1 k=3"), 3)
	require.Equal(t, []string{"tick", "tick", "tick"}, s.heard(1))
	require.Equal(t, 1, s.Events(), "one event, however many ticks")
}

func TestNode_tickEndsWithAPanic(t *testing.T) {
	s := newStage(t, 1)
	s.cast.puppets[1].fault = "step"
	require.Equal(t, []trace.Kind{trace.Panicked}, kinds(s.do("tick 1 k=3")))
}

func TestNode_panicTakesItDown(t *testing.T) {
	for _, where := range []string{"step", "status", "entry"} {
		t.Run(where, func(t *testing.T) {
			s := stageOf(t, 2, &cast{shows: true})
			s.does(1, raft.Output{Writes: writes(1, "a", "b"), Sends: letters(1, 2, 2, "x")})
			s.do("persist 1 k=1")
			p := &s.cast.puppets[1]
			p.status.Last = raft.EntryID{Term: 1, Index: 2}
			p.log = []raft.Entry{entry(1, 1, 1, "get x"), entry(2, 1, 2, "get x")}
			p.fault = where
			told := s.do("timeout 1")
			require.Equal(t, []trace.Kind{trace.Panicked}, kinds(told))
			require.Equal(t, "no "+where, told[0].Text)
			require.Equal(t, raft.WriteID(1), told[0].Durable)
			require.Equal(t, raft.NodeSetOf(2), s.Up())
			require.False(t, s.View().Nodes[1].Up)
			require.Zero(t, s.Dirty())

			p.fault, p.status = "", raft.Status{}
			s.do("restart 1", "settle")
			require.Equal(t, []string{"a"}, s.disk(1))
			require.Empty(t, s.onLink(1, 2))
			require.True(t, s.View().Nodes[1].Up)
		})
	}
}

func TestNode_logThatLacksAnEntryIsAPanic(t *testing.T) {
	s := stageOf(t, 1, &cast{shows: true})
	s.cast.puppets[1].status.Last = raft.EntryID{Term: 3, Index: 2}
	told := s.do("tick 1")
	require.Equal(t, []trace.Kind{trace.Panicked}, kinds(told))
	require.Equal(t, "its log ends at t3i2 and does not hold entry 1", told[0].Text)

}

func TestNode_endlessLogIsAPanic(t *testing.T) {
	const text = "its log ends at t3i1048577, longer than the 1048576 entries a run can have"
	s := stageOf(t, 2, &cast{shows: true})
	s.cast.puppets[1].status.Last = raft.EntryID{Term: 3, Index: maxLog + 1}
	told := s.do("tick 1", "restart 1")
	require.Equal(t, []trace.Kind{trace.Panicked, trace.Panicked}, kinds(told))
	require.Equal(t, text, told[0].Text)
	require.Equal(t, "while booting: "+text, told[1].Text)

	s.cast.puppets[2].status.Last = raft.EntryID{Term: 3, Index: maxLog + 1}
	s.told = nil
	s.Finish()
	require.Equal(t, []trace.Kind{trace.Panicked}, kinds(s.told))
	require.Equal(t, text, s.told[0].Text)
}

func TestNode_bootFailures(t *testing.T) {
	tests := map[string]struct {
		refuses func(*raft.NodeConfig) error
		kind    trace.Kind
		text    string
	}{
		"error": {func(*raft.NodeConfig) error { return errors.New("rotten") }, trace.BootFailed, "rotten"},
		"panic": {func(*raft.NodeConfig) error { panic("rotten") }, trace.Panicked, "while booting: rotten"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stored(t, "ab", "c")
			s.do("crash 1")
			s.cast.refuses = test.refuses
			told := s.do("restart 1")
			require.Equal(t, []trace.Kind{test.kind}, kinds(told))
			require.Equal(t, test.text, told[0].Text)
			require.Equal(t, raft.NodeSetOf(2), s.Up())
			require.Equal(t, test.kind == trace.BootFailed, s.View().Nodes[1].Refused)
			s.ignores("tick 1", "crash 1", "timeout 1")

			s.cast.refuses = nil
			require.Equal(t, []trace.Kind{trace.Booted}, kinds(s.do("restart 1")))
			require.Equal(t, []string{"a", "b"}, s.disk(1))
		})
	}
}

func TestNode_panicOfAnInspectorAtBoot(t *testing.T) {
	for _, where := range []string{"status", "entry"} {
		s := stageOf(t, 2, &cast{shows: true})
		s.do("crash 1")
		p := &s.cast.puppets[1]
		p.status.Last.Index, p.log, p.fault = 1, []raft.Entry{entry(1, 1, 1, "get x")}, where
		told := s.do("restart 1")
		require.Equal(t, []trace.Kind{trace.Panicked}, kinds(told))
		require.Equal(t, "while booting: no "+where, told[0].Text)
		s.ignores("tick 1")
	}
}

func TestNode_failedFirstBootLeavesTheOthersRunning(t *testing.T) {
	c := &cast{refuses: func(config *raft.NodeConfig) error {
		if config.ID == 2 {
			return errors.New("no")
		}
		return nil
	}}
	s := stageOf(t, 3, c)
	require.Equal(t, []trace.Kind{trace.Booted, trace.BootFailed, trace.Booted}, kinds(s.told))
	require.Equal(t, raft.NodeSetOf(1, 3), s.Up())
}

func TestNode_everyBootHasItsOwnRandomness(t *testing.T) {
	seen := map[string]bool{}
	c := &cast{refuses: func(config *raft.NodeConfig) error {
		b := make([]byte, 12)
		_, err := io.ReadFull(config.Rand, b)
		seen[string(b)] = true
		return err
	}}
	s := stageOf(t, 3, c)
	s.do("crash 1", "restart 1", "crash 1", "restart 1", "crash 2", "restart 2")
	require.Len(t, seen, 6)
	s.Reset(c, &Schedule{Service: store, Nodes: 3, Rand: 1})
	require.Len(t, seen, 6, "the same cluster again reads the same")
	s.Reset(c, &Schedule{Service: store, Nodes: 3, Rand: 2})
	require.Len(t, seen, 9)
}

func TestNode_logChangesAreFound(t *testing.T) {
	s := stageOf(t, 1, &cast{shows: true})
	p := &s.cast.puppets[1]
	become := func(terms ...raft.Term) trace.Record {
		p.log = nil
		for i, term := range terms {
			p.log = append(p.log, raft.Entry{ID: raft.EntryID{Term: term, Index: raft.Index(i + 1)}})
		}
		p.status.Last = raft.EntryID{Index: raft.Index(len(terms))}
		if len(terms) > 0 {
			p.status.Last.Term = terms[len(terms)-1]
		}
		return s.do("tick 1")[0]
	}
	tests := []struct {
		terms    []raft.Term
		kept     raft.Index
		appended int
	}{
		{[]raft.Term{1, 1, 1}, 0, 3},
		{[]raft.Term{1, 1, 1}, 3, 0},
		{[]raft.Term{1, 1}, 2, 0},
		{[]raft.Term{1, 2, 2}, 1, 2},
		{[]raft.Term{1, 2, 3, 3}, 2, 2},
		{nil, 0, 0},
	}
	for _, test := range tests {
		r := become(test.terms...)
		require.Equal(t, trace.Stepped, r.Kind)
		require.Equal(t, test.kept, r.Kept)
		require.Len(t, r.Appended, test.appended)
		require.Len(t, s.View().Nodes[1].Log, len(test.terms))
	}
}

func TestNode_finishFindsALogRewrittenBehindItsEnd(t *testing.T) {
	tests := map[string]struct {
		change func(*puppet)
		kind   trace.Kind
		text   string
	}{
		"nothing": {func(*puppet) {}, 0, ""},
		"an entry": {
			func(p *puppet) { p.log[0] = entry(1, 1, 1, "put x 2") },
			trace.Rewrote, "entry 1 changed to t1i1 without a change of the log's end",
		},
		"the end": {
			func(p *puppet) { p.status.Last.Index = 1 },
			trace.Rewrote, "its log of 2 entries now has 1, without a step",
		},
		"a panic": {func(p *puppet) { p.fault = "entry" }, trace.Panicked, "no entry"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stageOf(t, 1, &cast{shows: true})
			p := &s.cast.puppets[1]
			p.log = []raft.Entry{entry(1, 1, 1, "put x 1"), entry(2, 1, 2, "put x 2")}
			p.status.Last = p.log[1].ID
			s.do("tick 1")
			s.told = nil
			test.change(p)
			unwound := false // the stack of a panic is there to see
			s.Panicking(func() { unwound = true })
			s.Finish()
			require.Equal(t, test.kind == trace.Panicked, unwound)
			if test.kind == 0 {
				require.Empty(t, s.told)
				return
			}
			require.Equal(t, []trace.Kind{test.kind}, kinds(s.told))
			require.Equal(t, test.text, s.told[0].Text)
		})
	}
}
