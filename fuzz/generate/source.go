package generate

import (
	"math/bits"
	"math/rand/v2"

	"raftcheck/models/trace"
)

// Source is the origin of choices. A schedule results from any answers.
type Source interface {
	// Below draws a number from 0 to n-1; n is from 1 to 65536.
	Below(n int) int
	// More says whether there is more to draw from. A generator stops when
	// there is not, or when its profile says so.
	More() bool
}

// PRNG is an endless source, decided by its seed.
type PRNG struct{ pcg rand.PCG }

// NewPRNG returns the source of a seed. The generator is PCG of math/rand/v2,
// which the Go project promises never to change.
func NewPRNG(seed uint64) *PRNG {
	p := &PRNG{}
	p.Seed(seed)
	return p
}

// Seed makes the source that of another seed.
func (p *PRNG) Seed(seed uint64) { p.pcg.Seed(seed, 0x9e3779b97f4a7c15) }

// Below draws a number from 0 to n-1.
func (p *PRNG) Below(n int) int {
	hi, _ := bits.Mul64(p.pcg.Uint64(), uint64(n))
	return int(hi)
}

// More is always true.
func (p *PRNG) More() bool { return true }

// Bytes is a source that ends: each choice takes one byte, or two where there
// are more than 256 possibilities, so that a fuzzer that changes a byte changes
// one choice.
type Bytes struct{ Rest []byte }

// Below draws a number from 0 to n-1, and 0 when no bytes are left.
func (b *Bytes) Below(n int) int {
	if n <= 1 || len(b.Rest) == 0 {
		return 0
	}
	v := int(b.Rest[0])
	b.Rest = b.Rest[1:]
	if n > 256 && len(b.Rest) > 0 {
		v = v<<8 | int(b.Rest[0])
		b.Rest = b.Rest[1:]
	}
	return v % n
}

// More says whether any bytes are left.
func (b *Bytes) More() bool { return len(b.Rest) > 0 }

// Numbered returns the source that a campaign of this seed draws a schedule from.
func Numbered(seed uint64, number int) *PRNG {
	p := NewPRNG(0)
	p.Number(seed, number)
	return p
}

// Number seeds the generator for a schedule of a campaign.
func (p *PRNG) Number(seed uint64, number int) {
	p.Seed(trace.Mix(trace.Mix(1, seed), uint64(number)))
}

// Draws is a source of numbers from 0 to n-1 of another engine, such as rapid. Its end is
// a draw too, so that the engine's shrinker can take a stretch of events away. Each draw
// is named after its purpose.
type Draws func(n int, what string) int

// Below draws a number from 0 to n-1.
func (d Draws) Below(n int) int {
	if n <= 1 {
		return 0
	}
	return d(n, "choice")
}

// More is true ninety-nine times in a hundred.
func (d Draws) More() bool { return d(100, "more") > 0 }
