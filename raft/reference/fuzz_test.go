package reference

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// seed is an input for a fuzz target; its name is its file's below testdata/fuzz.
type seed struct {
	name string
	data []byte
}

func messageSeeds() []seed {
	return []seed{
		{"request-vote", voteRequestBytes()},
		{"vote-granted",
			new(message{kind: kindVoteReply, term: 2, voteReply: voteReply{granted: true}}).append(nil)},
		{"heartbeat", new(appendRequest(2, at(1, 300), 2)).append(nil)},
		{"entries", new(appendRequest(300, at(1, 2), 2, 1, 2, 300)).append(nil)},
		{"matches", new(appendMatches(1, 6)).append(nil)},
		{"log-too-short", new(appendRefused(1, 5, at(0, 3))).append(nil)},
		{"other-term", new(appendRefused(3, 7, at(2, 4))).append(nil)},
		{"number-too-long", []byte{2, 0x81, 0, 1}},
		{"configuration", configurationBytes()},
		{"chunk", chunkBytes(at(1, 300), 2, 9, 3)},
		{"chunk-reply", new(message{kind: kindInstallReply, term: 2,
			installReply: installReply{at(1, 300), 7, 1 << 20}}).append(nil)},
		{"pre-vote", new(preVoteRequest(0, at(0, 0))).append(nil)},
		{"pre-vote-reply", new(preVoteGranted(1, 2)).append(nil)},
		{"timeout-now", new(message{kind: kindTimeoutNow, term: 2}).append(nil)},
		{"read-request",
			new(message{kind: kindReadRequest, term: 2, readRequest: readRequest{1 << 63}}).append(nil)},
		{"read-reply", new(message{kind: kindReadReply, term: 2, readReply: readReply{1 << 63, 300}}).append(nil)},
	}
}

func configurationBytes() []byte {
	m := appendRequest(2, at(1, 2), 2)
	m.appendEntries.entries = configurations(2, raft.Configuration{Voters: 2, Outgoing: 14, Learners: 16})
	return m.append(nil)
}

func voteRequestBytes() []byte { return new(voteRequest(2, at(1, 6))).append(nil) }

func recordSeeds() []seed {
	return []seed{
		{"term-and-vote", new(hardRecord(300, 63)).append(nil)},
		{"entries", new(logRecord(7, 1, 1, 300)).append(nil)},
		{"truncation", new(cutRecord(300)).append(nil)},
		{"no-entries", []byte{2, 1}},
		{"checkpoint", new(checkpointRecord(hardState{3, 1}, at(1, 2), at(2, 3), 2, 3)).append(nil)},
	}
}

func diskSeeds() []seed {
	rich := richDisk()
	torn := append(richDisk(), sealed(7, logRecord(6, 3))[:frameHeader+1], sealed(7, cutRecord(2)))
	rotten := richDisk()
	rotten[2][1] ^= 0x40
	return []seed{
		{"empty", nil},
		{"every-kind", joinDisk(rich)},
		{"torn-and-carried-on", joinDisk(torn)},
		{"rotten-length", joinDisk(rotten)},
		{"missing-record", joinDisk(append(rich[:2:2], rich[3:]...))},
		{"checkpoint", joinDisk([][]byte{sealed(7, checkpointRecord(hardState{3, 1}, at(1, 2), at(2, 3), 2, 3)),
			sealed(8, logRecord(5, 3))})},
	}
}

// joinDisk makes one string of a disk, as the fuzzer wants it: every record
// behind its length in two bytes.
func joinDisk(disk [][]byte) (b []byte) {
	for _, data := range disk {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(data)))
		b = append(b, data...)
	}
	return b
}

// splitDisk is the inverse; a last record may be shorter than its length says.
func splitDisk(b []byte) (disk [][]byte) {
	for len(b) >= 2 {
		n := min(int(binary.LittleEndian.Uint16(b)), len(b)-2)
		disk = append(disk, b[2:2+n])
		b = b[2+n:]
	}
	return disk
}

func addSeeds(f *testing.F, seeds []seed) {
	for _, s := range seeds {
		f.Add(s.data)
	}
}

func FuzzDecodeMessage(f *testing.F) {
	addSeeds(f, messageSeeds())
	f.Fuzz(func(t *testing.T, b []byte) {
		var m message
		if m.decode(b) == nil {
			require.Equal(t, b, m.append(nil))
			require.NotEmpty(t, System{}.DescribeMessage(raft.Message{Payload: b}))
		}
	})
}

func FuzzDecodeRecord(f *testing.F) {
	addSeeds(f, recordSeeds())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := decodeRecord(b); err == nil {
			require.Equal(t, b, r.append(nil))
			require.NotEmpty(t, r.describe())
		}
	})
}

// FuzzBoot takes its bytes twice: as a disk, and as the payloads of one, whose
// checksums and numbers are right, so that the fuzzer gets past them.
func FuzzBoot(f *testing.F) {
	addSeeds(f, diskSeeds())
	f.Fuzz(func(t *testing.T, b []byte) {
		disk := splitDisk(b)
		bootAndUse(t, disk)
		for i, data := range disk {
			disk[i] = append(make([]byte, frameHeader), data...)
			sealFrame(disk[i], uint64(i))
		}
		bootAndUse(t, disk)
	})
}

// bootAndUse boots from disk; if that succeeds, the node has to work.
func bootAndUse(t *testing.T, disk [][]byte) {
	n, err := bootSeeded(1, raft.FirstNodes(1), 7, disk)
	if err != nil {
		return
	}
	if n.hard.term == numberLimit-1 || n.log.lastIndex() > numberLimit/2 {
		return // there is no later term to stand for, or no index
	}
	for _, w := range timeout(n).Writes {
		disk = append(disk, bytes.Clone(w.Data))
	}
	require.Equal(t, n.snapshot.id.Index, n.applied)
	if n.config().Electors() == raft.NodeSetOf(1) {
		persist(n)
		persist(n)
		require.Equal(t, raft.Leader, n.role)
		require.Equal(t, n.log.lastIndex(), n.applied)
	}
	_, err = bootSeeded(1, raft.FirstNodes(1), 7, disk)
	require.NoError(t, err)
}

// The files below testdata/fuzz are the seeds above, in Go's corpus format.
// REWRITE_CORPUS=1 writes them anew when the encoding changes.
func TestCorpus_isOfTheSeeds(t *testing.T) {
	for target, seeds := range map[string][]seed{
		"FuzzDecodeMessage": messageSeeds(),
		"FuzzDecodeRecord":  recordSeeds(),
		"FuzzBoot":          diskSeeds(),
	} {
		dir := filepath.Join("testdata", "fuzz", target)
		for _, s := range seeds {
			want := fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", s.data)
			file := filepath.Join(dir, s.name)
			if os.Getenv("REWRITE_CORPUS") != "" {
				require.NoError(t, os.MkdirAll(dir, 0o755))
				require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
			}
			got, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, want, string(got), file)
		}
	}
}
