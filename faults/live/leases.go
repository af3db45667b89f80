package live

import (
	"strconv"
	"time"

	"raftcheck/linearizability"
	"raftcheck/models/election"
	"raftcheck/models/service"
)

// lease is a leadership as its holder knows it.
type lease struct {
	client int
	token  uint64
	from   int64 // when the last call was made that was answered
	until  int64 // the least end of its time
}

// keptTime is the time to live of the leaderships that clients under load keep.
const keptTime = time.Second

// keeps is the next operation of a client that holds a leadership of its own, as an
// instance of a service that registers itself: it campaigns, and then keeps it.
func (c *client) keeps() service.Op {
	op := election.Op{
		Kind: election.Campaign, Name: "own" + decimal(c.id), TTL: uint64(keptTime / c.all.world.tick),
	}
	if a, err := election.ParseAnswer(c.seen[op.Name]); err == nil {
		switch a.Verdict {
		case election.Granted:
			c.token = a.Token
		case election.Lost:
			c.token = 0
		}
	}
	if c.token != 0 {
		op.Kind, op.Token = election.Keepalive, c.token
	}
	return op
}

// leases judges that no leadership is lost before its time: a holder that was answered at
// a call holds it for the whole time to live from that call on, unless it resigned. An
// answer that says otherwise, and that came before that time, is a violation.
func (w *world) leases(calls []operation) *opinion {
	held, asked := held, false
	grants := map[string][]lease{} // by name
	for i := range calls {
		c := &calls[i]
		op, ok := c.op.(election.Op)
		if !ok || c.Pending() {
			continue
		}
		a, err := election.ParseAnswer(c.Output)
		if err != nil {
			continue
		}
		asked = asked || a.Verdict == election.Granted && a.Until > 0
		for _, l := range grants[op.Name] {
			if text := l.brokenBy(c, op, a, w.tick); text != "" && !resigned(calls, &l, c) {
				o := violated("%s", text)
				o.at = time.Duration(c.Return)
				return &o
			}
		}
		grants[op.Name] = noted(grants[op.Name], c, op, a, w.tick)
	}
	if !asked {
		return nil
	}
	return &held
}

// noted adds the lease that an answer gives, in the place of the one that it renews.
func noted(list []lease, c *operation, op election.Op, a election.Answer, tick time.Duration) []lease {
	token := a.Token
	switch a.Verdict {
	case election.Granted:
	case election.Kept:
		token = op.Token
	default:
		return list
	}
	l := lease{c.Client, token, c.Call, min(c.Call+int64(op.TTL)*int64(tick), int64(a.Until)*int64(tick))}
	for i := range list {
		if list[i].client == l.client && list[i].token == token {
			if l.until > list[i].until {
				list[i] = l
			}
			return list
		}
	}
	return append(list, l)
}

// brokenBy says how an answer shows that the lease was lost before its time; "" if it does
// not. The answer took effect after the lease was given, and returned before its end.
func (l *lease) brokenBy(c *operation, op election.Op, a election.Answer, tick time.Duration) string {
	if c.Return >= l.until || c.Call < l.from {
		return ""
	}
	lost := a.Verdict == election.Lost && c.Client == l.client && op.Token == l.token &&
		op.Kind == election.Keepalive
	taken := a.Verdict == election.Granted && a.Token > l.token
	if !lost && !taken {
		return ""
	}
	left := time.Duration(l.until - c.Return)
	return linearizability.Operation(c.Operation).String() + ": c" + decimal(l.client) + " held it by token " +
		decimal(l.token) + " for " + left.Round(time.Millisecond).String() + " more"
}

// resigned reports whether the holder of a lease asked to resign it, before an answer.
func resigned(calls []operation, l *lease, before *operation) bool {
	for i := range calls {
		op, ok := calls[i].op.(election.Op)
		if ok && op.Kind == election.Resign && op.Token == l.token && calls[i].Call < before.Return {
			return true
		}
	}
	return false
}

func decimal[N int | uint64](n N) string { return strconv.FormatUint(uint64(n), 10) }
