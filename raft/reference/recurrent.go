package reference

import "slices"

// AppendRecurrent appends an encoding of the node's state without the election timer. Ticks
// and rounds count up, so they are encoded as their age.
func (n *Node) AppendRecurrent(b []byte) []byte {
	s := stateWriter{b: b, as: asTheyAre}
	s.numbers(uint64(n.timer.silence))
	aged := *n
	l := &aged.lead
	l.acked, l.reads = slices.Clone(l.acked), slices.Clone(l.reads)
	for i, r := range l.acked {
		l.acked[i] = n.lead.age(r)
	}
	for i := range l.reads {
		l.reads[i].round = n.lead.age(l.reads[i].round)
	}
	l.round, l.confirmed = n.lead.age(l.round), n.lead.age(l.confirmed)
	if l.transfer.since > 0 {
		l.transfer.since = l.clock - l.transfer.since
	}
	l.clock = uint64(n.timer.elapsed) // since the last heartbeat
	s.node(&aged)
	return s.b
}

// age returns the ticks since a round began, and its number among those of its tick. A
// leader does not tell rounds apart that are older than an election timeout.
func (l *leadership) age(r round) round {
	if age := l.clock - r.began(); age <= ElectionTicks {
		return round(age)<<roundBits | r&(1<<roundBits-1)
	}
	return (ElectionTicks + 1) << roundBits
}
