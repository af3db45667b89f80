package etcd

import (
	"strings"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"raftcheck/raft"
	"raftcheck/raft/etcd/internal/adapter"
)

// System is etcd's Raft.
type System struct{}

// Name is "etcd".
func (System) Name() string { return "etcd" }

// Boot starts a node from what its disk holds.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	return adapter.Boot(&c, open, adapter.DrawFromCrypto)
}

// DescribeMessage says what a message means, in the library's words.
func (System) DescribeMessage(m raft.Message) string {
	var p pb.Message
	if err := proto.Unmarshal(m.Payload, &p); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(etcd.DescribeMessage(&p, nil)), " ")
}

// DescribeWrite says what a disk record means, on one line.
func (System) DescribeWrite(data []byte) string { return adapter.DescribeWrite(data) }
