package etcd

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"raftcheck/faults/live"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// Server is a release of etcd.
type Server struct {
	// Release is a version such as 3.7.3, which is built, or "debian", which is installed.
	Release string
	// Serializable makes every read a serializable one, which may be stale: etcd documents so.
	Serializable bool
	// Wide makes every put a transaction whose condition reads wideKeys keys: it takes long
	// to apply, so that the backend commits in the middle of it.
	Wide bool
}

var _ live.Server = Server{}

// The ports of a node, at its own address.
const (
	clientPort = "2379"
	peerPort   = "2380"
)

// Name is etcd with its release.
func (s Server) Name() string {
	name := "etcd-" + s.Release
	if s.Serializable {
		name += "+serializable"
	}
	if s.Wide {
		name += "+wide"
	}
	return name
}

// Services are those of the house that etcd's clients can offer.
func (s Server) Services() service.Set {
	return service.Set{kv.Service{}, election.Service{}, election.Service{Trusting: true}}
}

// BootTime is many times what a cluster takes on a machine that is busy.
func (s Server) BootTime() time.Duration { return time.Minute }

// Command starts a node that elects within a second.
func (s Server) Command(n live.Node) (*exec.Cmd, error) {
	program, err := s.program()
	if err != nil {
		return nil, err
	}
	var peers []string
	for i, addr := range n.Addrs {
		peers = append(peers, fmt.Sprintf("n%d=http://%s:%s", i+1, addr, peerPort))
	}
	client, peer := "http://"+n.Addr+":"+clientPort, "http://"+n.Addr+":"+peerPort
	return exec.Command(program, "--name", fmt.Sprintf("n%d", n.ID), "--data-dir", n.Dir+"/data",
		"--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
		"--initial-cluster", strings.Join(peers, ","), "--initial-cluster-state", "new",
		"--heartbeat-interval", "50", "--election-timeout", "500", "--logger", "zap"), nil
}

// reconnect is how soon a connection that was lost is tried again.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, MaxDelay: 200 * time.Millisecond},
	MinConnectTimeout: time.Second,
}

// connect returns a client of one node.
func connect(n live.Node) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{
		Endpoints: []string{n.Addr + ":" + clientPort}, DialTimeout: time.Second, Logger: zap.NewNop(),
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(reconnect)},
	})
}

// asked calls f with a client of a node.
func asked[T any](n live.Node, f func(*clientv3.Client) (T, error)) (T, error) {
	c, err := connect(n)
	if err != nil {
		var none T
		return none, err
	}
	defer c.Close()
	return f(c)
}

// Status asks a node who leads.
func (s Server) Status(ctx context.Context, n live.Node) (live.Status, error) {
	return asked(n, func(c *clientv3.Client) (live.Status, error) {
		r, err := c.Status(ctx, n.Addr+":"+clientPort)
		if err != nil {
			return live.Status{}, err
		}
		return live.Status{
			Leads: r.Leader == r.Header.MemberId, Term: r.RaftTerm, Applied: r.RaftAppliedIndex,
		}, nil
	})
}

// Serves reads a key at a node.
func (s Server) Serves(ctx context.Context, n live.Node) error {
	_, err := asked(n, func(c *clientv3.Client) (*clientv3.GetResponse, error) { return c.Get(ctx, "probe") })
	return err
}

// State is the revision of a node and etcd's own hash of all keys up to it.
func (s Server) State(ctx context.Context, n live.Node) (live.State, error) {
	return asked(n, func(c *clientv3.Client) (live.State, error) {
		r, err := c.HashKV(ctx, n.Addr+":"+clientPort, 0)
		if err != nil {
			return live.State{}, err
		}
		return live.State{Revision: r.Header.Revision, Hash: fmt.Sprintf("%08x", r.Hash)}, nil
	})
}

// Dial returns a client.
func (s Server) Dial(c live.Config) live.Client {
	return &client{
		config: c, serializable: s.Serializable, wide: s.Wide,
		conns: map[int]*clientv3.Client{}, held: map[grant]clientv3.LeaseID{},
	}
}
