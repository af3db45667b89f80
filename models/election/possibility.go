package election

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// possibility is a set of states that the leadership may be in. After an answer
// that says everything it is one state. An unknown part of a state is a range:
//
//   - An operation with an unknown outcome leaves open when it took effect, therefore when
//     its grant runs out, and which client called it.
//   - Several possibilities with the same token and holder are joined, and the range spans
//     them. Here the specification gives up two facts, and accepts too much: a time between
//     two possible ones is not possible, and a client that called one unknown operation
//     cannot be the holder by another's. It never refuses a possible answer.
type possibility struct {
	token  uint64 // of the last grant; 0 if there was none
	holder uint64 // a client, nobody, or someone

	// The holder's grant runs out between soonest and latest, and no later than ttl
	// after the next answer's time. All are 0 for nobody.
	// Invariant: soonest is at most since + ttl, so the range is not empty at any later
	// time.
	soonest, latest, ttl uint64

	since uint64 // the time is this or later
}

const (
	nobody  = 0
	someone = math.MaxUint64 // an unknown client
	forever = math.MaxUint64 // the latest, while no answer has named a time
)

// at returns the possibilities of p at a time: free, held, either, or none. In each of
// them it is known whether the grant had run out.
func (p possibility) at(now uint64) (found []possibility) {
	if now < p.since {
		return nil
	}
	p.since = now
	if p.holder == nobody {
		return []possibility{p}
	}
	p.latest = min(p.latest, sum(now, p.ttl))
	if p.soonest <= now {
		found = append(found, p.freed())
	}
	if p.latest > now {
		p.soonest = max(p.soonest, now+1)
		found = append(found, p)
	}
	return found
}

// freed is p after the holder resigned, or after its time ran out: no later answer
// differs between the two.
func (p possibility) freed() possibility {
	return possibility{token: p.token, since: p.since}
}

// heldBy is p with the holder that an answer named.
func (p possibility) heldBy(client uint32, until uint64) possibility {
	p.holder, p.soonest, p.latest = uint64(client), until, until
	return p
}

// takenBy is p after a campaign was granted.
func (p possibility) takenBy(a *Answer, ttl uint64) possibility {
	p.token, p.ttl = a.Token, ttl
	return p.heldBy(a.Client, a.Until)
}

// granted is p after it was taken at an unknown time at which it was free.
func (p possibility) granted(ttl uint64) possibility {
	since := max(p.since, p.soonest)
	return possibility{
		token: sum(p.token, 1), holder: someone,
		soonest: sum(since, ttl), latest: forever, ttl: ttl, since: since,
	}
}

// renewed is p after its holder renewed it at an unknown time, before it ran out.
func (p possibility) renewed(ttl uint64) possibility {
	if p.latest != forever {
		p.latest = sum(p.latest-1, ttl)
	}
	p.soonest, p.ttl = sum(p.since, ttl), ttl
	return p
}

// maybeHolder reports whether client can be the holder.
func (p *possibility) maybeHolder(client uint32) bool {
	return client != nobody && (p.holder == uint64(client) || p.holder == someone)
}

// mayEnd reports whether the holder's grant can run out at a time.
func (p *possibility) mayEnd(until uint64) bool { return p.soonest <= until && until <= p.latest }

// sum is a + b, and forever if that is too much.
func sum(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// possibilities are all possibilities: sorted by token and holder, one of each.
type possibilities []possibility

// add joins p into ps.
func (ps possibilities) add(p possibility) possibilities {
	i, ok := slices.BinarySearchFunc(ps, p, func(a, b possibility) int {
		return cmp.Or(cmp.Compare(a.token, b.token), cmp.Compare(a.holder, b.holder))
	})
	if !ok {
		return slices.Insert(ps, i, p)
	}
	with := &ps[i]
	with.soonest = min(with.soonest, p.soonest)
	with.latest = max(with.latest, p.latest)
	with.ttl = max(with.ttl, p.ttl)
	with.since = min(with.since, p.since)
	return ps
}

// The forms of a possibility: T is the token, H the holder, S the soonest and L the latest
// end of its grant, M the ttl, and N the time since. The third and the fifth are for a
// latest of forever.
var possible = [...]form{
	"free after token T from N",
	"cH by token T until S..L at most M more from N",
	"cH by token T until S.. at most M more from N",
	"someone by token T until S..L at most M more from N",
	"someone by token T until S.. at most M more from N",
}

// String returns the state of the specification as readPossibilities reads it.
func (ps possibilities) String() string {
	var buffer [256]byte
	text := buffer[:0]
	for i, p := range ps {
		if i > 0 {
			text = append(text, ", "...)
		}
		which := 1
		if p.holder == someone {
			which = 3
		}
		if p.latest == forever {
			which++
		}
		if p.holder == nobody {
			which = 0
		}
		var n numbers
		*n.at('T'), *n.at('H'), *n.at('N') = p.token, p.holder, p.since
		*n.at('S'), *n.at('L'), *n.at('M') = p.soonest, p.latest, p.ttl
		text = possible[which].appendTo(text, &n)
	}
	return string(text)
}

// readPossibilities appends the possibilities of a state of the specification.
func readPossibilities(state string, dst possibilities) (possibilities, bool) {
	for more := true; more; {
		var text string
		text, state, more = strings.Cut(state, ", ")
		p, ok := readPossibility(text)
		if !ok {
			return nil, false
		}
		dst = append(dst, p)
	}
	return dst, true
}

func readPossibility(text string) (possibility, bool) {
	for which := range possible {
		n, ok := possible[which].scan(text)
		if !ok {
			continue
		}
		p := possibility{
			token: *n.at('T'), holder: *n.at('H'), since: *n.at('N'),
			soonest: *n.at('S'), latest: *n.at('L'), ttl: *n.at('M'),
		}
		if which >= 3 {
			p.holder = someone
		}
		if which == 2 || which == 4 {
			p.latest = forever
		}
		return p, true
	}
	return possibility{}, false
}
