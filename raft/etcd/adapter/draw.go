package adapter

import (
	"crypto/rand"
	"io"
	"sync"
)

// Draw makes a library, whose randomness belongs to the whole process, draw from r
// until the returned function is called.
type Draw func(r io.Reader) (end func())

// drawing is held by the node that the library currently draws for.
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
