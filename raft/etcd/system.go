package etcd

import (
	"strings"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"raftcheck/raft"
	"raftcheck/raft/etcd/adapter"
)

// System is etcd's Raft, with precautions that an application can take:
//
//   - A request for a vote waits until the candidate's own vote is durable, and
//     the log that the request describes. The library's documentation lets it
//     leave at once. A candidate that crashes may then be elected by votes for
//     a log that it lost.
//   - The only voter receives no read before it committed an entry of its term.
//     Until then its commit index may be lower than before its crash, and the
//     library does not wait for it (etcd-io/raft pull request 105).
//   - No voter is removed from a cluster of two voters or fewer, as the
//     library's documentation advises. A configuration takes effect once it is
//     applied. The removed voter may know of its removal and elect no node any
//     more, while the remaining one does not know of it and needs its vote.
type System struct{}

// Unguarded is etcd's Raft without those precautions.
type Unguarded struct{ System }

// Name is "etcd+unguarded".
func (Unguarded) Name() string { return "etcd+unguarded" }

// Boot starts a node from the records on its disk.
func (Unguarded) Boot(c raft.NodeConfig) (raft.Node, error) { return boot(&c, false) }

// Name is "etcd".
func (System) Name() string { return "etcd" }

// Boot starts a node from the records on its disk.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	return boot(&c, true)
}

// Liberties returns the library's deviations from the paper's algorithm: a leader appends the
// proposals that other nodes forward, and a blank entry in place of a configuration that it
// rejects; a candidate that a quorum rejects becomes a follower; the commit index is stored. A
// pre-vote that was granted for term 1 also counts for term 2, if it arrives in term 1. A read
// waits for a later leader.
func (System) Liberties() raft.Liberties {
	return raft.Forwards | raft.Blanks | raft.Concedes | raft.KeepsCommit | raft.OldPreVotes | raft.MovesReads
}

// Limits returns the precaution about two voters. The library has every ability, in clusters of
// any size; reads from a lease are answered like others.
func (System) Limits() raft.Limits { return raft.Limits{Keeps: 2} }

// Bounds returns the bounds with which the library is configured.
func (System) Bounds() raft.Bounds {
	return raft.Bounds{Bytes: maxSizePerMsg, Requests: maxInflightMsgs}
}

// Carried returns the entries of a MsgApp, with the size of their encodings.
func (System) Carried(m *raft.Message) raft.Carried {
	var p pb.Message
	if m.Kind != "AppendEntries" || proto.Unmarshal(m.Payload, &p) != nil || len(p.GetEntries()) == 0 {
		return raft.Carried{}
	}
	c := raft.Carried{First: raft.Index(p.GetIndex() + 1), Count: len(p.GetEntries())}
	for _, e := range p.GetEntries() {
		c.Bytes += proto.Size(e)
	}
	return c
}

// Limits returns none.
func (Unguarded) Limits() raft.Limits { return raft.Limits{} }

// Batches reports that nodes take batches, as an application does that takes a Ready after
// several messages, and that applies in a goroutine of its own.
func (System) Batches() bool { return true }

func boot(c *raft.NodeConfig, guarded bool) (raft.Node, error) {
	opened := func(c *raft.NodeConfig, s *adapter.Saved) (adapter.Library, error) { return open(c, s, guarded) }
	return adapter.Boot(c, opened, adapter.DrawFromCrypto)
}

// DescribeMessage describes a message in the library's words.
func (System) DescribeMessage(m raft.Message) string {
	var p pb.Message
	if err := proto.Unmarshal(m.Payload, &p); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(etcd.DescribeMessage(&p, nil)), " ")
}

// DescribeWrite describes a disk record on one line.
func (System) DescribeWrite(data []byte) string { return adapter.DescribeWrite(data) }
