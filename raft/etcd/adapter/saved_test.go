package adapter

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// disk has an entry of term 1, a term in which another overwrites it, and a checkpoint.
func disk() [][]byte {
	entry := func(term raft.Term, index raft.Index, data string) raft.Entry {
		return raft.Entry{ID: raft.EntryID{Term: term, Index: index}, Data: []byte(data)}
	}
	return [][]byte{
		seal(&record{hard: HardState{Term: 1, Vote: 2},
			entries: []raft.Entry{entry(1, 1, ""), entry(1, 2, "lost")}}, 0),
		seal(&record{hard: HardState{Term: 2, Vote: 3, Commit: 1}, entries: []raft.Entry{entry(2, 2, "kept")}}, 1),
		seal(&record{
			checkpoint: true, hard: HardState{Term: 2, Vote: 3, Commit: 2},
			entries: []raft.Entry{entry(2, 3, "after")},
			snapshot: Snapshot{ID: raft.EntryID{Term: 2, Index: 2}, Conf: []byte("conf"),
				All: raft.NodeSetOf(1, 2), Data: []byte("state")},
		}, 2),
	}
}

func TestLoad(t *testing.T) {
	s, err := Load(disk()[:2])
	require.NoError(t, err)
	require.Equal(t, HardState{Term: 2, Vote: 3, Commit: 1}, s.Hard)
	require.Len(t, s.Entries, 2)
	require.Equal(t, "kept", string(s.Entries[1].Data), "overwritten")

	s, err = Load(disk()[2:])
	require.NoError(t, err, "a checkpoint stands for all before it")
	require.Equal(t, "state", string(s.Snapshot.Data))
	require.Equal(t, raft.Index(3), s.Entries[0].ID.Index)
	require.Equal(t, uint64(3), s.records)
}

// TestLoad_torn loads every disk whose last record a crash cut off, also with a
// record written after it.
func TestLoad_torn(t *testing.T) {
	whole := disk()
	for n := range len(whole[1]) {
		torn := whole[1][:n]
		s, err := Load([][]byte{whole[0], torn})
		require.NoError(t, err)
		require.Equal(t, HardState{Term: 1, Vote: 2}, s.Hard)
		s, err = Load([][]byte{whole[0], torn, whole[1]})
		require.NoError(t, err)
		require.Equal(t, raft.Term(2), s.Hard.Term)
	}
}

// TestLoad_rotten refuses every disk of which a bit flipped in any record, unless
// nothing was lost.
func TestLoad_rotten(t *testing.T) {
	for i := range 2 {
		for bit := range 8 * len(disk()[i]) {
			rotten := disk()[:2]
			rotten[i][bit/8] ^= 1 << (bit % 8)
			_, err := Load(rotten)
			require.Error(t, err, "bit %d of record %d", bit, i)
		}
	}
}

func TestLoad_noCrashLeavesThat(t *testing.T) {
	d := disk()
	back := seal(&record{hard: HardState{Term: 1}}, 2)
	gap := seal(&record{hard: HardState{Term: 2},
		entries: []raft.Entry{{ID: raft.EntryID{Term: 2, Index: 9}}}}, 2)
	covered := seal(&record{hard: HardState{Term: 2},
		entries: []raft.Entry{{ID: raft.EntryID{Term: 2, Index: 2}}}}, 3)
	longer := append(disk()[0], 0)
	for name, bad := range map[string][][]byte{
		"a record is missing":         {d[1]},
		"a record is there twice":     {d[0], d[0]},
		"records are out of order":    {d[1], d[0]},
		"a torn record is of another": {d[0], d[2][:30]},
		"the term goes back":          {d[0], d[1], back},
		"entries leave a gap":         {d[0], d[1], gap},
		"an entry is in the snapshot": {d[2], covered},
		"a snapshot comes again":      {d[2], seal(mustUnseal(d[2]), 3)},
		"bytes follow a record":       {longer},
		"a record says nothing":       {frame(make([]byte, headerBytes), 0)},
	} {
		_, err := Load(bad)
		require.Error(t, err, name)
	}
}

func mustUnseal(data []byte) *record {
	_, payload, _, _ := unframe(data)
	r, err := unseal(payload)
	if err != nil {
		panic(err)
	}
	return r
}

// FuzzUnseal reads any bytes; a record that it can read is encoded to the same
// record.
func FuzzUnseal(f *testing.F) {
	for _, data := range disk() {
		f.Add(data[headerBytes:])
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		r, err := unseal(payload)
		if err != nil {
			return
		}
		again, err := unseal(seal(r, 0)[headerBytes:])
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(r), fmt.Sprint(again))
	})
}

func TestDescribeWrite(t *testing.T) {
	d := disk()
	require.Equal(t, "term 2 vote n3 commit 1, entries t2i2 to t2i2", DescribeWrite(d[1]))
	require.Equal(t, "checkpoint: term 2 vote n3 commit 2, snapshot of t2i2 with 5 bytes, entries t2i3 to t2i3",
		DescribeWrite(d[2]))
	require.Equal(t, "torn", DescribeWrite(d[0][:25]))
	d[0][30] ^= 1
	require.Equal(t, errRot.Error(), DescribeWrite(d[0]))
}
