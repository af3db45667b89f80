package live

import (
	"slices"
	"time"

	"raftcheck/faults"
	"raftcheck/faults/live/network"
	"raftcheck/fuzz/page"
)

// look notes the cluster as it is now, for the page of the run.
func (w *world) look() {
	s := w.sight("")
	w.mu.Lock()
	defer w.mu.Unlock()
	s.At = time.Since(w.begun)
	w.sights = append(w.sights, s)
}

// sight is the cluster as it is now.
func (w *world) sight(text string) page.Sight {
	s := page.Sight{Text: text, Event: int(w.event.Load())}
	views, _ := w.watch.sights()
	for _, n := range w.nodes[1:] {
		s.Nodes = append(s.Nodes, w.sightOf(n, &views[n.ID]))
	}
	if w.ground.net == nil {
		return s
	}
	for from := 1; from <= w.schedule.Nodes; from++ {
		for to := 1; to <= w.schedule.Nodes; to++ {
			w.ground.net.Fault(from, to, func(l *network.Link) {
				link := page.Link{From: from, To: to, Ticks: int(l.Delay / w.tick), Lossy: l.Lossy}
				switch {
				case l.Cut:
					s.Cuts = append(s.Cuts, page.Link{From: from, To: to})
				case l.Delay > 0 || l.Lossy > 0:
					s.Links = append(s.Links, link)
				}
			})
		}
	}
	return s
}

// shown is the run as a page shows it.
func (w *world) shown(s *faults.Schedule, j *judgement, logs [][]string) page.Live {
	w.mu.Lock()
	l := page.Live{Schedule: s, Sights: slices.Clone(w.sights), Verdicts: j.verdicts}
	w.mu.Unlock()
	for i := range j.calls {
		c := &j.calls[i]
		l.Calls = append(l.Calls, page.LiveCall{
			Operation: c.Operation, Text: c.op.String(), Node: c.node, ByHand: c.byHand, GaveUp: c.gaveUp,
		})
	}
	k := w.clients.workers
	k.mu.Lock()
	l.Acts = slices.Clone(k.acts)
	k.mu.Unlock()
	l.Logs = make([][]string, len(logs))
	for id, lines := range logs {
		l.Logs[id] = lines[max(0, len(lines)-shownLines):]
	}
	return l
}

// shownLines is how many lines of each node's log a page has.
const shownLines = 60

// sightOf is a node as it is now.
func (w *world) sightOf(n *node, v *view) page.NodeSight {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := page.NodeSight{
		Up: n.up, Paused: n.paused, Wiped: n.wiped, Lost: n.lost, Term: v.Term, Applied: v.Applied,
		Leads: n.up && v.Leads, Silent: n.up && !n.paused && !v.answered,
	}
	if w.ground.net != nil {
		d := w.ground.disks[n.ID]
		s.Stalled, s.Full, s.Failed = d.Stalled(), n.full, d.Failing() && !n.full
	}
	return s
}
