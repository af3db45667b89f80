package faults

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestExcess: a step beyond a bound breaks the contract and takes the node down; one at the
// bound does not.
func TestExcess(t *testing.T) {
	kind := func(length int) raft.Output {
		return raft.Output{Sends: []raft.Message{{From: 1, To: 2, Kind: strings.Repeat("k", length)}}}
	}
	many := func(n int) []raft.Message {
		return letters(1, 2, 0, make([]string, n)...)
	}
	large := strings.Repeat("x", maxStepBytes+1)
	const bytes = "a step with 67108865 bytes, expected at most 67108864"
	tests := map[string]struct {
		out  raft.Output
		text string
	}{
		"messages at the bound": {raft.Output{Sends: many(maxMessages)}, ""},
		"messages": {
			raft.Output{Sends: many(maxMessages + 1)}, "a step with 16385 messages, expected at most 16384",
		},
		"writes": {
			raft.Output{Writes: writes(1, make([]string, maxRecords+1)...)},
			"a step with 16385 writes, expected at most 16384",
		},
		"entries": {
			raft.Output{Applied: make([]raft.Entry, maxEntries+1)},
			"a step with 1048577 applied entries, expected at most 1048576",
		},
		"answers": {
			raft.Output{Replies: make([]raft.Reply, maxEntries+1)},
			"a step with 1048577 answers, expected at most 1048576",
		},
		"a kind at the bound": {kind(maxKind), ""},
		"a kind":              {kind(10 << 20), "a message with a kind of 10485760 bytes, expected at most 256"},
		"a message":           {raft.Output{Sends: letters(1, 2, 0, large)}, bytes},
		"a write":             {raft.Output{Writes: writes(1, large)}, bytes},
		"a snapshot":          {raft.Output{Restore: raft.Snapshot{State: []byte(large)}}, bytes},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 2)
			told := s.does(1, test.out)
			if test.text == "" {
				require.True(t, s.Up().Has(1), kinds(told))
				return
			}
			require.Equal(t, trace.BrokeContract, told[0].Kind)
			require.Equal(t, test.text, told[0].Text)
			require.False(t, s.Up().Has(1))
			require.Empty(t, s.view.Nodes[1].Log)
		})
	}
}

// TestExcess_disk: a disk has a bound too, however little each step writes.
func TestExcess_disk(t *testing.T) {
	s := newStage(t, 1)
	s.nodes[1].disk.bytes = make([]byte, maxDiskBytes)
	told := s.does(1, raft.Output{Writes: writes(1, "x")})
	require.Equal(t, "a disk of 268435457 bytes, expected at most 268435456", told[0].Text)
	require.False(t, s.Up().Has(1))
}

// TestExcess_read: a log that changes as a whole again and again is read only so often. An
// exploration reads without end, a little in each step.
func TestExcess_read(t *testing.T) {
	s := stageOf(t, 1, &cast{shows: true})
	p := &s.cast.puppets[1]
	p.log, p.status.Last = make([]raft.Entry, 1000), raft.EntryID{Term: 1, Index: 1000}
	told := s.does(1, raft.Output{})
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(told))
	s.entries = maxRead - 1000
	p.status.Last.Term = 2
	for i := range p.log {
		p.log[i].ID.Term = 2
	}
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{})))
	require.Equal(t, maxRead, s.entries, "the whole log was read again")
	p.status.Last.Term = 3
	s.does(1, raft.Output{})
	told = s.does(1, raft.Output{})
	require.Contains(t, told[0].Text, "its log changed so often that ")

	schedule := &Schedule{System: "reference", Service: store, Nodes: 1, Rand: 1}
	stage, err := NewStage(reference.System{}, schedule, Future{})
	require.NoError(t, err)
	stage.world.entries = maxRead + 1
	step := stage.Step(1, stage.Place(1), nil, Move{Event: Event{Kind: Timeout, Node: 1}}, nil)
	require.EqualValues(t, 1, step.Place.View().Status.Term)
	require.Less(t, stage.world.entries, 10)
}
