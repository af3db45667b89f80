package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// restores has a node hand over a snapshot, and then apply entries.
func (s *stage) restores(id raft.NodeID, i raft.Index, state []byte, replies []raft.Reply, entries ...raft.Entry) []trace.Record {
	s.t.Helper()
	return s.does(id, raft.Output{
		Restore: raft.Snapshot{ID: raft.EntryID{Term: 1, Index: i}, State: state}, Applied: entries, Replies: replies,
	})
}

func TestRestore_isTheStateMachine(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1", "call c2 1 get x")
	s.applies(2, nil, entry(1, 1, 1, "put x 1"))
	state := stateAfter(t, "put x 1")

	told := s.restores(1, 1, state, append(answer(2, 1, raft.Done), answer(1, 1, raft.Done)...), entry(2, 2, 1, "get x"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned, trace.Returned}, kinds(told))
	require.Equal(t, trace.HashBytes(0, state), told[0].Restored)
	require.Equal(t, "1", told[1].Text, "it is restored before anything is applied")
	require.Equal(t, "ok", told[2].Text, "the snapshot has the session")

	s.heard(1)
	s.do("compact 1")
	require.Equal(t, []string{"compact to 2, keep 0: x is 1"}, s.heard(1))
}

func TestRestore_whatItHandsOnIsWhatItGot(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1")
	s.applies(1, nil, entry(1, 1, 1, "put x 1"))
	compacted := s.do("compact 1")[0].Compact
	restored := s.restores(2, 1, s.state, nil)[0].Restored
	require.NotZero(t, restored)
	require.Equal(t, compacted, restored)
	require.Equal(t, compacted, s.do("compact 2")[0].Compact)
}

func TestRestore_replacesWhatWasThere(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 1", "call c2 1 get x")
	s.applies(1, nil, entry(1, 1, 1, "put x 1"))
	told := s.restores(1, 5, stateAfter(t, "put x 3"), answer(2, 1, raft.Done), entry(6, 2, 1, "get x"))
	require.Equal(t, "3", told[1].Text)
}

func TestRestore_badState(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 1", "call c2 1 get x")
	s.applies(1, nil, entry(1, 1, 1, "put x 1"))
	told := s.restores(1, 7, []byte("\xff"), answer(2, 1, raft.Done), entry(8, 2, 1, "get x"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract, trace.Returned}, kinds(told))
	require.Contains(t, told[1].Text, "restored t1i7 from what is no state: state: expected")
	require.Equal(t, "nil", told[2].Text)
	require.True(t, s.Up().Has(1))
}

// forgetful is a service whose machines restore nothing.
type forgetful struct{ service.Service }

func (forgetful) Name() string { return "forgetful" }

func (s forgetful) NewMachine() service.Machine { return forgets{s.Service.NewMachine()} }

type forgets struct{ service.Machine }

func (m forgets) Restore([]byte) error {
	m.Reset()
	return nil
}

// TestRestore_otherState: a record has the state of the machine, which may not be the one that it
// was given.
func TestRestore_otherState(t *testing.T) {
	s := newStage(t, 1)
	given := stateAfter(t, "put x 1")
	for _, service := range []service.Service{store, forgetful{store}} {
		s.Reset(s.cast, &Schedule{Service: service, Nodes: 1, Rand: 1})
		restored := s.restores(1, 1, given, nil)[0].Restored
		require.Equal(t, service == store, restored == trace.HashBytes(0, given))
	}
}

func TestRestore_nothing(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 1")
	s.applies(1, nil, entry(1, 1, 1, "put x 1"))
	require.Zero(t, s.does(1, raft.Output{})[0].Restored)
	require.Equal(t, raft.Index(1), s.nodes[1].applied)
}

// log makes a mirror show a log of entries of these terms after its base.
func (p *puppet) shows(base raft.EntryID, commit raft.Index, terms ...raft.Term) {
	p.status = raft.Status{Base: base, Last: base, Commit: commit}
	p.log = nil
	for i, term := range terms {
		id := raft.EntryID{Term: term, Index: base.Index + raft.Index(i) + 1}
		p.log = append(p.log, raft.Entry{ID: id, Data: []byte{byte(id.Index)}})
		p.status.Last = id
	}
}

// prefixes is a node's shadow log.
func (s *stage) shadow(id raft.NodeID) []trace.Logged { return s.View().Nodes[id].Log }

func TestInspect_logsThatBeginLater(t *testing.T) {
	id := func(term raft.Term, i raft.Index) raft.EntryID { return raft.EntryID{Term: term, Index: i} }
	tests := map[string]struct {
		before, after func(*puppet)
		kept          raft.Index
		appended      int
	}{
		"compaction": {
			func(p *puppet) { p.shows(id(0, 0), 3, 1, 1, 2, 2) },
			func(p *puppet) { p.shows(id(1, 2), 3, 2, 2) }, 4, 0,
		},
		"compaction of all": {
			func(p *puppet) { p.shows(id(0, 0), 3, 1, 1, 2) },
			func(p *puppet) { p.shows(id(2, 3), 3) }, 3, 0,
		},
		"snapshot for an empty log": {
			func(p *puppet) { p.shows(id(0, 0), 0) },
			func(p *puppet) { p.shows(id(2, 4), 4) }, 0, 4,
		},
		"snapshot for a log behind": {
			func(p *puppet) { p.shows(id(0, 0), 1, 1, 1) },
			func(p *puppet) { p.shows(id(2, 4), 4, 2) }, 2, 3,
		},
		"snapshot for a log that differs": {
			func(p *puppet) { p.shows(id(0, 0), 1, 1, 1, 1, 1, 1, 1) },
			func(p *puppet) { p.shows(id(2, 4), 4) }, 2, 2,
		},
		"snapshot for a log that begins later": {
			func(p *puppet) { p.shows(id(1, 2), 1, 1) },
			func(p *puppet) { p.shows(id(2, 4), 4, 2, 3) }, 2, 4,
		},
		"cut back to the base": {
			func(p *puppet) { p.shows(id(1, 2), 2, 1, 1) },
			func(p *puppet) { p.shows(id(1, 2), 2) }, 2, 0,
		},
		"conflict after the base": {
			func(p *puppet) { p.shows(id(1, 2), 2, 1, 1) },
			func(p *puppet) { p.shows(id(1, 2), 2, 2, 3, 3) }, 2, 3,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stageOf(t, 2, &cast{shows: true})
			s.cast.puppets[2].shows(raft.EntryID{}, 4, 1, 1, 2, 2)
			s.do("tick 2")
			p := &s.cast.puppets[1]
			test.before(p)
			s.do("tick 1")
			test.after(p)
			r := s.do("tick 1")[0]
			require.Equal(t, trace.Stepped, r.Kind, r.Text)
			require.Equal(t, test.kept, r.Kept)
			require.Len(t, r.Appended, test.appended)
			require.Len(t, s.shadow(1), int(p.status.Last.Index))
			for i, e := range s.shadow(1)[:p.status.Base.Index] {
				require.Equal(t, s.View().Committed[i].Logged, e, "what is in the snapshot is what was committed")
			}
			s.told = nil
			s.Finish()
			require.Empty(t, s.told)
		})
	}
}

func TestInspect_bootWithASnapshot(t *testing.T) {
	s := stageOf(t, 2, &cast{shows: true})
	s.cast.puppets[2].shows(raft.EntryID{}, 3, 1, 1, 2)
	s.do("tick 2", "crash 1")
	s.cast.puppets[1].shows(raft.EntryID{Term: 1, Index: 2}, 2, 2)
	r := s.do("restart 1")[0]
	require.Equal(t, trace.Booted, r.Kind)
	require.Len(t, r.Appended, 3)
	require.Equal(t, s.shadow(2), s.shadow(1))
}

// What a snapshot stands for is unknown where nothing was committed or where it
// ends otherwise: entries of term 0, that no log holds.
func TestInspect_snapshotOfWhatWasNotCommitted(t *testing.T) {
	tests := map[string]struct {
		base raft.EntryID
		want []raft.Term
	}{
		"beyond what was committed": {raft.EntryID{Term: 2, Index: 4}, []raft.Term{1, 1, 2, 0}},
		"of another term":           {raft.EntryID{Term: 3, Index: 3}, []raft.Term{1, 1, 0}},
		"committed":                 {raft.EntryID{Term: 2, Index: 3}, []raft.Term{1, 1, 2}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stageOf(t, 2, &cast{shows: true})
			s.cast.puppets[2].shows(raft.EntryID{}, 3, 1, 1, 2)
			s.do("tick 2")
			s.cast.puppets[1].shows(test.base, 0)
			var terms []raft.Term
			for _, d := range s.do("tick 1")[0].Appended {
				terms = append(terms, d.ID.Term)
			}
			require.Equal(t, test.want, terms)
		})
	}
}

func TestInspect_logThatEndsBeforeItBegins(t *testing.T) {
	s := stageOf(t, 1, &cast{shows: true})
	s.cast.puppets[1].status.Base = raft.EntryID{Term: 3, Index: 2}
	told := s.do("tick 1")
	require.Equal(t, []trace.Kind{trace.Panicked}, kinds(told))
	require.Equal(t, "its log begins after t3i2 and ends at t0i0", told[0].Text)
}

// The world asks for no entry that is in a snapshot.
func TestInspect_asksOnlyForWhatTheLogHolds(t *testing.T) {
	s := stageOf(t, 1, &cast{shows: true})
	p := &s.cast.puppets[1]
	p.shows(raft.EntryID{}, 2, 1, 1)
	s.do("tick 1")
	p.shows(raft.EntryID{Term: 1, Index: 2}, 2)
	p.fault = "entry"
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.do("tick 1")))
	p.shows(raft.EntryID{Term: 1, Index: 1}, 2)
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.do("tick 1")))
	s.told = nil
	s.Finish()
	require.Empty(t, s.told)
}

func TestInspect_baseThatIsNotWhatWasCommitted(t *testing.T) {
	s := stageOf(t, 1, &cast{shows: true})
	p := &s.cast.puppets[1]
	p.shows(raft.EntryID{}, 3, 1, 1, 2)
	s.do("tick 1")
	p.shows(raft.EntryID{Term: 3, Index: 3}, 3, 3)
	r := s.do("tick 1")[0]
	require.Equal(t, raft.Index(2), r.Kept)
	require.Len(t, r.Appended, 2)
	require.Equal(t, []raft.Term{0, 3}, []raft.Term{r.Appended[0].ID.Term, r.Appended[1].ID.Term})
}

// A node that compacts a log of its own is judged by that log, also where other entries were
// committed: what it has in its snapshot is what it had before.
func TestInspect_snapshotOfALogThatDiverged(t *testing.T) {
	s := stageOf(t, 2, &cast{shows: true})
	s.cast.puppets[2].shows(raft.EntryID{}, 4, 1, 1, 2, 2)
	s.do("tick 2")
	p := &s.cast.puppets[1]
	p.shows(raft.EntryID{}, 4, 1, 1, 3, 3, 3)
	s.says(1, raft.Output{Writes: []raft.Write{{ID: 1, Data: []byte("log")}}})
	s.do("tick 1", "persist 1")
	own := append([]trace.Logged{}, s.shadow(1)...)
	p.shows(raft.EntryID{Term: 3, Index: 4}, 4, 3)
	require.Empty(t, s.do("tick 1")[0].Appended)
	require.Equal(t, own, s.shadow(1))
	s.told = nil
	s.verify(&s.nodes[1])
	require.Empty(t, s.told)

	s.do("crash 1")
	require.Equal(t, trace.Booted, s.do("restart 1")[0].Kind)
	require.Equal(t, own, s.shadow(1))
	require.Equal(t, own, s.View().Nodes[1].Expected.Log)
	p.shows(raft.EntryID{Term: 3, Index: 4}, 4, 4)
	require.Equal(t, raft.Index(4), s.do("tick 1")[0].Kept)
	s.told = nil
	s.Finish()
	require.Empty(t, s.told)
}
