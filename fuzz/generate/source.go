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

// Bytes is a source that ends, for fuzzers that change bytes. An event has a frame: a byte
// with the mark, and then bytes without it. A choice takes a byte of the frame, with seven
// bits, or more bytes where there are more than 128 possibilities. Choices for which the
// frame has no bytes follow from the bytes that it has.
//
// So a fuzzer that changes a byte changes one choice. If it inserts bytes, or leaves some out,
// the events after them keep their choices, as characters do in UTF-8.
type Bytes struct {
	Rest  []byte
	open  bool   // the event has taken a byte of its frame
	frame uint64 // the hash of the frame up to here
}

// mark is the bit of a byte that begins a frame.
const mark = 0x80

// Below draws a number from 0 to n-1.
func (b *Bytes) Below(n int) int {
	v := 0
	for span := 1; span < n; span <<= 7 {
		v = v<<7 | int(b.next()&^mark)
	}
	return v % max(n, 1)
}

// next takes a byte of the frame, or makes one up if the frame has no more.
func (b *Bytes) next() byte {
	if len(b.Rest) == 0 || b.open && b.Rest[0] >= mark {
		b.frame = trace.Mix(b.frame, 1<<8)
		return byte(b.frame >> 56)
	}
	v := b.Rest[0]
	b.Rest, b.open, b.frame = b.Rest[1:], true, trace.Mix(b.frame, uint64(v))
	return v
}

// More says whether there is another frame, which the next choice begins.
func (b *Bytes) More() bool {
	for len(b.Rest) > 0 && b.Rest[0] < mark {
		b.Rest = b.Rest[1:]
	}
	if len(b.Rest) > 0 {
		b.open, b.frame = false, 0
	}
	return len(b.Rest) > 0
}

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
