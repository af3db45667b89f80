// Package v360 is etcd's Raft as it was in go.etcd.io/raft/v3 v3.6.0. Two reads
// with the same context let a deposed leader answer (etcd issue 20418). Release
// v3.7.0 fixed it.
package v360

import (
	"strings"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"raftcheck/raft"
	"raftcheck/raft/etcd/adapter"
)

// System is the old release.
type System struct{}

// Name names the release.
func (System) Name() string { return "etcd-v3.6.0" }

// Boot starts a node from the records on its disk.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	return adapter.Boot(&c, open, adapter.DrawFromCrypto)
}

// DescribeMessage describes a message in the library's words.
func (System) DescribeMessage(m raft.Message) string {
	var p pb.Message
	if err := p.Unmarshal(m.Payload); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(etcd.DescribeMessage(p, nil)), " ")
}

// DescribeWrite describes a disk record on one line.
func (System) DescribeWrite(data []byte) string { return adapter.DescribeWrite(data) }
