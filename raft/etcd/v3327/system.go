// Package v3327 is etcd's Raft as it was in github.com/coreos/etcd v3.3.27. It
// drops a pre-vote of a lower term, so two nodes may wait for each other forever.
// Commit 8597361f0 of etcd fixed it; go.etcd.io/raft/v3 includes that commit.
package v3327

import (
	"strconv"
	"strings"

	etcd "github.com/coreos/etcd/raft"
	pb "github.com/coreos/etcd/raft/raftpb"

	"raftcheck/raft"
	"raftcheck/raft/etcd/adapter"
)

// System is the old release.
type System struct{}

// Name names the release.
func (System) Name() string { return "etcd-v3.3.27" }

// Boot starts a node from the records on its disk.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	return adapter.Boot(&c, open, draw)
}

// DescribeMessage describes a message in the library's words.
func (System) DescribeMessage(m raft.Message) string {
	var p pb.Message
	if err := p.Unmarshal(m.Payload); err != nil {
		return err.Error()
	}
	quote := func(data []byte) string { return strconv.Quote(string(data)) }
	return strings.Join(strings.Fields(etcd.DescribeMessage(p, quote)), " ")
}

// DescribeWrite describes a disk record on one line.
func (System) DescribeWrite(data []byte) string { return adapter.DescribeWrite(data) }
