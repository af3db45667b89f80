package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-zookeeper/zk"

	"raftcheck/faults/live"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// client asks nodes.
type client struct {
	sessions map[int]*zk.Conn // by node
	config   live.Config
	unsynced bool

	mu   sync.Mutex
	held map[string]*leadership // by name
}

// Do carries out an operation.
func (c *client) Do(ctx context.Context, n live.Node, op service.Op) (live.Answer, error) {
	conn := c.sessions[n.ID]
	if conn == nil {
		var err error
		if conn, err = connect(n, sessionTimeout, nil); err != nil {
			return live.Answer{}, errors.Join(live.ErrRefused, err)
		}
		c.sessions[n.ID] = conn
	}
	// An operation that came to no end in time may still go on beside the next one.
	asked := session{c, n, conn}
	switch op := op.(type) {
	case kv.Op:
		type result struct {
			live.Answer
			error
		}
		done := make(chan result, 1)
		go func() {
			answer, err := asked.store(op)
			done <- result{answer, err}
		}()
		select {
		case r := <-done:
			return r.Answer, r.error
		case <-ctx.Done():
			return live.Answer{}, ctx.Err()
		}
	case election.Op:
		return asked.elect(ctx, op)
	}
	return live.Answer{}, fmt.Errorf("%w: no operation of ZooKeeper: %v", live.ErrRefused, op)
}

// Close ends the client and its sessions. A connection that is blocked ends by itself.
func (c *client) Close() {
	for _, conn := range c.sessions {
		go conn.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.held {
		if l != nil {
			l.close()
		}
	}
}

// session is a client's session at one node.
type session struct {
	*client
	node live.Node
	conn *zk.Conn
}

var anyone = zk.WorldACL(zk.PermAll)

// store carries out an operation of the key-value store. A step that another client
// overtook is tried again: it had no effect.
func (c session) store(op kv.Op) (live.Answer, error) {
	path := "/" + op.Name
	for {
		answer, err := c.try(path, op)
		if err != zk.ErrBadVersion && err != zk.ErrNodeExists && err != zk.ErrNoNode {
			return answer, err
		}
	}
}

func (c session) try(path string, op kv.Op) (live.Answer, error) {
	switch op.Kind {
	case kv.Get:
		value, stat, err := c.read(path, !c.unsynced)
		if err != nil {
			return live.Answer{}, err
		}
		return live.Answer{Output: value, Revision: stat.Mzxid}, nil
	case kv.Put:
		stat, err := c.conn.Set(path, []byte(op.Value), -1)
		if err == zk.ErrNoNode {
			return c.create(path, op.Value)
		}
		return written(stat, err)
	case kv.Delete:
		if err := c.conn.Delete(path, -1); err != nil && err != zk.ErrNoNode {
			return live.Answer{}, err
		}
		return live.Answer{Output: "ok"}, nil
	}
	return c.change(path, op)
}

// change writes a value that depends on the one that is there.
func (c session) change(path string, op kv.Op) (live.Answer, error) {
	value, stat, err := c.read(path, true)
	if err != nil {
		return live.Answer{}, err
	}
	next, ok := kv.Spec().Step(value, op.Input(), "ok", true)
	switch {
	case !ok && op.Kind == kv.Cas:
		return live.Answer{Output: "no", Revision: stat.Mzxid}, nil
	case !ok:
		return live.Answer{Output: "full", Revision: stat.Mzxid}, nil
	case value == kv.Nil:
		return c.create(path, next)
	}
	return written(c.conn.Set(path, []byte(next), stat.Version))
}

// written is the answer to a write.
func written(stat *zk.Stat, err error) (live.Answer, error) {
	if err != nil {
		return live.Answer{}, err
	}
	return live.Answer{Output: "ok", Revision: stat.Mzxid, Wrote: true}, nil
}

// create writes the first value of a key. ZooKeeper does not say at which transaction.
func (c session) create(path, value string) (live.Answer, error) {
	_, err := c.conn.Create(path, []byte(value), 0, anyone)
	return live.Answer{Output: "ok"}, err
}

// read returns the value of a key, or Nil with an empty stat.
func (c session) read(path string, synced bool) (string, *zk.Stat, error) {
	if synced {
		if _, err := c.conn.Sync(path); err != nil {
			return "", nil, err
		}
	}
	data, stat, err := c.conn.Get(path)
	if errors.Is(err, zk.ErrNoNode) {
		return kv.Nil, &zk.Stat{}, nil
	}
	return string(data), stat, err
}
