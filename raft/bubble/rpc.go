package bubble

import (
	"bytes"
	"encoding/gob"
	"time"

	"raftcheck/raft"
)

// RPC makes a handler of a method with arguments and a reply, as net/rpc has them; an error
// of the method is one of the program. The kind of the answer is answer, and promise is the
// promise on which its receiver relies.
func RPC[A, R any](
	answer string, method func(A, *R) error, promise func(from raft.NodeID, a A, r *R) raft.Promise,
) Handler {
	return func(from raft.NodeID, body []byte) (string, []byte, raft.Promise) {
		var a A
		var r R
		Ungob(body, &a)
		if err := method(a, &r); err != nil {
			panic(err)
		}
		return answer, Gob(&r), promise(from, a, &r)
	}
}

// Others lists the voters of the first configuration but the node itself.
func Others(c *raft.NodeConfig) (list []int) {
	for id := range c.Voters.Without(c.ID).All() {
		list = append(list, int(id))
	}
	return list
}

// CallRPC calls a method of another node and waits for its reply, for as long as limit.
func (c *Core) CallRPC(
	to raft.NodeID, kind string, args, reply any, p raft.Promise, limit time.Duration,
) error {
	b, err := c.Call(to, kind, Gob(args), nil, p, limit)
	if err == nil {
		Ungob(b, reply)
	}
	return err
}

// Gob encodes a value with package gob. It panics if that has no encoding.
func Gob(v any) []byte {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		panic("a value that cannot be encoded: " + err.Error())
	}
	return b.Bytes()
}

// Ungob decodes bytes of Gob into the value that v points to. It panics if they are none.
func Ungob(b []byte, v any) {
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(v); err != nil {
		panic("bytes that nobody encoded: " + err.Error())
	}
}
