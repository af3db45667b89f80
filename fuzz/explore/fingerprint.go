package explore

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// fingerprint stands for what it was made of: 128 bits, so that among a billion
// different states two have the same one with a probability below 10^-20.
type fingerprint struct{ hi, lo uint64 }

// fingerprintOf makes the fingerprint of an encoding.
func fingerprintOf(b []byte) fingerprint {
	sum := sha256.Sum256(b)
	return fingerprint{binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])}
}

// plus makes the fingerprint of two parts whose order does not matter: those of
// the parts are as good as random numbers, and so is their sum.
func (f fingerprint) plus(g fingerprint) fingerprint {
	lo, carry := bits.Add64(f.lo, g.lo, 0)
	hi, _ := bits.Add64(f.hi, g.hi, carry)
	return fingerprint{hi, lo}
}

// at makes the fingerprint of a part at a place, counted from 0, for parts whose
// order matters: multiplying by an odd number loses nothing.
func (f fingerprint) at(place int) fingerprint {
	hi, lo := bits.Mul64(f.lo, 2*uint64(place)+1)
	return fingerprint{hi + f.hi*(2*uint64(place)+1), lo}
}

func (f fingerprint) less(g fingerprint) bool {
	return f.hi < g.hi || f.hi == g.hi && f.lo < g.lo
}

// String writes all 128 bits.
func (f fingerprint) String() string { return fmt.Sprintf("%016x%016x", f.hi, f.lo) }
