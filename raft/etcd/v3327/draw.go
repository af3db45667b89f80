package v3327

import (
	"encoding/binary"
	"io"
	"math/rand"
	"sync"
	_ "unsafe" // for the name of the library's own variable

	"raftcheck/raft/etcd/internal/adapter"
)

// lockedRand is laid out as the library's type of that name.
type lockedRand struct {
	_    sync.Mutex
	rand *rand.Rand
}

// globalRand is what the library draws its election timeouts from. It is seeded
// with the time of day, and there is no other way to give it another source.
//
//go:linkname globalRand github.com/coreos/etcd/raft.globalRand
var globalRand *lockedRand

// drawing is held by the node whose randomness is the process's.
var drawing sync.Mutex

// draw has the library draw from r until the function that it returns is called.
func draw(r io.Reader) (end func()) {
	drawing.Lock()
	globalRand.rand = rand.New(source{r})
	return drawing.Unlock
}

// source is a node's randomness as math/rand wants it.
type source struct{ io.Reader }

func (s source) Seed(int64) {}

func (s source) Int63() int64 {
	var b [8]byte
	_, err := io.ReadFull(s, b[:])
	adapter.Check(err)
	return int64(binary.LittleEndian.Uint64(b[:]) >> 1)
}
