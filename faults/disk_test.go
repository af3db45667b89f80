package faults

import (
	"math/bits"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// stored is a stage on which node 1 has durable and pending writes, a letter each.
func stored(t *testing.T, durable, pending string) *stage {
	s := newStage(t, 2)
	s.does(1, raft.Output{Writes: writes(1, strings.Split(durable, "")...)})
	s.do("persist 1")
	s.does(1, raft.Output{Writes: writes(raft.WriteID(len(durable)+1), strings.Split(pending, "")...)})
	s.heard(1)
	require.Equal(t, len(durable), s.DurableWrites(1))
	require.Equal(t, len(pending), s.PendingWrites(1))
	return s
}

func TestDisk_persist(t *testing.T) {
	tests := []struct {
		event   string
		heard   string
		pending int
	}{
		{"persist 1 k=1", "persisted 3", 2},
		{"persist 1 k=2", "persisted 4", 1},
		{"persist 1 k=3", "persisted 5", 0},
		{"persist 1 k=9", "persisted 5", 0},
		{"persist 1", "persisted 5", 0},
	}
	for _, test := range tests {
		t.Run(test.event, func(t *testing.T) {
			s := stored(t, "ab", "cde")
			require.Equal(t, raft.NodeSetOf(1), s.Dirty())
			s.do(test.event)
			require.Equal(t, []string{test.heard}, s.heard(1))
			require.Equal(t, test.pending, s.PendingWrites(1))
			require.Equal(t, test.pending > 0, s.Dirty().Has(1))
		})
	}
	newStage(t, 2).ignores("persist 1")
}

func TestDisk_survivesACrash(t *testing.T) {
	tests := []struct {
		crash   string
		disk    string
		durable raft.WriteID
		lost    int
		torn    bool
	}{
		{"crash 1", "a b", 2, 3, false},
		{"crash 1 k=1", "a b c", 3, 2, false},
		{"crash 1 k=3", "a b c d e", 5, 0, false},
		{"crash 1 k=4", "a b c d e", 5, 0, false},
		{"tear 1 k=1", "a b c ", 3, 2, true},
	}
	for _, test := range tests {
		t.Run(test.crash, func(t *testing.T) {
			s := stored(t, "ab", "cde")
			told := s.do(test.crash)
			require.Equal(t, []trace.Kind{trace.Crashed}, kinds(told))
			require.Equal(t, test.durable, told[0].Durable)
			require.Equal(t, test.lost, told[0].Lost)
			require.Equal(t, test.torn, told[0].Torn)
			require.Zero(t, s.Dirty())
			require.Zero(t, s.PendingWrites(1))
			s.ignores(test.crash, "persist 1")

			require.Equal(t, []trace.Kind{trace.Booted}, kinds(s.do("restart 1")))
			require.Equal(t, strings.Split(test.disk, " "), s.disk(1))
			s.ignores("restart 1")
		})
	}
}

func TestDisk_writesAreNumberedAnewAfterABoot(t *testing.T) {
	s := stored(t, "ab", "c")
	s.do("crash 1", "restart 1")
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{Writes: writes(1, "d")})))
	require.Equal(t, raft.WriteID(1), s.do("persist 1")[0].Durable)
	require.Equal(t, []string{"persisted 1"}, s.heard(1))
	s.do("crash 1", "restart 1")
	require.Equal(t, []string{"a", "b", "d"}, s.disk(1))
}

func TestDisk_tearKeepsAPrefix(t *testing.T) {
	tests := []struct{ event, write, left string }{
		{"tear 1", "abcd", ""},
		{"tear 1 bytes=1", "abcd", "a"},
		{"tear 1 bytes=3", "abcd", "abc"},
		{"tear 1 bytes=4", "abcd", ""},
		{"tear 1 bytes=10000", "abcd", ""},
		{"tear 1", "a", ""},
		{"tear 1 bytes=1", "a", ""},
		{"tear 1 bytes=7", "a", ""},
	}
	for _, test := range tests {
		t.Run(test.event+" of "+test.write, func(t *testing.T) {
			s := newStage(t, 1)
			s.does(1, raft.Output{Writes: writes(1, "before", test.write, "after")})
			s.do(strings.Replace(test.event, "tear 1", "tear 1 k=1", 1), "restart 1")
			require.Equal(t, []string{"before", test.left}, s.disk(1))
		})
	}
}

func TestDisk_tearNeedsAPendingWrite(t *testing.T) {
	s := stored(t, "ab", "cd")
	s.ignores("tear 1 k=2", "tear 2")
	require.True(t, s.Up().Has(1))
	s.do("persist 1")
	s.ignores("tear 1")
}

func TestDisk_corruptFlipsOneBit(t *testing.T) {
	records := []string{"abc", "d", "efg"}
	tests := []struct {
		event  string
		record int
		bit    int
	}{
		{"corrupt 1", 2, 0},
		{"corrupt 1 bit=9", 2, 9},
		{"corrupt 1 bit=24", 2, 0},
		{"corrupt 1 k=1 bit=10", 1, 2},
		{"corrupt 1 k=2 bit=23", 0, 23},
	}
	for _, test := range tests {
		for _, down := range []bool{false, true} {
			t.Run(test.event, func(t *testing.T) {
				s := newStage(t, 1)
				s.does(1, raft.Output{Writes: writes(1, records...)})
				s.do("persist 1")
				s.does(1, raft.Output{Writes: writes(4, "pending")})
				if down {
					s.do("crash 1")
				}
				require.Equal(t, []trace.Kind{trace.Rotted}, kinds(s.do(test.event)))
				require.Equal(t, !down, s.Up().Has(1))
				s.do("crash 1", "restart 1")
				require.Len(t, s.disk(1), len(records))
				for i, record := range s.disk(1) {
					if i != test.record {
						require.Equal(t, records[i], record)
						continue
					}
					require.Equal(t, records[i][test.bit/8]^1<<(test.bit%8), record[test.bit/8])
					require.Equal(t, 1, bitsChanged(records[i], record))
				}
			})
		}
	}
}

func bitsChanged(a, b string) int {
	n := 0
	for i := range a {
		n += bits.OnesCount8(a[i] ^ b[i])
	}
	return n
}

func TestDisk_corruptNeedsADurableRecord(t *testing.T) {
	s := newStage(t, 1)
	s.ignores("corrupt 1")
	s.does(1, raft.Output{Writes: writes(1, "", "b")})
	s.ignores("corrupt 1")
	s.do("persist 1")
	s.ignores("corrupt 1 k=1", "corrupt 1 k=2")
	require.Equal(t, []trace.Kind{trace.Rotted}, kinds(s.do("corrupt 1")))
}

func TestDisk_fail(t *testing.T) {
	tests := []struct {
		event, heard string
		disk         []string
	}{
		{"fail 1", "failed 3", []string{"a", "b"}},
		{"fail 1 k=1", "failed 4", []string{"a", "b", "c"}},
		{"fail 1 k=2", "failed 5", []string{"a", "b", "c", "d"}},
	}
	for _, test := range tests {
		t.Run(test.event, func(t *testing.T) {
			s := stored(t, "ab", "cde")
			told := s.do(test.event)
			require.Equal(t, []trace.Kind{trace.Stepped}, kinds(told))
			require.Equal(t, raft.WriteID(len(test.disk)), told[0].Durable)
			require.Equal(t, []string{test.heard}, s.heard(1))
			require.True(t, s.Up().Has(1), "a node whose disk failed still runs")
			require.Zero(t, s.Dirty())
			s.ignores("persist 1", "fail 1", "tear 1")
			s.do("crash 1", "restart 1")
			require.Equal(t, test.disk, s.disk(1))
		})
	}
	stored(t, "ab", "c").ignores("fail 1 k=1")
}

func TestDisk_failReleasesWhatWaitedForTheSurvivors(t *testing.T) {
	s := newStage(t, 2)
	s.does(1, raft.Output{Writes: writes(1, "a", "b"), Sends: append(letters(1, 2, 1, "x"), letters(1, 2, 2, "y")...)})
	s.do("fail 1 k=1")
	require.Equal(t, "x", s.onLink(1, 2))
	s.do("crash 1", "restart 1", "settle")
	require.Equal(t, []string{"x from n1"}, s.heard(2))
}

func TestDisk_failedNodeThatWritesOnBreaksTheContract(t *testing.T) {
	s := stored(t, "a", "bc")
	s.do("fail 1")
	told := s.does(1, raft.Output{Writes: writes(4, "d")})
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
	require.Equal(t, "write 4 where write 2 was due", told[1].Text)
}

// checkpointed is a stage on which node 1 wrote these records, all pending;
// those in capitals are checkpoints.
func checkpointed(t *testing.T, records string) *stage {
	s := newStage(t, 2)
	out := raft.Output{Writes: writes(1, strings.Split(records, "")...)}
	for i := range out.Writes {
		out.Writes[i].Checkpoint = strings.ToUpper(records[i:i+1]) == records[i:i+1]
	}
	s.does(1, out)
	s.heard(1)
	return s
}

func TestDisk_checkpoint(t *testing.T) {
	tests := []struct {
		records, event, disk string
	}{
		{"abCd", "crash 1 k=2", "a b"},
		{"abCd", "crash 1 k=3", "C"},
		{"abCd", "crash 1 k=4", "C d"},
		{"Abc", "crash 1 k=3", "A b c"},
		{"aBcDe", "crash 1 k=3", "B c"},
		{"aBcDe", "crash 1 k=9", "D e"},
		{"aBcDe", "tear 1 k=1", "a "},
		{"aBcDe", "tear 1 k=3", "B c "},
		{"aBcDe", "tear 1 k=4", "D "},
		{"aBcDe", "fail 1 k=1", "a"},
		{"aBcDe", "fail 1 k=4", "D"},
	}
	for _, test := range tests {
		t.Run(test.event+" of "+test.records, func(t *testing.T) {
			s := checkpointed(t, test.records)
			s.do(test.event)
			want := strings.Split(test.disk, " ")
			require.Equal(t, len(want), s.DurableWrites(1))
			if s.Up().Has(1) {
				s.do("crash 1")
			}
			s.do("restart 1")
			require.Equal(t, want, s.disk(1))
			s.do("crash 1", "restart 1")
			require.Equal(t, want, s.disk(1))
		})
	}
}

func TestDisk_checkpointDoesNotRenumberWrites(t *testing.T) {
	s := checkpointed(t, "abCd")
	s.do("persist 1 k=3")
	require.Equal(t, []string{"persisted 3"}, s.heard(1))
	require.Equal(t, 1, s.DurableWrites(1))
	require.Equal(t, 1, s.PendingWrites(1))
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{Writes: writes(5, "e")})))
	require.Equal(t, raft.WriteID(5), s.do("persist 1")[0].Durable)
	s.do("crash 1", "restart 1")
	require.Equal(t, []string{"C", "d", "e"}, s.disk(1))

	s.does(1, raft.Output{Writes: []raft.Write{{ID: 1, Data: []byte("F"), Checkpoint: true}, {ID: 2, Data: []byte("g")}}})
	s.do("persist 1", "crash 1", "restart 1")
	require.Equal(t, []string{"F", "g"}, s.disk(1))
	require.Equal(t, raft.WriteID(0), s.nodes[1].disk.written())
}

// A torn checkpoint is the last record, and no checkpoint: not even when the
// node boots and writes after it.
func TestDisk_tornCheckpointTakesNothing(t *testing.T) {
	s := newStage(t, 1)
	s.does(1, raft.Output{Writes: []raft.Write{{ID: 1, Data: []byte("old")}, {ID: 2, Data: []byte("snapshot"), Checkpoint: true}}})
	told := s.do("tear 1 k=1 bytes=4", "restart 1")
	require.True(t, told[0].Torn)
	require.Equal(t, []string{"old", "snap"}, s.disk(1))
	s.does(1, raft.Output{Writes: writes(1, "new")})
	s.do("persist 1", "crash 1", "restart 1")
	require.Equal(t, []string{"old", "snap", "new"}, s.disk(1))
}

func TestDisk_corruptAfterACheckpoint(t *testing.T) {
	s := checkpointed(t, "abCd")
	s.do("persist 1")
	s.ignores("corrupt 1 k=2", "corrupt 1 k=3")
	told := s.do("corrupt 1 k=1 bit=5")
	require.Equal(t, "record 1 of 2", told[0].Text)
	s.do("crash 1", "restart 1")
	require.Equal(t, []string{"c", "d"}, s.disk(1), "a bit makes a small letter of a capital one")
}
