package explore

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// fingerprint stands for an encoding. It has 128 bits: among a billion different
// states two have the same fingerprint with a probability below 10^-20.
type fingerprint struct{ hi, lo uint64 }

// MarshalBinary returns the 16 bytes of a fingerprint, and UnmarshalBinary reads them.
func (f fingerprint) MarshalBinary() ([]byte, error) {
	b := binary.LittleEndian.AppendUint64(nil, f.hi)
	return binary.LittleEndian.AppendUint64(b, f.lo), nil
}

func (f *fingerprint) UnmarshalBinary(b []byte) error {
	if len(b) != 16 {
		return fmt.Errorf("expected 16 bytes of a fingerprint, found %d", len(b))
	}
	f.hi, f.lo = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return nil
}

// fingerprintOf returns the fingerprint of an encoding.
func fingerprintOf(b []byte) fingerprint {
	sum := sha256.Sum256(b)
	return fingerprint{binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])}
}

// plus returns the fingerprint of two parts whose order does not matter. Fingerprints
// are as good as random numbers, and so is their sum.
func (f fingerprint) plus(g fingerprint) fingerprint {
	lo, carry := bits.Add64(f.lo, g.lo, 0)
	hi, _ := bits.Add64(f.hi, g.hi, carry)
	return fingerprint{hi, lo}
}

// at returns the fingerprint of a part at a position, counted from 0, for parts whose
// order matters. Multiplication by an odd number loses no bits.
func (f fingerprint) at(place int) fingerprint {
	hi, lo := bits.Mul64(f.lo, 2*uint64(place)+1)
	return fingerprint{hi + f.hi*(2*uint64(place)+1), lo}
}

// compare orders fingerprints.
func (f fingerprint) compare(g fingerprint) int {
	return cmp.Or(cmp.Compare(f.hi, g.hi), cmp.Compare(f.lo, g.lo))
}

// String returns all 128 bits as hexadecimal digits.
func (f fingerprint) String() string { return fmt.Sprintf("%016x%016x", f.hi, f.lo) }
