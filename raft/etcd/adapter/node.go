package adapter

import (
	"slices"

	"raftcheck/raft"
)

// Node is a raft.Node and a raft.Inspector that drives a Library.
type Node struct {
	id      raft.NodeID
	lib     Library
	draw    func() (end func()) // makes the library draw from this node's randomness
	stopped bool                // its disk failed
	out     raft.Output

	hard    HardState
	issued  raft.WriteID // its latest write
	durable raft.WriteID
	waits   []raft.WriteID // the writes that the library's batches with Waits wait for
	records uint64         // whole records that were ever on the disk

	restores    Snapshot // handed to the state machine at the first step
	applied     raft.Index
	config      raft.Configuration
	configIndex raft.Index
	conf        []byte       // config in the library's encoding, with guests
	guests      raft.NodeSet // see Snapshot

	requests requests

	batch int // inputs that are still to be taken together
	lag   int // inputs until late is applied
	late  [][]raft.Entry
}

// Open starts a library from the saved state. Without a snapshot it calls
// Saved.First.
type Open func(*raft.NodeConfig, *Saved) (Library, error)

// Boot starts a node from the records on its disk.
func Boot(c *raft.NodeConfig, open Open, draw Draw) (raft.Node, error) {
	s, err := Load(c.Disk)
	if err != nil {
		return nil, err
	}
	rand := c.Rand
	n := &Node{id: c.ID, hard: s.Hard, records: s.records, draw: func() func() { return draw(rand) }}
	defer n.draw()()
	if n.lib, err = open(c, s); err != nil {
		return nil, err
	}
	n.restores = s.Snapshot
	n.configure(&s.Snapshot)
	n.requests.led = n.lead()
	return n, nil
}

// Step passes the library one input and carries out the work that it requests. During a
// batch that is done with the last input.
func (n *Node) Step(in raft.Input) raft.Output {
	if n.batch == 0 {
		n.out = raft.Output{
			Writes: n.out.Writes[:0], Sends: n.out.Sends[:0],
			Applied: n.out.Applied[:0], Replies: n.out.Replies[:0],
		}
	}
	if _, failed := in.(*raft.PersistFailed); failed {
		n.stopped = true
	}
	if n.stopped || n.paced(in) {
		return raft.Output{}
	}
	defer n.draw()()
	if n.restores.ID.Index > 0 {
		n.restore(&n.restores)
		n.restores = Snapshot{}
	}
	n.take(in)
	n.lag = max(n.lag-1, 0)
	if n.batch = max(n.batch-1, 0); n.batch > 0 {
		return raft.Output{}
	}
	n.carryOut()
	n.answer()
	return n.out
}

// paced reports whether an input is about those that follow it.
func (n *Node) paced(in raft.Input) bool {
	switch in := in.(type) {
	case *raft.Batch:
		n.batch = in.Inputs
		return true
	case *raft.Lag:
		n.lag = in.Inputs
		return true
	}
	return false
}

// restore hands over the state in a snapshot. That state includes every entry that
// was applied in this step.
func (n *Node) restore(s *Snapshot) {
	n.applied, n.out.Applied = s.ID.Index, n.out.Applied[:0]
	n.out.Restore = raft.Snapshot{ID: s.ID, State: n.configure(s)}
}

// configure adopts the configuration in a snapshot, and returns the state in it.
func (n *Node) configure(s *Snapshot) (state []byte) {
	n.config, n.configIndex, state = openData(s.Data)
	n.conf, n.guests = s.Conf, s.All&^n.config.Members()
	return state
}

// take passes the library an input.
func (n *Node) take(in raft.Input) {
	switch in := in.(type) {
	case *raft.Tick:
		n.tick()
	case *raft.Timeout:
		n.lib.Campaign()
	case *raft.Receive:
		n.lib.Receive(in.Msg.Payload)
	case *raft.Persisted:
		n.persisted(in.ID)
	case *raft.Propose:
		n.propose(in)
	case *raft.Read:
		n.read(in)
	case *raft.Compact:
		n.compact(in)
	case *raft.Reconfigure:
		n.reconfigure(in)
	case *raft.Transfer:
		n.transfer(in)
	}
}

// tick passes a tick. The library would wait forever for a snapshot that was lost
// on the way, so a leader periodically gives up on the snapshots under way.
func (n *Node) tick() {
	n.lib.Tick()
	if n.requests.ticks++; n.requests.ticks%(2*ElectionTicks) == 0 {
		n.lib.Resend()
	}
}

// persisted reports durable writes to the library.
func (n *Node) persisted(id raft.WriteID) {
	n.durable = id
	for len(n.waits) > 0 && n.waits[0] <= id {
		n.waits = slices.Delete(n.waits, 0, 1)
		n.lib.Durable()
	}
}

// carryOut does the library's work until there is no more.
func (n *Node) carryOut() {
	if n.lag == 0 {
		n.catchUp()
	}
	for b, ok := n.lib.Next(); ok; b, ok = n.lib.Next() {
		if b.Save {
			n.save(&b)
		}
		n.out.Sends = append(n.out.Sends, b.Sends...)
		for _, m := range b.Promises {
			m.After = n.issued
			n.out.Sends = append(n.out.Sends, m)
		}
		if n.late = append(n.late, b.Apply); n.lag == 0 {
			n.catchUp()
		}
		n.requests.readable(b.Reads)
		if b.Waits {
			n.waits = append(n.waits, n.issued)
			n.persisted(n.durable)
		}
	}
}

// catchUp applies what was held back. A snapshot that came meanwhile has some of it.
func (n *Node) catchUp() {
	for _, entries := range n.late {
		for i := range entries {
			if entries[i].ID.Index > n.applied {
				n.apply(&entries[i])
			}
		}
	}
	for range n.late {
		n.lib.Applied()
	}
	n.late = n.late[:0]
}

// save writes the state that a batch saves.
func (n *Node) save(b *Batch) {
	n.hard = b.Hard
	n.requests.appended(b.Entries)
	if b.Snapshot.ID.Index == 0 {
		n.write(&record{hard: n.hard, entries: b.Entries})
		return
	}
	n.restore(&b.Snapshot)
	n.write(&record{checkpoint: true, hard: n.hard, snapshot: b.Snapshot, entries: b.Entries})
}

// write writes a record.
func (n *Node) write(r *record) {
	n.issued++
	w := raft.Write{ID: n.issued, Data: seal(r, n.records), Checkpoint: r.checkpoint}
	n.out.Writes = append(n.out.Writes, w)
	n.records++
}

// apply gives an entry to the state machine. A configuration in it takes effect
// now.
func (n *Node) apply(e *raft.Entry) {
	n.applied = e.ID.Index
	if e.Kind == raft.Reconfiguration {
		n.reconfigured(e)
	}
	op, public := open(e)
	n.out.Applied = append(n.out.Applied, public)
	if e.Kind == raft.Command && n.requests.take(op) {
		n.reply(op, raft.Done)
	}
}

// reconfigured adopts the configuration in an entry.
func (n *Node) reconfigured(e *raft.Entry) {
	var of raft.NodeSet
	n.config, n.conf, of = n.lib.Reconfigured(*e)
	n.guests &^= of
	n.config.Learners &^= n.guests
	n.configIndex = e.ID.Index
}

// compact makes the state machine the node's snapshot.
func (n *Node) compact(in *raft.Compact) {
	e, ok := n.lib.Entry(in.Index)
	if !ok {
		return // the node adopted a later snapshot meanwhile
	}
	s := Snapshot{
		ID: e.ID, Conf: n.conf, All: n.config.Members() | n.guests,
		Data: sealData(n.config, n.configIndex, in.State),
	}
	n.lib.Compact(s, in.Keep)
	n.write(&record{checkpoint: true, hard: n.hard, snapshot: s, entries: n.after(in.Index)})
}

// after returns the entries of the log after an index.
func (n *Node) after(i raft.Index) []raft.Entry {
	var entries []raft.Entry
	for e, ok := n.lib.Entry(i + 1); ok; e, ok = n.lib.Entry(e.ID.Index + 1) {
		entries = append(entries, e)
	}
	return entries
}

// Status returns the node's current state.
func (n *Node) Status() raft.Status {
	s := n.lib.State()
	return raft.Status{
		Term: n.hard.Term, Vote: n.hard.Vote, Role: s.Role, Leader: s.Leader,
		Base: n.lib.Base(), Last: n.lib.Last(), Commit: s.Commit, Applied: n.applied,
		Config: n.config, ConfigIndex: n.configIndex, ConfigApplied: true,
	}
}

// Beliefs returns a leader's knowledge of the others' logs. The library shows no timers.
func (n *Node) Beliefs() (b raft.Beliefs) {
	if n.lib.State().Role != raft.Leader {
		return b
	}
	for id := range n.config.Members().All() {
		b.Match[id] = n.lib.Match(id)
	}
	return b
}

// EntryAt returns an entry of the log.
func (n *Node) EntryAt(i raft.Index) (raft.Entry, bool) {
	e, ok := n.lib.Entry(i)
	if ok {
		_, e = open(&e)
	}
	return e, ok
}
