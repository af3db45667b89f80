package zookeeper

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"raftcheck/faults/live"
	"raftcheck/models/election"
)

// leadership is a session with the ephemeral node of a leadership that was granted. Its
// worker is heard only while it calls: between two calls the gate is closed, and the
// session goes on for its time to live, as that of a worker that stands still.
type leadership struct {
	conn  *zk.Conn
	gate  *gate
	token uint64
}

func (l *leadership) close() {
	l.gate.open()
	go l.conn.Close()
}

// leadership is the one of a name that the client was granted, nil if it was granted none.
func (c *client) leadership(name string) *leadership {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[name]
}

// hold keeps a leadership; nil forgets it.
func (c *client) hold(name string, l *leadership) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[name] = l
}

// path is the ephemeral node of a leadership.
func path(name string) string { return "/leader-" + name }

// elect carries out an operation on a leadership.
func (c session) elect(ctx context.Context, op election.Op) (live.Answer, error) {
	a := election.Answer{Client: c.config.Client, Now: c.config.Now()}
	err := within(ctx, func() error {
		switch op.Kind {
		case election.Campaign:
			return c.campaign(ctx, op, &a)
		case election.Keepalive:
			return c.keep(ctx, op, &a)
		case election.Resign:
			return c.resign(op, &a)
		}
		return c.holder(op, &a)
	})
	if err != nil {
		return live.Answer{}, err
	}
	return live.Answer{Output: a.String()}, nil
}

// campaign makes the node of a leadership in a session of its own, if there is none.
func (c session) campaign(ctx context.Context, op election.Op, a *election.Answer) error {
	if l := c.leadership(op.Name); l != nil {
		renewal := election.Op{Kind: election.Keepalive, Name: op.Name, Token: l.token, TTL: op.TTL}
		if err := c.keep(ctx, renewal, a); err != nil || a.Verdict == election.Kept {
			a.Verdict, a.Token = election.Granted, l.token
			return err
		}
	}
	l := &leadership{gate: newGate()}
	var err error
	l.conn, err = connect(c.node, max(time.Duration(op.TTL)*c.config.Tick, 2*tick), l.gate.dial)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, l.close)
	defer stop()
	_, err = l.conn.Create(path(op.Name), fmt.Append(nil, c.config.Client), zk.FlagEphemeral, anyone)
	if err != nil {
		l.close()
		if err == zk.ErrNodeExists {
			return c.holder(op, a)
		}
		return err
	}
	_, stat, err := l.conn.Exists(path(op.Name))
	if err != nil {
		return err
	}
	l.token = uint64(stat.Czxid)
	c.hold(op.Name, l)
	a.Verdict, a.Token = election.Granted, l.token
	l.gate.close()
	return nil
}

// keep renews the session of a leadership by a write.
func (c session) keep(ctx context.Context, op election.Op, a *election.Answer) error {
	a.Verdict = election.Lost
	l := c.leadership(op.Name)
	if l == nil || l.token != op.Token {
		return nil
	}
	l.gate.open()
	defer l.gate.close()
	defer context.AfterFunc(ctx, l.gate.close)()
	exists, stat, err := l.conn.Exists(path(op.Name))
	if err == nil && exists && uint64(stat.Czxid) == l.token && stat.EphemeralOwner == l.conn.SessionID() {
		a.Verdict = election.Kept
		return nil
	}
	if err == nil || err == zk.ErrSessionExpired {
		c.hold(op.Name, nil)
		l.close()
		return nil
	}
	return err
}

// resign deletes the node of a leadership.
func (c session) resign(op election.Op, a *election.Answer) error {
	a.Verdict = election.Lost
	l := c.leadership(op.Name)
	if l == nil || l.token != op.Token {
		return nil
	}
	c.hold(op.Name, nil)
	l.close() // the end of its session deletes the node
	a.Verdict = election.Resigned
	return nil
}

// holder reads who leads.
func (c session) holder(op election.Op, a *election.Answer) error {
	if _, err := c.conn.Sync(path(op.Name)); err != nil {
		return err
	}
	data, stat, err := c.conn.Get(path(op.Name))
	switch {
	case err == zk.ErrNoNode && op.Kind == election.Holder:
		a.Verdict = election.Free
		return nil
	case err != nil:
		return err
	}
	a.Verdict, a.Token = election.Led, uint64(stat.Czxid)
	if op.Kind == election.Campaign {
		a.Verdict = election.Held
	}
	_, err = fmt.Sscan(string(data), &a.Holder)
	return err
}

// gate holds back the packets of a connection while it is closed.
type gate struct {
	mu     sync.Mutex
	opened chan struct{} // closed while the gate is open
}

func newGate() *gate {
	g := &gate{opened: make(chan struct{})}
	close(g.opened)
	return g
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.opened:
	default:
		close(g.opened)
	}
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.opened:
		g.opened = make(chan struct{})
	default:
	}
}

// wait returns a channel that is closed once the gate is open.
func (g *gate) wait() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.opened
}

// dial is a zk.Dialer whose connections the gate holds back.
func (g *gate) dial(network, address string, timeout time.Duration) (net.Conn, error) {
	<-g.wait()
	conn, err := net.DialTimeout(network, address, timeout)
	if err != nil {
		return nil, err
	}
	return &gated{Conn: conn, gate: g, closed: make(chan struct{})}, nil
}

// gated is a connection that writes while its gate is open.
type gated struct {
	net.Conn
	gate   *gate
	once   sync.Once
	closed chan struct{}
}

// Write waits for the gate to open, or for the connection to close.
func (c *gated) Write(b []byte) (int, error) {
	select {
	case <-c.gate.wait():
		return c.Conn.Write(b)
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

// Close closes the connection.
func (c *gated) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
