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
	return f.append(nil), nil
}

func (f *fingerprint) UnmarshalBinary(b []byte) error {
	if len(b) != printBytes {
		return fmt.Errorf("expected %d bytes of a fingerprint, found %d", printBytes, len(b))
	}
	*f = printIn(b)
	return nil
}

// printBytes is the size of a fingerprint in a file.
const printBytes = 16

// append appends the bytes of a fingerprint, and printIn reads them.
func (f fingerprint) append(b []byte) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, f.hi), f.lo)
}

func printIn(b []byte) fingerprint {
	return fingerprint{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

// fingerprintOf returns the fingerprint of an encoding.
func fingerprintOf(b []byte) fingerprint {
	sum := sha256.Sum256(b)
	return printIn(sum[:])
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
