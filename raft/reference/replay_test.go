package reference

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// richDisk is a disk with records of every kind.
func richDisk() [][]byte {
	return diskOf(
		hardRecord(1, 2), logRecord(1, 1, 1, 1), hardRecord(3, raft.None), hardRecord(3, 1),
		cutRecord(3), logRecord(3, 3, 3), logRecord(5, 3),
	)
}

func bootDisk(disk [][]byte) (*Node, error) { return bootSeeded(1, raft.FirstNodes(3), 7, disk) }

func TestBoot_fromRecordsAlone(t *testing.T) {
	n, err := bootDisk(richDisk())
	require.NoError(t, err)
	require.Equal(t, raft.Status{Term: 3, Vote: 1, Last: at(3, 5), Config: voters(1, 2, 3)}, n.Status())
	require.Equal(t, []raft.Term{1, 1, 3, 3, 3}, terms(n))
	out := receive(n, 2, appendRequest(3, at(3, 5), 5))
	require.Len(t, out.Applied, 5, "the state machine forgot; all is applied again")
	require.Zero(t, out.Sends[0].After, "surviving records are durable")
}

func TestBoot_ofEqualDisksGivesEqualStates(t *testing.T) {
	a, err := bootDisk(richDisk())
	require.NoError(t, err)
	b, err := bootDisk(richDisk())
	require.NoError(t, err)
	require.Equal(t, a.AppendState(nil), b.AppendState(nil))
	c, err := bootDisk(richDisk()[:6])
	require.NoError(t, err)
	require.NotEqual(t, a.AppendState(nil), c.AppendState(nil))
}

func TestBoot_tornLastRecordIsACleanEnd(t *testing.T) {
	disk := richDisk()
	last := disk[len(disk)-1]
	want, err := bootDisk(disk[:len(disk)-1])
	require.NoError(t, err)
	for size := range last {
		disk[len(disk)-1] = last[:size]
		n, err := bootDisk(disk)
		require.NoError(t, err, "the last record cut to %d bytes", size)
		require.Equal(t, want.AppendState(nil), n.AppendState(nil))
	}
}

func TestBoot_carriesOnAfterATornRecord(t *testing.T) {
	for _, size := range []int{0, 5, frameHeader, frameHeader + 2} {
		disk := richDisk()
		for range 3 { // three crashes, each of which tears a record
			torn := bytes.Clone(sealed(7, logRecord(6, 3, 3)))[:size]
			disk = append(disk, torn)
		}
		n, err := bootDisk(disk)
		require.NoError(t, err)
		for _, w := range receive(n, 2, appendRequest(4, at(3, 5), 0, 4, 4)).Writes {
			disk = append(disk, bytes.Clone(w.Data))
		}
		n, err = bootDisk(disk)
		require.NoError(t, err)
		require.Equal(t, []raft.Term{1, 1, 3, 3, 3, 4, 4}, terms(n))
		require.Equal(t, raft.Term(4), n.Status().Term)
	}
}

func TestBoot_recordCutInTheMiddleIsNoTear(t *testing.T) {
	disk := richDisk()
	for i := range disk[:len(disk)-1] {
		for size := range disk[i] {
			cut := slices.Clone(disk)
			cut[i] = disk[i][:size]
			_, err := bootDisk(cut)
			require.Error(t, err, "record %d cut to %d bytes", i+1, size)
		}
	}
}

// A flipped bit anywhere is an error, be it in a length, and be it in the last
// record, which then is not taken for torn.
func TestBoot_everyFlippedBitIsRot(t *testing.T) {
	disk := richDisk()
	for i := range disk {
		for bit := range 8 * len(disk[i]) {
			rotten := slices.Clone(disk)
			rotten[i] = bytes.Clone(disk[i])
			rotten[i][bit/8] ^= 1 << (bit % 8)
			_, err := bootDisk(rotten)
			require.ErrorContains(t, err, "rotten", "bit %d of record %d", bit, i+1)
		}
	}
}

func TestBoot_whatNoCrashLeavesIsAnError(t *testing.T) {
	term1 := hardRecord(1, raft.None)
	long := append(sealed(1, hardRecord(2, 1)), 0)
	tests := map[string]struct {
		disk [][]byte
		err  string
	}{
		"a record is missing": {[][]byte{sealed(0, term1), sealed(2, hardRecord(2, 1))},
			"record 2 of 2: its number is 2 after 1 whole records"},
		"a record is there twice": {[][]byte{sealed(0, term1), sealed(0, term1)},
			"record 2 of 2: its number is 0"},
		"the first is missing": {[][]byte{sealed(1, term1)}, "record 1 of 1: its number is 1"},
		"a torn one of a wrong number": {[][]byte{sealed(1, term1)[:frameHeader]},
			"record 1 of 1: its number is 1"},
		"bytes after the payload": {[][]byte{sealed(0, term1), long},
			"record 2 of 2: bytes follow the payload"},
		"payload of unknown kind": {diskOf(record{kind: 9}),
			"record 1 of 1: its payload cannot be decoded: a value is out of range"},
		"no entries": {diskOf(term1, record{kind: recordEntries, index: 1}),
			"ends in the middle"},
		"a hole before the entries": {diskOf(term1, logRecord(2, 1)),
			"entries from 2 do not attach to a log that ends at 0"},
		"entries over others": {diskOf(term1, logRecord(1, 1), logRecord(1, 1)),
			"entries from 1 do not attach to a log that ends at 1"},
		"entries of an earlier term": {diskOf(hardRecord(2, 0), logRecord(1, 2), logRecord(2, 1)),
			"an entry of term 1 follows one of term 2"},
		"entries ahead of the term": {diskOf(term1, logRecord(1, 2)),
			"an entry of term 2 is ahead of the node's term 1"},
		"truncation beyond the end": {diskOf(term1, logRecord(1, 1), cutRecord(2)),
			"truncation from 2 is beyond the end of the log, 1"},
		"truncation from 0":  {diskOf(term1, cutRecord(0)), "out of range"},
		"the term goes back": {diskOf(hardRecord(2, 1), term1), "term 1 goes back from term 2"},
		"two votes in a term": {diskOf(hardRecord(2, 1), hardRecord(2, 3)),
			"a vote for n3 in term 2 follows one for n1"},
		"a vote taken back": {diskOf(hardRecord(2, 1), hardRecord(2, 0)),
			"a vote for none in term 2 follows one for n1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := bootDisk(tt.disk)
			require.ErrorContains(t, err, tt.err)
			require.ErrorContains(t, err, "reference: disk of n1: ")
		})
	}
}

func TestBoot_refusesNamesThatAreNone(t *testing.T) {
	configs := []raft.NodeConfig{{ID: 0}, {ID: 64}, {ID: 1, Voters: 1}, {ID: 1, Rand: bytes.NewReader(nil)}}
	for _, c := range configs {
		if c.Rand == nil {
			c.Rand = bytes.NewReader(make([]byte, 16))
		}
		_, err := System{}.Boot(c)
		require.Error(t, err)
	}
}
