package live

import (
	"context"
	"errors"
	"os/exec"
	"time"

	"raftcheck/faults/live/network"
	"raftcheck/models/service"
)

// Server is a version of a server program. Its methods may be called side by side.
type Server interface {
	// Name is its name in schedules.
	Name() string
	// Services are the services that its clients offer, the usual one first.
	Services() service.Set
	// Prepare finds or builds the program, and returns its version. It is called once,
	// outside of the sandbox, where there is a network.
	Prepare(ctx context.Context) (version string, err error)
	// BootTime bounds the time from the start of every node to the first leader.
	BootTime() time.Duration
	// Command returns the command that starts a node. It may write files to the node's
	// folder, which has those of the node's last start.
	Command(n Node) (*exec.Cmd, error)
	// Status asks a node for its state.
	Status(ctx context.Context, n Node) (Status, error)
	// Serves returns nil if a linearizable read at the node is answered.
	Serves(ctx context.Context, n Node) error
	// State returns the state that all nodes share once they are equal.
	State(ctx context.Context, n Node) (State, error)
	// Dial returns a client, which is connected to no node yet.
	Dial(c Config) Client
}

// Node is a node as its server and its clients know it.
type Node struct {
	ID    int
	Dir   string   // of its data
	Addr  string   // of its own
	Addrs []string // of every node; node i is at position i-1
}

// Wired is a server whose nodes send their messages through the harness, which is their
// network. Its links have faults without a sandbox, too.
type Wired interface {
	Server
	// Wire returns the server and its network for one run of so many nodes.
	Wire(nodes int) Wiring
}

// Wiring is a server during one run, with the network between its nodes.
type Wiring interface {
	Server
	// Links are the faults that the network applies.
	Links() *network.Links
	// Breach says how a node broke its protocol with the network; "" if none did.
	Breach() string
	// Close ends the network, after the processes.
	Close()
}

// Commanded is a server whose program is named on the command line, by -exec.
type Commanded interface {
	Server
	// With returns the server whose nodes are started by the words of a command.
	With(words []string) Server
}

// Status is a node's account of itself.
type Status struct {
	Leads   bool
	Term    uint64 // or the epoch of the leader; 0 if nobody says so, and Leads is a guess
	Applied uint64 // index, or what grows like one
}

// State is a node's state machine at one moment. The zero State says nothing.
type State struct {
	Revision int64  // of the last write; 0 if the server does not say
	Hash     string // of the contents; "" if the server offers none
}

// Config is a client's number, and its clock.
type Config struct {
	Client uint32
	Tick   time.Duration
	Now    func() uint64 // ticks since the run began
}

// Client asks nodes, one operation at a time.
type Client interface {
	// Do carries out an operation of one of the server's services, through a node. After an
	// error the outcome is unknown, unless the error is [ErrRefused].
	Do(ctx context.Context, n Node, op service.Op) (Answer, error)
	// Close ends the client. It does not wait for the server.
	Close()
}

// Answer is the answer to an operation, in the words of the service's specification.
type Answer struct {
	Output string
	// Revision is the state of the server's own order that the operation made, or read;
	// 0 if the server does not say.
	Revision int64
	// Wrote tells the operation that made the revision from those that read it.
	Wrote bool
}

// ErrRefused is the error of an operation that certainly has no effect, now or later.
var ErrRefused = errors.New("refused")
