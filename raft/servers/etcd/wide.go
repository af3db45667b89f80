package etcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"raftcheck/faults/live"
	"raftcheck/models/kv"
)

// How a wide condition is made.
const (
	wideKeys   = 40_000
	widePrefix = "wide/"
	// fillEach is how many of the keys one transaction writes: etcd's own bound.
	fillEach = 128
	fillTime = time.Minute
)

// putWide puts a value in a transaction whose condition reads many keys, and always holds.
func (c *client) putWide(ctx context.Context, op kv.Op) (live.Answer, error) {
	if err := c.fill(); err != nil {
		return live.Answer{}, errors.Join(live.ErrRefused, err)
	}
	always := clientv3.Compare(clientv3.CreateRevision(widePrefix), ">", -1).WithPrefix()
	r, err := c.conn.Txn(ctx).If(always).Then(clientv3.OpPut(op.Name, op.Value)).Commit()
	if err != nil {
		return live.Answer{}, err
	}
	return wrote("ok", r.Header.Revision), nil
}

// fill writes the keys that the conditions read. The first client does it for all.
func (c *client) fill() error {
	if c.filled || c.config.Client != 1 {
		return nil
	}
	ctx, stop := context.WithTimeout(context.Background(), fillTime)
	defer stop()
	for first := 0; first < wideKeys; first += fillEach {
		var puts []clientv3.Op
		for i := range fillEach {
			puts = append(puts, clientv3.OpPut(fmt.Sprintf("%s%d", widePrefix, first+i), "x"))
		}
		if _, err := c.conn.Txn(ctx).Then(puts...).Commit(); err != nil {
			return err
		}
	}
	c.filled = true
	return nil
}
