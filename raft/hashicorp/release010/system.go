package release010

import (
	"fmt"
	"io"
	"log"
	"strconv"
	"time"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
	"raftcheck/raft/bubble"
)

// System is release 0.1.0 of github.com/hashicorp/raft.
type System struct{}

// Name is the system's name in schedules.
func (System) Name() string { return "hashicorp-0.1.0" }

// Nondeterminism says why two runs of a schedule may differ.
func (System) Nondeterminism() string {
	return "goroutines that are scheduled by Go, and timeouts drawn from math/rand"
}

// DescribeMessage describes a message on one line.
func (System) DescribeMessage(m raft.Message) string { return describe(m) }

// DescribeWrite describes a record on one line.
func (System) DescribeWrite(data []byte) string { return bubble.Describe(data) }

// Boot starts a node; a disk that is rotten is an error, and so is one that the
// library refuses.
func (System) Boot(config raft.NodeConfig) (raft.Node, error) {
	n := newNode(&config)
	done := false
	defer func() {
		if !done {
			n.Stop()
		}
	}()
	var err error
	n.core.Do(func() { err = n.start(&config) }, func() bool { return err == nil && n.look() })
	done = err == nil
	if err != nil {
		return nil, err
	}
	return n, nil
}

// The times of a node, beside those of DefaultConfig. The last is never reached.
const (
	rpcTimeout       = 10 * bubble.Tick
	snapshotInterval = 100_000 * time.Hour
)

func (n *node) start(c *raft.NodeConfig) error {
	s := lib.DefaultConfig()
	s.Logger = log.New(io.Discard, "", 0)
	s.EnableSingleNode = c.Voters == raft.NodeSetOf(c.ID)
	s.DisableBootstrapAfterElect = false
	s.ShutdownOnRemove = false
	s.SnapshotInterval = snapshotInterval
	peers := &lib.StaticPeers{}
	if c.Voters.Has(c.ID) {
		for id := range c.Voters.All() {
			peers.StaticPeers = append(peers.StaticPeers, address(id))
		}
	}
	n.voters = c.Voters
	n.store.Factory = true
	n.store.SetUint64(keyTerm, 0)
	n.store.Factory = false
	if err := n.store.Load(c.Disk); err != nil {
		return err
	}
	var err error
	n.raft, err = lib.NewRaft(s, &n.fsm, logs{n.store}, stable{n.store}, lib.NewDiscardSnapshotStore(),
		peers, n.transport)
	return err
}

// address is a node's address, its number, and nodeID the node of an address.
func address(id raft.NodeID) string { return strconv.Itoa(int(id)) }

func nodeID(text string) raft.NodeID {
	if text == "" {
		return raft.None
	}
	id, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("%q is no node: %v", text, err))
	}
	return raft.NodeID(id)
}
