package maelstrom

import "time"

// traffic counts the messages that nodes sent lately. A leader of Raft sends as many as all
// its followers together.
type traffic struct {
	since       time.Time // the beginning of now
	now, before []int     // by node
}

// period is the time that a count is for. It is several heartbeats.
const period = 300 * time.Millisecond

// turn begins a new period if the last one is over.
func (t *traffic) turn() {
	passed := time.Since(t.since)
	if passed > period {
		t.now, t.before = t.before, t.now
		clear(t.now)
		t.since = t.since.Add(period)
	}
	if passed > 2*period {
		clear(t.before)
		t.since = time.Now()
	}
}

func (t *traffic) count(node int) {
	t.turn()
	t.now[node]++
}

// busiest is the node that sent most, 0 if none sent more than every other.
func (t *traffic) busiest() (node int) {
	t.turn()
	most := 0
	for id := range t.now {
		switch sent := t.now[id] + t.before[id]; {
		case sent > most:
			node, most = id, sent
		case sent == most:
			node = 0
		}
	}
	return node
}
