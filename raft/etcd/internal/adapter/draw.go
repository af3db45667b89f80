package adapter

import (
	"crypto/rand"
	"io"
	"sync"
)

// Draw has a library, whose randomness belongs to the whole process, draw from r
// until the function that it returns is called.
type Draw func(r io.Reader) (end func())

// drawing is held by the node whose randomness is the process's.
var drawing sync.Mutex

// DrawFromCrypto is for a library that draws from crypto/rand.Reader.
func DrawFromCrypto(r io.Reader) (end func()) {
	drawing.Lock()
	rest := rand.Reader
	rand.Reader = r
	return func() {
		rand.Reader = rest
		drawing.Unlock()
	}
}
