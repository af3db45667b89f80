package hashicorp

import (
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"
	lib "github.com/hashicorp/raft"

	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/bubble"
	"raftcheck/raft/hashicorp/loyal"
)

// System is github.com/hashicorp/raft, of the release that the build has.
//
// It takes no batches (raft.Batching). The library's main loop takes any of the inputs that are
// there at one moment, by Go's select, so that runs of a schedule with batches would not repeat.
type System struct{}

// Name is the system's name in schedules.
func (System) Name() string { return "hashicorp" }

// Nondeterminism says why two runs of a schedule may differ.
func (System) Nondeterminism() string {
	return "goroutines that are scheduled by Go, and timeouts drawn from math/rand"
}

// Checkers returns the property that this Raft promises beside those of every Raft.
func (System) Checkers() []models.Checker { return []models.Checker{new(loyal.PreVote)} }

// Limits returns the abilities that the library lacks: joint configurations, as it changes one
// node at a time; reads at followers, and from a lease; snapshots in parts.
func (System) Limits() raft.Limits {
	return raft.Limits{Lacks: raft.Joint | raft.FollowerReads | raft.LeaseReads | raft.Chunks}
}

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
	if err := n.boot(&config); err != nil {
		return nil, err
	}
	done = true
	return n, nil
}

// The times of a node, beside those of DefaultConfig. The last is never reached.
const (
	rpcTimeout       = 10 * bubble.Tick
	snapshotInterval = 100_000 * time.Hour
)

// settings are the library's settings of a node.
func settings(c *raft.NodeConfig) *lib.Config {
	s := lib.DefaultConfig()
	s.LocalID = serverID(c.ID)
	s.PreVoteDisabled = !c.PreVote
	s.Logger = hclog.NewNullLogger()
	s.ShutdownOnRemove = false
	s.SnapshotInterval = snapshotInterval
	return s
}

// boot starts the library on the records of the disk.
func (n *node) boot(c *raft.NodeConfig) (err error) {
	n.core.Do(func() { err = n.start(c) }, func() bool { return err == nil && n.look() })
	return err
}

func (n *node) start(c *raft.NodeConfig) error {
	s := settings(c)
	n.first = c.Voters
	n.store.Factory = true
	n.store.SetUint64(keyTerm, 0)
	if c.Voters.Has(c.ID) {
		err := lib.BootstrapCluster(s, logs{n.store}, stable{n.store}, snapshots{n.store}, n.transport,
			servers(c.Voters))
		if err != nil {
			return err
		}
	}
	n.store.Factory = false
	if err := n.store.Load(c.Disk); err != nil {
		return err
	}
	var err error
	n.raft, err = lib.NewRaft(s, &n.fsm, logs{n.store}, stable{n.store}, snapshots{n.store}, n.transport)
	return err
}

// servers is the configuration of these voters.
func servers(voters raft.NodeSet) lib.Configuration {
	c := lib.Configuration{}
	for id := range voters.All() {
		c.Servers = append(c.Servers, lib.Server{ID: serverID(id), Address: address(id)})
	}
	return c
}

// A server's ID and its address are the node's number.
func serverID(id raft.NodeID) lib.ServerID     { return lib.ServerID(strconv.Itoa(int(id))) }
func address(id raft.NodeID) lib.ServerAddress { return lib.ServerAddress(serverID(id)) }

// nodeID is the node that a text names, none if it is empty.
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

// configuration is a configuration of the library in the words of the seam.
func configuration(c *lib.Configuration) raft.Configuration {
	out := raft.Configuration{}
	for _, s := range c.Servers {
		if id := nodeID(string(s.ID)); s.Suffrage == lib.Voter {
			out.Voters = out.Voters.With(id)
		} else {
			out.Learners = out.Learners.With(id)
		}
	}
	return out
}
