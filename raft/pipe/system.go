package pipe

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"raftcheck/raft"
	"raftcheck/raft/seal"
)

// protocol is the version of PROTOCOL.md that this package speaks.
const protocol = 1

// System is an implementation behind a command. It may be used by several goroutines.
type System struct {
	command  string
	traits   traits
	patience atomic.Int64
	doubt    atomic.Int64
	asked    chan struct{} // closed by End
	ends     sync.Once

	mu     sync.Mutex
	free   []*child
	alive  map[*child]bool
	closed bool
}

var (
	_ raft.Nondeterministic = (*uncertain)(nil)
	_ raft.Readless         = (*System)(nil)
	_ raft.Learning         = (*System)(nil)
	_ raft.Batching         = (*System)(nil)
	_ raft.Limited          = (*System)(nil)
	_ raft.Describer        = (*System)(nil)
)

// traits is a program's answer to hello.
type traits struct {
	protocol         uint64
	name             string
	readless         string
	nondeterministic string
	learners         bool
	batches          bool
	raw              bool
	fresh            bool
	limits           raft.Limits
}

// uncertain is a System that states that it is not deterministic.
type uncertain struct{ *System }

// Nondeterminism returns the program's reason.
func (s uncertain) Nondeterminism() string { return s.traits.nondeterministic }

// Program is a system behind a command, with processes to end.
type Program interface {
	raft.System
	// End notes that this process is asked to end. A process of the program that ends by such a
	// signal then was asked as well, and a node has a [raft.Outage].
	End()
	// Close kills every process of the program. No other method may follow.
	Close()
}

// Open starts the program of a command, which a shell runs, and asks it for its traits. It
// fails if the program cannot be started or speaks another protocol.
func Open(command string) (Program, error) {
	s := &System{command: command, alive: map[*child]bool{}, asked: make(chan struct{})}
	s.patience.Store(int64(firstPatience))
	s.doubt.Store(int64(doubt))
	c, err := s.start()
	if err != nil {
		return nil, fmt.Errorf("-exec %q: %w", command, err)
	}
	s.release(c)
	if s.traits.nondeterministic != "" {
		return uncertain{s}, nil
	}
	return s, nil
}

// End notes that this process is asked to end.
func (s *System) End() { s.ends.Do(func() { close(s.asked) }) }

// Close kills every process of the program.
func (s *System) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.alive {
		c.kill()
	}
	s.alive, s.free = nil, nil
}

// Name returns the program's name of its implementation.
func (s *System) Name() string { return s.traits.name }

// Readless returns the program's reason to have no reads.
func (s *System) Readless() string { return s.traits.readless }

// Learns reports whether the program knows learners of the first configuration.
func (s *System) Learns() bool { return s.traits.learners }

// Batches reports whether the program takes batches and lags.
func (s *System) Batches() bool { return s.traits.batches }

// Limits returns the limits that the program states.
func (s *System) Limits() raft.Limits { return s.traits.limits }

// DescribeMessage describes a message by its payload.
func (s *System) DescribeMessage(m raft.Message) string { return m.Kind + " " + s.shown(m.Payload) }

// DescribeWrite describes a record by its body.
func (s *System) DescribeWrite(data []byte) string {
	if s.traits.raw {
		return s.shown(data)
	}
	body, torn, err := seal.Open(data)
	switch {
	case err != nil:
		return err.Error()
	case torn:
		return "torn"
	}
	return s.shown(body)
}

func (s *System) shown(data []byte) string {
	if s.traits.raw {
		return fmt.Sprintf("%q", data)
	}
	return string(data)
}

// start starts a process and asks it for its traits.
func (s *System) start() (*child, error) {
	c, err := s.launch()
	if err != nil {
		return nil, err
	}
	line, err := c.askWithin(startPatience, []byte(hello))
	if err != nil {
		return nil, fmt.Errorf("to hello: %w", err)
	}
	t, err := introduced(line)
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("to hello: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.kill()
		return nil, errors.New("the program was closed")
	}
	if s.traits.name == "" {
		s.traits = t
	}
	if t != s.traits {
		c.kill()
		return nil, errors.New("to hello: another answer than at its first start")
	}
	s.alive[c] = true
	return c, nil
}

// mostNodes is more than a cluster ever has.
const mostNodes = 1 << 10

// introduced reads the answer to hello.
func introduced(line []byte) (t traits, err error) {
	r := &reader{scanner{line: line}, false}
	r.object(func(key []byte) {
		switch string(key) {
		case "protocol":
			t.protocol = r.number(1 << 20)
		case "name":
			t.name = string(r.text())
		case "readless":
			t.readless = string(r.text())
		case "nondeterministic":
			t.nondeterministic = string(r.text())
		case "learners":
			t.learners = r.truth()
		case "batches":
			t.batches = r.truth()
		case "raw":
			t.raw = r.truth()
		case "fresh":
			t.fresh = r.truth()
		case "nodes":
			sizes := r.at()
			t.limits.Least, t.limits.Most = int(min(sizes.Term, mostNodes)), int(min(sizes.Index, mostNodes))
		case "entries":
			t.limits.Entries = raft.Index(r.number(math.MaxUint32))
		case "algorithm":
			t.limits.Algorithm = string(r.text())
		case "halves":
			t.limits.Halves = r.truth()
		case "lacks":
			r.array(func() { t.limits.Lacks |= 1 << r.choice("an ability", raft.AbilityNames...) })
		default:
			r.unknown("the answer", key)
		}
	})
	r.end()
	switch {
	case r.err != "":
		return t, errors.New(r.err)
	case t.protocol != protocol:
		return t, fmt.Errorf("expected \"protocol\":%d, found %d", protocol, t.protocol)
	case t.name == "":
		return t, errors.New("the answer has no \"name\"")
	}
	return t, nil
}

// acquire returns a process that holds no node.
func (s *System) acquire() (*child, error) {
	s.mu.Lock()
	if n := len(s.free); n > 0 {
		c := s.free[n-1]
		s.free = s.free[:n-1]
		s.mu.Unlock()
		return c, nil
	}
	s.mu.Unlock()
	return s.start()
}

// release takes back a process that answers: another node may have it.
func (s *System) release(c *child) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.traits.fresh || s.closed {
		c.kill()
		delete(s.alive, c)
		return
	}
	s.free = append(s.free, c)
}

// lose forgets a process that was killed.
func (s *System) lose(c *child) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.alive, c)
}

// Boot has a process start a node. A record that is torn stays away from the program, and
// one that is rotten is an error, unless the program reads what lies on the disk.
func (s *System) Boot(c raft.NodeConfig) (raft.Node, error) {
	records := c.Disk
	if !s.traits.raw {
		var err error
		if records, err = seal.Bodies(c.Disk); err != nil {
			return nil, err
		}
	}
	seed, err := drawSeed(c.Rand)
	if err != nil {
		return nil, err
	}
	process, err := s.acquire()
	if err != nil {
		panic(raft.Outage{Err: fmt.Errorf("-exec %q: %w", s.command, err)})
	}
	n := &node{system: s, child: process, id: c.ID, verifies: seed%verifiesIn == 0}
	a := n.ask(boot(&c, seed, records, s.traits.raw))
	if a.error != "" {
		n.Stop()
		return nil, errors.New(a.error)
	}
	n.takeIn(a)
	if a.status == nil {
		return n, nil
	}
	return &inspected{n}, nil
}
