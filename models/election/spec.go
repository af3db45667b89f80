package election

import (
	"strings"

	"raftcheck/linearizability"
)

// Spec is the sequential specification of one leadership, written apart from
// [Machine], from the table in the package's documentation. Its state has all
// possibilities after the answers so far, see possibility.
//
// It judges by the times in the answers, which never go back. A grant to another client
// is legal only if the last one was resigned or had run out. Tokens grow by one. Only the
// holder keeps and resigns, with its token and in time. The answers lost, held and free
// must be true. A grant and a renewal end exactly one time to live after the answer's time.
// The client in an answer is trusted, as the input does not name it.
func Spec() linearizability.Spec {
	return linearizability.Spec{
		Name:     "election",
		Init:     possibilities{{}}.String(),
		Step:     step,
		ReadOnly: func(input string) bool { return input == "holder" },
	}
}

// step applies an input to a state.
func step(state, input, output string, known bool) (next string, ok bool) {
	var r request
	var buffer [4]possibility
	before, isState := readPossibilities(state, buffer[:0])
	if !isState || !r.read(input) {
		return state, false
	}
	if !known {
		return before.afterUnknown(&r).String(), true
	}
	a, err := ParseAnswer(output)
	if err != nil {
		return state, false
	}
	after := before.afterAnswer(&r, &a)
	if len(after) == 0 {
		return state, false
	}
	return after.String(), true
}

// request is an input of a history.
type request struct {
	verb  string
	token uint64
	ttl   uint64
}

// read reports whether the input is one.
func (r *request) read(input string) (ok bool) {
	verb, operands, _ := strings.Cut(input, " ")
	r.verb = verb
	switch verb {
	case "holder":
		return input == verb
	case "resign":
		r.token, ok = number(operands)
		return ok && r.token > 0
	case "campaign":
		r.ttl, ok = number(operands)
		return ok && isTTL(r.ttl)
	case "keepalive":
		token, ttl, _ := strings.Cut(operands, " ")
		r.token, ok = number(token)
		if !ok || r.token == 0 {
			return false
		}
		r.ttl, ok = number(ttl)
		return ok && isTTL(r.ttl)
	}
	return false
}

func isTTL(n uint64) bool { return 1 <= n && n <= MaxTTL }

// afterAnswer returns the possibilities after r was answered a: those that were possible
// at the answer's time and answer so.
func (ps possibilities) afterAnswer(r *request, a *Answer) possibilities {
	var after possibilities
	for i := range ps {
		for _, now := range ps[i].at(a.Now) {
			if next, ok := now.answer(r, a); ok {
				after = after.add(next)
			}
		}
	}
	return after
}

// allows reports whether the request can get such an answer at all.
func (r *request) allows(v Verdict) bool {
	switch r.verb {
	case "campaign":
		return v == Granted || v == Held
	case "keepalive":
		return v == Kept || v == Lost
	case "resign":
		return v == Resigned || v == Lost
	default:
		return v == Led || v == Free
	}
}

// answer returns p after r was answered a, at p's time; ok is false if p does not answer
// so. Until then p is either free or held.
func (p possibility) answer(r *request, a *Answer) (next possibility, ok bool) {
	if !r.allows(a.Verdict) {
		return p, false
	}
	fullTime := a.Until == sum(a.Now, r.ttl)
	switch a.Verdict {
	case Granted:
		return p.takenBy(a, r.ttl), fullTime && p.mayGrant(a)
	case Held:
		return p.heldBy(a.Holder, a.Until), p.maybeHolder(a.Holder) && a.Holder != a.Client && p.mayEnd(a.Until)
	case Kept:
		p.ttl = r.ttl
		return p.heldBy(a.Client, a.Until), fullTime && p.maybeHolder(a.Client) && p.token == r.token
	case Resigned:
		return p.freed(), p.maybeHolder(a.Client) && p.token == r.token
	case Lost:
		return p, a.Client != nobody && !(p.holder == uint64(a.Client) && p.token == r.token)
	case Led:
		return p.heldBy(a.Holder, a.Until), p.maybeHolder(a.Holder) && p.token == a.Token && p.mayEnd(a.Until)
	default: // Free
		return p, p.holder == nobody
	}
}

// mayGrant reports whether p can answer a campaign so: with the next token if
// free, and with the same one to the holder.
func (p *possibility) mayGrant(a *Answer) bool {
	if p.holder == nobody {
		return a.Client != nobody && a.Token == sum(p.token, 1)
	}
	return p.maybeHolder(a.Client) && a.Token == p.token
}

// afterUnknown returns the possibilities after r, whose answer no client heard: neither
// the client is known, nor the time at which it took effect. They assume that it did: an
// operation that never does comes after all others in the order.
func (ps possibilities) afterUnknown(r *request) possibilities {
	var after possibilities
	for _, p := range ps {
		held := p.holder != nobody
		if r.verb != "campaign" || held {
			after = after.add(p) // lost, or held by another
		}
		switch {
		case r.verb == "campaign":
			after = after.add(p.granted(r.ttl))
			if held {
				after = after.add(p.renewed(r.ttl))
			}
		case !held || r.token != p.token:
		case r.verb == "keepalive":
			after = after.add(p.renewed(r.ttl))
		case r.verb == "resign":
			after = after.add(p.freed())
		}
	}
	return after
}
