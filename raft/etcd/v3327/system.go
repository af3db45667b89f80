// Package v3327 is etcd's Raft as it was in github.com/coreos/etcd v3.3.27, in which
// a pre-vote of a lower term is dropped, so that two nodes may wait for each other
// for ever. It was mended in etcd commit 8597361f0, which go.etcd.io/raft/v3 has.
package v3327

import (
	"strconv"
	"strings"

	etcd "github.com/coreos/etcd/raft"
	pb "github.com/coreos/etcd/raft/raftpb"

	"raftcheck/raft"
	"raftcheck/raft/etcd/internal/adapter"
)

// System is the old release.
type System struct{}

// Name tells the release.
func (System) Name() string { return "etcd-v3.3.27" }

// Boot starts a node from what its disk holds.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	return adapter.Boot(&c, open, draw)
}

// DescribeMessage says what a message means, in the library's words.
func (System) DescribeMessage(m raft.Message) string {
	var p pb.Message
	if err := p.Unmarshal(m.Payload); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(etcd.DescribeMessage(p, func(data []byte) string { return strconv.Quote(string(data)) })), " ")
}

// DescribeWrite says what a disk record means, on one line.
func (System) DescribeWrite(data []byte) string { return adapter.DescribeWrite(data) }
