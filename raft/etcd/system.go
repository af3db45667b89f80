package etcd

import (
	"crypto/rand"
	"io"
	"strings"
	"sync"

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
	saved, err := adapter.Load(c.Disk)
	if err != nil {
		return nil, err
	}
	defer draw(c.Rand)()
	l, err := open(&c, saved)
	if err != nil {
		return nil, err
	}
	return &node{Node: adapter.Boot(c.ID, saved, l), rand: c.Rand}, nil
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

// node is a node that draws from its own randomness.
type node struct {
	*adapter.Node
	rand io.Reader
}

// Step gives the node one input.
func (n *node) Step(in raft.Input) raft.Output {
	defer draw(n.rand)()
	return n.Node.Step(in)
}

// drawing is held by the node whose randomness is the process's.
var drawing sync.Mutex

// draw has the library draw from r until the function that it returns is called.
func draw(r io.Reader) (end func()) {
	drawing.Lock()
	rest := rand.Reader
	rand.Reader = r
	return func() {
		rand.Reader = rest
		drawing.Unlock()
	}
}
