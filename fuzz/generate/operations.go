package generate

import (
	"strconv"
	"strings"

	"raftcheck/faults"
	"raftcheck/models/election"
	"raftcheck/raft"
)

// client picks a client.
func (g *generator) client(e *faults.Event) bool {
	e.Client = uint8(1 + g.src.Below(g.profile.Clients))
	return true
}

// call picks a client that does not wait, the node that it asks, and an operation.
func (g *generator) call(e *faults.Event) bool {
	g.client(e)
	if g.world.Open(int(e.Client)) || !g.target(e) {
		return false
	}
	e.Op = g.operation(e)
	return true
}

// retry picks a client that waits, and the node that it asks.
func (g *generator) retry(e *faults.Event) bool { return g.abandon(e) && g.target(e) }

// abandon picks a client that waits.
func (g *generator) abandon(e *faults.Event) bool { return g.client(e) && g.world.Open(int(e.Client)) }

func (g *generator) work(e *faults.Event) bool { return g.client(e) }

// land picks an act that is under way, mostly the oldest.
func (g *generator) land(e *faults.Event) bool {
	g.client(e)
	e.K = int32(g.src.Below(8) / 6)
	return true
}

// target picks the node that a request goes to, mostly a leader. Of several leaders, reads
// go mostly to the one with the earliest term, and other requests to the one with the
// latest, so that a read is stale if it can be.
func (g *generator) target(e *faults.Event) bool {
	leaders := g.leaders()
	balanced := g.habits.balanced && (e.Kind == faults.Read || e.Kind == faults.Retry)
	if leaders == 0 || balanced || g.src.Below(8) == 0 {
		return g.node(e, g.awake())
	}
	if leaders.Len() > 1 && g.src.Below(4) != 0 {
		e.Node = g.extreme(leaders, e.Kind == faults.Read || e.Kind == faults.LeaseRead)
		return true
	}
	return g.node(e, leaders)
}

// extreme is the node of the earliest term, or of the latest.
func (g *generator) extreme(nodes raft.NodeSet, earliest bool) raft.NodeID {
	found := nodes.Nth(0)
	for id := range nodes.All() {
		term, best := g.world.View().Nodes[id].Status.Term, g.world.View().Nodes[found].Status.Term
		if term < best == earliest && term != best {
			found = id
		}
	}
	return found
}

// operation draws a client's operation.
func (g *generator) operation(e *faults.Event) string {
	reads := e.Kind != faults.Call
	if g.profile.Service != "" {
		return g.workerOperation(e.Client, reads)
	}
	keys := "xy"
	if g.profile.Leases {
		keys = "x" // a read from a lease tells something only where somebody else wrote
	}
	key := string(keys[g.src.Below(len(keys))])
	if reads {
		return "get " + key
	}
	return g.keyOperation(key)
}

// keyOperation draws an operation on a key. Every value that is written is
// written once, so that a read tells which write it saw.
func (g *generator) keyOperation(key string) string {
	switch g.src.Below(8) {
	case 0, 1, 2:
		return "put " + key + " " + g.value()
	case 3:
		return "append " + key + " " + g.value()
	case 4:
		return "cas " + key + " " + strconv.Itoa(max(g.values-g.src.Below(4), 0)) + " " + g.value()
	case 5:
		if g.src.Below(4) == 0 {
			return "delete " + key
		}
	}
	return "get " + key
}

// value is a value that was not written before, now and then a long one.
func (g *generator) value() string {
	g.values++
	v := strconv.Itoa(g.values)
	if g.src.Below(8) == 0 {
		v += strings.Repeat("-", 48)
	}
	return v
}

// workerOperation draws what a worker asks about a leadership, mostly about the
// same one, and mostly with the token that it was given last.
func (g *generator) workerOperation(client uint8, reads bool) string {
	name := "x"
	if g.src.Below(8) == 0 {
		name = "y"
	}
	if reads {
		return "holder " + name
	}
	ttl := strconv.Itoa(1 + g.src.Below(16))
	token := strconv.FormatUint(g.token(int(client), name), 10)
	switch g.src.Below(8) {
	case 0, 1:
		return "keepalive " + name + " " + token + " " + ttl
	case 2:
		return "resign " + name + " " + token
	case 3:
		return "holder " + name
	}
	return "campaign " + name + " " + ttl
}

// token is the one that a client was given last, for whatever leadership.
func (g *generator) token(client int, name string) uint64 {
	history := g.world.History()
	for i := len(history) - 1; i >= max(0, len(history)-32); i-- {
		op := &history[i]
		if op.Client != client || op.Key != name || op.Pending() {
			continue
		}
		if answer, err := election.ParseAnswer(op.Output); err == nil && answer.Token > 0 {
			return answer.Token
		}
	}
	return 1 + uint64(g.src.Below(4))
}
