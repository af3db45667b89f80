package adapter

import "raftcheck/raft"

// Plain is the common part of a Library in releases that are driven by Ready and
// Advance. A batch is saved; then its messages are sent and its committed entries
// are applied; only then is there another. The library may count its own vote and
// its own entries before they are saved. The node shows the results of that only
// after the save.
//
// The old releases are kept for their elections and reads; their configurations
// never change.
type Plain struct {
	Take    func() (b Batch, after State, ok bool)
	Advance func() // the batch is saved and applied
	Shown   State

	term  raft.Term // of the batch that was saved last
	after State     // is shown once the batch is saved
	rest  Batch     // is done then
	phase phase
}

type phase uint8

const (
	idle phase = iota
	saving
	saved
	applying
)

// Next returns the first part of a batch, or the second once the first is durable.
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

// show updates Shown by the parts of the new state that do not depend on the save.
func (p *Plain) show(b *Batch) {
	p.Shown = State{Role: p.after.Role, Leader: p.after.Leader, Commit: max(p.Shown.Commit, b.Snapshot.ID.Index)}
	if p.after.Role == raft.Leader && b.Hard.Term != p.term {
		p.Shown.Role, p.Shown.Leader = raft.Candidate, raft.None
	}
	p.term = b.Hard.Term
}

// Durable reports that the first part of the batch is saved.
func (p *Plain) Durable() { p.phase, p.Shown = saved, p.after }

// Applied reports that the second part is applied.
func (p *Plain) Applied() {
	if p.phase == applying {
		p.Advance()
		p.phase = idle
	}
}

// State returns the state that the node shows.
func (p *Plain) State() State { return p.Shown }

// Reconfigure rejects every change.
func (p *Plain) Reconfigure(_, _ raft.Configuration) bool { return false }

// Reconfigured is never called, because Reconfigure rejects every change.
func (p *Plain) Reconfigured(raft.Entry) (raft.Configuration, []byte, raft.NodeSet) {
	panic("adapter: a change of the configuration where there is none")
}

// Match is not needed without changes.
func (p *Plain) Match(raft.NodeID) raft.Index { return 0 }
