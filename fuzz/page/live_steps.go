package page

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"raftcheck/raft"
)

// moment is a time at which something of a client happens.
type moment struct {
	at    time.Duration
	usual bool
}

// moments are those of the clients, in their order.
func (b *liveBuilder) moments() (list []moment) {
	for i := range b.Calls {
		c, usual := &b.Calls[i], b.usual(i)
		list = append(list, moment{time.Duration(c.Call), usual})
		if !c.Pending() {
			list = append(list, moment{time.Duration(c.Return), usual})
		} else if c.GaveUp > 0 {
			list = append(list, moment{c.GaveUp, false})
		}
	}
	for i := range b.Acts {
		a := &b.Acts[i]
		usual := a.usual()
		list = append(list, moment{a.Sent, usual})
		if a.Landed >= 0 {
			list = append(list, moment{a.Landed, usual})
		}
	}
	slices.SortStableFunc(list, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	return list
}

// usual reports whether a write is one of very many.
func (a *LiveAct) usual() bool { return !a.ByHand && a.Accepted }

// steps merges the sights and the moments of the clients.
func (b *liveBuilder) steps() {
	moments := b.moments()
	for i := range b.Sights {
		s := &b.Sights[i]
		n := 0
		for n < len(moments) && moments[n].at < s.At {
			n++
		}
		b.clients(moments[:n])
		moments = moments[n:]
		b.see(s)
	}
	b.clients(moments)
}

// clients adds the steps of moments.
func (b *liveBuilder) clients(moments []moment) {
	for _, m := range moments {
		if n := len(b.times); n > 0 && b.times[n-1] == m.at {
			b.run.Steps[n-1].Usual = b.run.Steps[n-1].Usual && m.usual
			continue
		}
		b.push(Step{Event: b.event, At: m.at.Microseconds(), Usual: m.usual}, m.at)
	}
}

func (b *liveBuilder) push(s Step, at time.Duration) {
	b.run.Steps = append(b.run.Steps, s)
	b.times = append(b.times, at)
}

// see adds the step of a sight, if it shows anything new.
func (b *liveBuilder) see(s *Sight) {
	step := Step{Event: s.Event, At: s.At.Microseconds(), Usual: s.Text == "", Ignored: s.Ignored}
	if s.Event != b.event {
		b.begin(s.Event - 1)
		b.title(&step, "")
		step.Usual = false
		if e := b.Schedule.Events[s.Event-1]; !s.Ignored {
			step.Fault = faultOf(e)
		}
	}
	if s.Text != "" && (b.event == 0 || s.Text != b.Schedule.Events[b.event-1].String()) {
		step.Text = s.Text + "\n"
		if step.Head == "" {
			step.Line = s.Text
		}
	}
	for i := range s.Nodes {
		b.sawNode(&step, i+1, &s.Nodes[i])
	}
	b.sawLinks(&step, s)
	if len(b.run.Steps) == 0 || step.Head != "" || step.Text != "" ||
		step.Changes != nil || step.Cuts != nil || step.Slow != nil {
		b.push(step, s.At)
	}
}

// sawNode adds what changed at a node.
func (b *liveBuilder) sawNode(step *Step, id int, n *NodeSight) {
	role := raft.Follower
	if n.Leads {
		role = raft.Leader
	}
	now := [fields]uint64{
		fieldUp: bit(n.Up), fieldPaused: bit(n.Paused), fieldWiped: bit(n.Wiped), fieldHidden: bit(n.Silent),
		fieldFailed: bit(n.Failed), fieldStalled: bit(n.Stalled), fieldFull: bit(n.Full), fieldRole: uint64(role),
		fieldTerm: n.Term, fieldApplied: n.Applied, fieldLost: uint64(n.Lost), fieldRate: 100,
	}
	c := Change{Node: id}
	own := &b.nodes[id]
	for f, value := range now {
		if own.fields[f] != value {
			c.Fields = append(c.Fields, uint64(f), value)
			step.Usual = step.Usual && f == fieldApplied
		}
	}
	if own.fields = now; c.Fields != nil {
		step.Changes = append(step.Changes, c)
	}
}

// sawLinks adds what changed at the links.
func (b *liveBuilder) sawLinks(step *Step, s *Sight) {
	if !slices.Equal(b.cuts, s.Cuts) {
		b.cuts = append([]Link{}, s.Cuts...)
		cuts := b.cuts
		step.Cuts = &cuts
	}
	if !slices.Equal(b.slow, s.Links) {
		b.slow = append([]Link{}, s.Links...)
		slow := b.slow
		step.Slow = &slow
	}
}

// stepAt is the last step that is not after a time.
func (b *liveBuilder) stepAt(at time.Duration) int {
	return max(0, sort.Search(len(b.times), func(i int) bool { return b.times[i] > at })-1)
}
