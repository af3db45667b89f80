package page

import (
	"raftcheck/faults"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The numbers of a node that a page shows.
const (
	fieldUp      = iota // it runs
	fieldPaused         // it takes no input
	fieldFailed         // its disk failed since it booted
	fieldRefused        // it refused its disk
	fieldWiped          // its disk is gone
	fieldHidden         // it does not show its state
	fieldTerm
	fieldVote
	fieldRole
	fieldLeader // the node that it believes to lead
	fieldBase   // its log begins after this index
	fieldCommit
	fieldApplied
	fieldConfig      // a word
	fieldConfigIndex // of the entry of its configuration
	fieldStoredTerm
	fieldStoredVote
	fieldIssued  // its last write since it booted
	fieldDurable // its last durable write since it booted
	fieldLost    // the writes that its last crash lost
	fieldTorn    // the first of those survived in part
	fieldClock   // its ticks
	fieldRate    // of its clock, in percent
	fieldStalled // its fsyncs hang
	fieldFull    // its disk is full

	// Its beliefs, see [raft.Beliefs]. The times are those of its clock, and 0 is none.
	fieldElection
	fieldHeartbeat
	fieldLease
	fieldLoyal
	fieldMatch // of node 1; those of the other nodes follow
	fields     = fieldMatch + faults.MaxNodes
)

// fieldNames are the names of the numbers in the page's data.
var fieldNames = [fields]string{
	"up", "paused", "failed", "refused", "wiped", "hidden", "term", "vote", "role", "leader", "base", "commit",
	"applied", "config", "configIndex", "storedTerm", "storedVote", "issued", "durable", "lost", "torn",
	"clock", "rate", "stalled", "full", "election", "heartbeat", "lease", "loyal",
	"match1", "match2", "match3", "match4", "match5", "match6", "match7", "match8", "match9",
}

// nodeState is a node as the page has it after the last closed step.
type nodeState struct {
	fields    [fields]uint64
	log, disk []trace.Logged
	clock     uint64 // its ticks so far
	rate      uint64 // of its clock, in percent

	issued, durable, lost, torn uint64
}

// booted forgets the writes of the life before.
func (n *nodeState) booted(durable raft.WriteID) {
	n.issued, n.durable, n.lost, n.torn = 0, uint64(durable), 0, 0
}

// wrote notes the writes of a step and how many are durable.
func (n *nodeState) wrote(rec *trace.Record) {
	for i := range rec.Out.Writes {
		n.issued = uint64(rec.Out.Writes[i].ID)
	}
	if in, failed := rec.Input.(*raft.PersistFailed); failed {
		n.lost = n.issued - min(n.issued, uint64(in.ID)-1)
		n.issued = uint64(in.ID) - 1
	}
	n.durable = uint64(rec.Durable)
}

// stopped notes the writes that a node loses as it stops.
func (n *nodeState) stopped(rec *trace.Record) {
	n.durable = uint64(rec.Durable)
	n.lost, n.torn = uint64(rec.Lost), bit(rec.Torn)
	if rec.Kind == trace.Panicked {
		n.lost = n.issued - min(n.issued, n.durable)
	}
	n.issued = n.durable
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// read returns the numbers of a node as they are now.
func (r *recorder) read(id int) (now [fields]uint64) {
	n, own := &r.view.Nodes[id], &r.nodes[id]
	s := &n.Status
	now[fieldUp], now[fieldPaused] = bit(n.Up), bit(r.world.Paused().Has(raft.NodeID(id)))
	now[fieldFailed], now[fieldRefused] = bit(n.Stopped), bit(n.Refused)
	now[fieldWiped], now[fieldHidden] = bit(n.Wiped), bit(n.Up && !n.Inspected)
	now[fieldTerm], now[fieldVote] = uint64(s.Term), uint64(s.Vote)
	now[fieldRole], now[fieldLeader] = uint64(s.Role), uint64(s.Leader)
	now[fieldBase] = uint64(s.Base.Index)
	now[fieldCommit], now[fieldApplied] = uint64(s.Commit), uint64(s.Applied)
	if s.Config != (raft.Configuration{}) {
		now[fieldConfig] = uint64(r.word(s.Config.String()))
	}
	now[fieldConfigIndex] = uint64(s.ConfigIndex)
	now[fieldStoredTerm], now[fieldStoredVote] = uint64(n.Stored.Term), uint64(n.Stored.Vote)
	now[fieldIssued], now[fieldDurable] = own.issued, own.durable
	now[fieldLost], now[fieldTorn] = own.lost, own.torn
	now[fieldClock], now[fieldRate] = own.clock, own.rate
	now[fieldStalled] = bit(r.world.Stalled().Has(raft.NodeID(id)))
	now[fieldFull] = bit(r.world.Full().Has(raft.NodeID(id)))
	r.believed(raft.NodeID(id), &now)
	return now
}

// believed reads the beliefs of a node.
func (r *recorder) believed(id raft.NodeID, now *[fields]uint64) {
	b := r.world.Beliefs(id)
	for field, ticks := range map[int]int{
		fieldElection: b.Election, fieldHeartbeat: b.Heartbeat, fieldLease: b.Lease, fieldLoyal: b.Loyal,
	} {
		if ticks > 0 {
			now[field] = now[fieldClock] + uint64(ticks)
		}
	}
	for peer := range r.world.All().All() {
		now[fieldMatch+int(peer)-1] = uint64(b.Match[peer])
	}
}

// change adds to a step what changed at a node since the step before.
func (r *recorder) change(step *Step, id int) {
	n, own := &r.view.Nodes[id], &r.nodes[id]
	c := Change{Node: id}
	now := r.read(id)
	for f, value := range now {
		if own.fields[f] != value {
			c.Fields = append(c.Fields, uint64(f), value)
		}
	}
	own.fields = now
	if n.Up {
		c.Log = r.difference(own.log, n.Log)
		own.log = append(own.log[:0], n.Log...)
	}
	c.Disk = r.difference(own.disk, n.Stored.Log)
	own.disk = append(own.disk[:0], n.Stored.Log...)
	if c.Fields != nil || c.Log != nil || c.Disk != nil {
		step.Changes = append(step.Changes, c)
	}
}

// difference is how a log became another, as Change has it; nil if they are equal.
func (r *recorder) difference(was, is []trace.Logged) []uint64 {
	if len(was) == len(is) && (len(is) == 0 || was[len(is)-1].Prefix == is[len(is)-1].Prefix) {
		return nil
	}
	kept := min(len(was), len(is))
	for kept > 0 && was[kept-1].Prefix != is[kept-1].Prefix {
		kept--
	}
	list := []uint64{uint64(kept)}
	for _, e := range is[kept:] {
		list = append(list, uint64(e.Term), uint64(r.entry(&e)))
	}
	return list
}

// The words that every run has.
var fixedWords = [...]string{"", "no-op", "configuration", "command"}

// entry returns the word of an entry.
func (r *recorder) entry(e *trace.Logged) int {
	switch name, known := r.names[e.Hash]; {
	case known:
		return name
	case e.Term == 0:
		return 0
	case e.Kind == raft.NoOp:
		return 1
	case e.Kind == raft.Reconfiguration:
		return 2
	}
	return 3
}

// faulted notes the kind of a fault, and the new rate of a clock.
func (r *recorder) faulted(e faults.Event) {
	if e.Kind == faults.Skew {
		r.nodes[e.Node].rate = uint64(e.K)
	}
	r.step.Fault = faultOf(e)
}

// faultOf is the kind of an event that begins or ends a fault, and "" of any other.
func faultOf(e faults.Event) string {
	switch e.Kind {
	case faults.Skew, faults.Cut, faults.Mend, faults.Slow, faults.Lose, faults.Drop, faults.Duplicate,
		faults.Crash, faults.Tear, faults.Corrupt, faults.Fail, faults.Pause, faults.Resume, faults.Restart,
		faults.Wipe, faults.Kill, faults.Stall, faults.Unstall, faults.Lossy, faults.Load, faults.Fill,
		faults.Free:
		return e.Kind.String()
	}
	return ""
}
