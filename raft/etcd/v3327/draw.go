package v3327

import (
	"encoding/binary"
	"io"
	"math/rand"
	"sync"
	_ "unsafe" // for the name of the library's own variable

	"raftcheck/raft/etcd/adapter"
)

// lockedRand has the memory layout of the library's type of that name.
type lockedRand struct {
	_    sync.Mutex
	rand *rand.Rand
}

// globalRand is the source of the library's election timeouts. The library seeds it with
// the time of day, and offers no way to replace it.
//
//go:linkname globalRand github.com/coreos/etcd/raft.globalRand
var globalRand *lockedRand

// drawing is held by the node that the library currently draws for.
var drawing sync.Mutex

// draw makes the library draw from r until the returned function is called.
func draw(r io.Reader) (end func()) {
	drawing.Lock()
	globalRand.rand = rand.New(source{r})
	return drawing.Unlock
}

// source adapts a node's randomness to math/rand.
type source struct{ io.Reader }

func (s source) Seed(int64) {}

func (s source) Int63() int64 {
	var b [8]byte
	_, err := io.ReadFull(s, b[:])
	adapter.Check(err)
	return int64(binary.LittleEndian.Uint64(b[:]) >> 1)
}
