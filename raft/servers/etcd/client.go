package etcd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"raftcheck/faults/live"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// client asks nodes.
type client struct {
	conns        map[int]*clientv3.Client // by node
	conn         *clientv3.Client         // to the node that is asked now
	config       live.Config
	serializable bool
	wide         bool
	filled       bool                       // the keys of wide conditions are there
	held         map[grant]clientv3.LeaseID // of the leaderships that it was granted
}

// grant names a leadership that a client was granted.
type grant struct {
	name  string
	token uint64
}

// Do carries out an operation.
func (c *client) Do(ctx context.Context, n live.Node, op service.Op) (answer live.Answer, err error) {
	if c.conn = c.conns[n.ID]; c.conn == nil {
		if c.conn, err = connect(n); err != nil {
			return answer, errors.Join(live.ErrRefused, err)
		}
		c.conns[n.ID] = c.conn
	}
	switch op := op.(type) {
	case kv.Op:
		answer, err = c.store(ctx, op)
	case election.Op:
		answer, err = c.elect(ctx, op)
	default:
		err = fmt.Errorf("%w: no operation of etcd: %v", live.ErrRefused, op)
	}
	if err != nil && strings.Contains(err.Error(), "connection refused") {
		err = errors.Join(live.ErrRefused, err) // no server was there to take it
	}
	return answer, err
}

// Close ends the client.
func (c *client) Close() {
	for _, conn := range c.conns {
		conn.Close()
	}
}

func wrote(output string, revision int64) live.Answer {
	return live.Answer{Output: output, Revision: revision, Wrote: true}
}

// store carries out an operation of the key-value store.
func (c *client) store(ctx context.Context, op kv.Op) (live.Answer, error) {
	switch op.Kind {
	case kv.Get:
		value, revision, _, err := c.read(ctx, op.Name, c.serializable)
		return live.Answer{Output: value, Revision: revision}, err
	case kv.Put:
		if c.wide {
			return c.putWide(ctx, op)
		}
		r, err := c.conn.Put(ctx, op.Name, op.Value)
		if err != nil {
			return live.Answer{}, err
		}
		return wrote("ok", r.Header.Revision), nil
	case kv.Delete:
		r, err := c.conn.Delete(ctx, op.Name)
		if err != nil {
			return live.Answer{}, err
		}
		return live.Answer{Output: "ok", Revision: r.Header.Revision, Wrote: r.Deleted > 0}, nil
	case kv.Cas:
		return c.swap(ctx, op)
	default:
		return c.extend(ctx, op)
	}
}

// read returns the value of a key, the revision of the store, and that of the key.
func (c *client) read(ctx context.Context, key string, serializable bool) (value string, store, own int64, err error) {
	var options []clientv3.OpOption
	if serializable {
		options = append(options, clientv3.WithSerializable())
	}
	r, err := c.conn.Get(ctx, key, options...)
	if err != nil {
		return "", 0, 0, err
	}
	if len(r.Kvs) == 0 {
		return kv.Nil, r.Header.Revision, 0, nil
	}
	return string(r.Kvs[0].Value), r.Header.Revision, r.Kvs[0].ModRevision, nil
}

// swap writes a value in the place of another one, as one transaction.
func (c *client) swap(ctx context.Context, op kv.Op) (live.Answer, error) {
	expected := clientv3.Compare(clientv3.Value(op.Name), "=", op.Old)
	if op.Old == kv.Nil {
		expected = clientv3.Compare(clientv3.CreateRevision(op.Name), "=", 0)
	}
	r, err := c.conn.Txn(ctx).If(expected).Then(clientv3.OpPut(op.Name, op.Value)).Commit()
	switch {
	case err != nil:
		return live.Answer{}, err
	case r.Succeeded:
		return wrote("ok", r.Header.Revision), nil
	}
	return live.Answer{Output: "no", Revision: r.Header.Revision}, nil
}

// extend appends a value: it reads, and writes unless somebody else wrote in between.
func (c *client) extend(ctx context.Context, op kv.Op) (live.Answer, error) {
	for {
		value, store, own, err := c.read(ctx, op.Name, false)
		if err != nil {
			return live.Answer{}, errors.Join(live.ErrRefused, err)
		}
		next, _ := kv.Spec().Step(value, "append "+op.Value, "", false)
		if next == value {
			return live.Answer{Output: "full", Revision: store}, nil
		}
		r, err := c.conn.Txn(ctx).If(clientv3.Compare(clientv3.ModRevision(op.Name), "=", own)).
			Then(clientv3.OpPut(op.Name, next)).Commit()
		switch {
		case err != nil:
			return live.Answer{}, err
		case r.Succeeded:
			return wrote("ok", r.Header.Revision), nil
		}
	}
}

// prefix begins the keys of leaderships.
const prefix = "leader/"

// elect carries out an operation on a leadership.
func (c *client) elect(ctx context.Context, op election.Op) (live.Answer, error) {
	a := election.Answer{Client: c.config.Client, Now: c.config.Now()}
	var err error
	switch op.Kind {
	case election.Campaign:
		err = c.campaign(ctx, op, &a)
	case election.Keepalive:
		err = c.keep(ctx, op, &a)
	case election.Resign:
		err = c.resign(ctx, op, &a)
	default:
		err = c.holder(ctx, op, &a)
	}
	return live.Answer{Output: a.String()}, err
}

// seconds is a time to live in seconds, as etcd counts it.
func (c *client) seconds(ticks uint64) int64 {
	return int64((time.Duration(ticks)*c.config.Tick + time.Second - 1) / time.Second)
}

// campaign makes the key of the leadership with a new lease, if there is none. A client
// that holds the leadership renews it.
func (c *client) campaign(ctx context.Context, op election.Op, a *election.Answer) error {
	for own := range c.held {
		if own.name == op.Name {
			renewal := election.Op{Kind: election.Keepalive, Name: op.Name, Token: own.token, TTL: op.TTL}
			if err := c.keep(ctx, renewal, a); err != nil || a.Verdict == election.Kept {
				a.Verdict, a.Token = election.Granted, own.token
				return err
			}
		}
	}
	lease, err := c.conn.Grant(ctx, c.seconds(op.TTL))
	if err != nil {
		return err
	}
	key := prefix + op.Name
	r, err := c.conn.Txn(ctx).If(clientv3.Compare(clientv3.CreateRevision(key), "=", 0)).
		Then(clientv3.OpPut(key, fmt.Sprint(c.config.Client), clientv3.WithLease(lease.ID))).
		Else(clientv3.OpGet(key)).Commit()
	if err != nil {
		return err
	}
	if r.Succeeded {
		a.Verdict, a.Token, a.Until = election.Granted, uint64(r.Header.Revision), a.Now+op.TTL
		c.held[grant{op.Name, a.Token}] = lease.ID
		return nil
	}
	c.conn.Revoke(ctx, lease.ID) // otherwise it runs out by itself
	a.Verdict = election.Held
	_, err = fmt.Sscan(string(r.Responses[0].GetResponseRange().Kvs[0].Value), &a.Holder)
	return err
}

// keep renews the lease of a leadership.
func (c *client) keep(ctx context.Context, op election.Op, a *election.Answer) error {
	a.Verdict = election.Lost
	lease, ok := c.held[grant{op.Name, op.Token}]
	if !ok {
		return nil
	}
	r, err := c.conn.KeepAliveOnce(ctx, lease)
	switch {
	case err != nil && strings.Contains(err.Error(), "requested lease not found"):
		delete(c.held, grant{op.Name, op.Token})
		return nil
	case err != nil:
		return err
	}
	granted := uint64(time.Duration(r.TTL) * time.Second / c.config.Tick)
	a.Verdict, a.Until = election.Kept, a.Now+min(op.TTL, granted)
	return nil
}

// resign deletes the key of a leadership, if it has the token.
func (c *client) resign(ctx context.Context, op election.Op, a *election.Answer) error {
	key := prefix + op.Name
	r, err := c.conn.Txn(ctx).If(clientv3.Compare(clientv3.CreateRevision(key), "=", int64(op.Token))).
		Then(clientv3.OpDelete(key)).Commit()
	if err != nil {
		return err
	}
	a.Verdict = election.Lost
	if r.Succeeded {
		a.Verdict = election.Resigned
		delete(c.held, grant{op.Name, op.Token})
	}
	return nil
}

// holder reads who leads.
func (c *client) holder(ctx context.Context, op election.Op, a *election.Answer) error {
	r, err := c.conn.Get(ctx, prefix+op.Name)
	switch {
	case err != nil:
		return err
	case len(r.Kvs) == 0:
		a.Verdict = election.Free
		return nil
	}
	a.Verdict, a.Token = election.Led, uint64(r.Kvs[0].CreateRevision)
	_, err = fmt.Sscan(string(r.Kvs[0].Value), &a.Holder)
	return err
}
