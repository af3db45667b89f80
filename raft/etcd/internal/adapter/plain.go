package adapter

import "raftcheck/raft"

// Plain is the part of a Library that is alike in releases which are driven by
// Ready and Advance: a batch is saved, then what it promises is sent and what is
// committed is applied, and only then is there another. The library may count its
// own vote and its own entries before they are saved; the node shows what comes of
// that once they are.
//
// The old releases are there for their elections and reads; their configurations stay.
type Plain struct {
	Take    func() (b Batch, after State, ok bool)
	Advance func() // the batch is saved and applied
	Shown   State

	term  raft.Term // of the batch that was saved last
	after State     // what is shown once the batch is saved
	rest  Batch     // what is done then
	phase phase
}

type phase uint8

const (
	idle phase = iota
	saving
	saved
	applying
)

// Next is the first part of a batch, or the second once the first is durable.
func (p *Plain) Next() (b Batch, ok bool) {
	switch p.phase {
	case idle:
		if b, p.after, ok = p.Take(); !ok {
			return Batch{}, false
		}
		p.rest = Batch{Apply: b.Apply, Reads: b.Reads}
		p.phase, b.Waits, b.Apply, b.Reads = saving, true, nil, nil
		p.show(&b)
		return b, true
	case saved:
		p.phase = applying
		return p.rest, true
	}
	return Batch{}, false
}

// show shows what is not to be believed only once the batch is saved.
func (p *Plain) show(b *Batch) {
	p.Shown = State{Role: p.after.Role, Leader: p.after.Leader, Commit: max(p.Shown.Commit, b.Snapshot.ID.Index)}
	if p.after.Role == raft.Leader && b.Hard.Term != p.term {
		p.Shown.Role, p.Shown.Leader = raft.Candidate, raft.None
	}
	p.term = b.Hard.Term
}

// Durable says that the first part of the batch is saved.
func (p *Plain) Durable() { p.phase, p.Shown = saved, p.after }

// Applied says that the second part is applied.
func (p *Plain) Applied() {
	if p.phase == applying {
		p.Advance()
		p.phase = idle
	}
}

// State is what the node shows.
func (p *Plain) State() State { return p.Shown }

// Reconfigure refuses.
func (p *Plain) Reconfigure(_, _ raft.Configuration) bool { return false }

// Reconfigured is never called.
func (p *Plain) Reconfigured(raft.Entry) (raft.Configuration, []byte, raft.NodeSet) {
	panic("adapter: a change of the configuration where there is none")
}

// Match is not needed without changes.
func (p *Plain) Match(raft.NodeID) raft.Index { return 0 }
