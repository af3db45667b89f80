package election

import (
	"strconv"

	"raftcheck/models/service"
	"raftcheck/models/trace"
)

var (
	_ service.Drawing    = Service{}
	_ service.Purposeful = Service{}
)

// Examples are a campaign and a read.
func (s Service) Examples(string) []service.Op {
	return []service.Op{Op{Kind: Campaign, Name: "x", TTL: 8}, Op{Kind: Holder, Name: "x"}}
}

// Draw draws a worker's operation on a leadership: mostly the same one, and mostly with
// the token that the worker was given last.
func (s Service) Draw(c *service.Caller) string {
	name := "x"
	if c.Source.Below(8) == 0 {
		name = "y"
	}
	if c.Reads {
		return "holder " + name
	}
	ttl := strconv.Itoa(1 + c.Source.Below(16))
	token := strconv.FormatUint(lastToken(c, name), 10)
	switch c.Source.Below(8) {
	case 0, 1:
		return "keepalive " + name + " " + token + " " + ttl
	case 2:
		return "resign " + name + " " + token
	case 3:
		return "holder " + name
	}
	return "campaign " + name + " " + ttl
}

// remembered is the number of calls of all clients among which a worker looks for its token.
const remembered = 32

// lastToken is the token in the worker's last answer about a leadership that had one, or
// else any small one.
func lastToken(c *service.Caller, name string) uint64 {
	for i := len(c.History) - 1; i >= max(0, len(c.History)-remembered); i-- {
		op := &c.History[i]
		if op.Client != int(c.Client) || op.Key != name || op.Pending() {
			continue
		}
		if answer, err := ParseAnswer(op.Output); err == nil && answer.Token > 0 {
			return answer.Token
		}
	}
	return 1 + uint64(c.Source.Below(4))
}

// Goals are about the writes that reach the database.
func (s Service) Goals() []service.Goal {
	return []service.Goal{
		{Name: "leadership-taken-over", About: "the database took a worker's write after one of an earlier holder"},
		{Name: "write-taken", About: "the database took a worker's write"},
		{Name: "write-fenced", About: "the database refused a write with an old token"},
	}
}

// NewWatch watches for the goals.
func (s Service) NewWatch() service.Watch { return &watch{} }

// The goals, in the order of Goals.
const (
	takenOver = 1 << iota
	taken
	fenced
)

// watch has the token of the latest write that the database took, 0 before the first.
type watch struct{ token uint64 }

// Reset forgets the run.
func (w *watch) Reset() { w.token = 0 }

// Observe looks at writes that land.
func (w *watch) Observe(r *trace.Record) uint64 {
	switch {
	case r.Kind != trace.Landed:
		return 0
	case !r.Accepted:
		return fenced
	}
	last := w.token
	w.token = r.Token
	if last > 0 && r.Token > last {
		return taken | takenOver
	}
	return taken
}
