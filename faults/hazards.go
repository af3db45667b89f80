package faults

import (
	"raftcheck/raft"
)

// Hazard is a reason for which a Raft that behaves as it should may break a promise.
type Hazard uint8

// The hazards of a kind of event.
const (
	// NoHazard is the hazard of kinds that every Raft must survive.
	NoHazard Hazard = iota
	// LosesDisk is the hazard of kinds that spoil a node's durable state. A cluster
	// survives the loss of fewer than half of its voters.
	LosesDisk
	// MovesQuorum is the hazard of kinds that make other nodes the ones that are needed.
	MovesQuorum
	// JumpsClock is the hazard of kinds by which one clock, or one timer, gets ahead of
	// the others or stands still.
	JumpsClock
	// TrustsClocks is the hazard of kinds whose answer is right only while clocks agree:
	// reads from a lease (thesis, section 6.4.1).
	TrustsClocks
)

// Hazards says which events may be added to a schedule without breaking a promise that
// no Raft could keep. It knows the nodes whose disks are spoilt, the voters of every
// configuration that was asked for, and whether the schedule relies on leases.
type Hazards struct {
	leases bool // clocks keep within the bound that leases trust
	none   bool // no node has a lease, whatever the clocks do
	lost   raft.NodeSet
	asked  []raft.NodeSet
	room   [8]raft.NodeSet // for the first of asked
}

// Reset begins with the header of a schedule.
func (h *Hazards) Reset(s *Schedule, leases bool) {
	h.leases, h.none, h.lost, h.asked = leases, !s.PreVote, 0, append(h.room[:0], s.First())
}

// Note takes account of an event of the schedule, whether it was enabled or not.
func (h *Hazards) Note(e *Event) {
	switch e.Kind.Hazard() {
	case LosesDisk:
		h.lost = h.lost.With(e.Node)
	case MovesQuorum:
		h.asked = append(h.asked, e.Configuration().Voters)
	}
}

// Lost has the nodes whose disks are spoilt.
func (h *Hazards) Lost() raft.NodeSet { return h.lost }

// Allow reports whether the event may be added. A disk may be lost if every
// configuration that was asked for keeps a majority. Where leases are read, no clock
// jumps or stands still; elsewhere leases are read only if there are none, because without
// pre-votes nobody has a lease.
func (h *Hazards) Allow(e *Event) bool {
	switch e.Kind.Hazard() {
	case LosesDisk:
		for _, voters := range h.asked {
			if !majority(voters, h.lost.With(e.Node)) {
				return false
			}
		}
	case MovesQuorum:
		return majority(e.Configuration().Voters, h.lost)
	case JumpsClock:
		return !h.leases
	case TrustsClocks:
		return h.leases || h.none
	}
	return true
}

// majority reports whether more than half of the voters are not lost.
func majority(voters, lost raft.NodeSet) bool {
	return 2*(voters&lost).Len() < voters.Len()
}

// Fair reports whether the schedule asks no more of disks and quorums than a Raft can survive:
// after each loss of a disk and each change, every configuration asked for keeps a majority.
func (s *Schedule) Fair() bool {
	var h Hazards
	h.Reset(s, false)
	for i := range s.Events {
		e := &s.Events[i]
		if hazard := e.Kind.Hazard(); hazard != LosesDisk && hazard != MovesQuorum {
			continue
		}
		if !h.Allow(e) {
			return false
		}
		h.Note(e)
	}
	return true
}

// TrustsClocks reports whether the schedule reads from leases, and its leaders have them:
// without pre-votes there are no leases.
func (s *Schedule) TrustsClocks() bool {
	for i := range s.Events {
		if s.Events[i].Kind.Hazard() == TrustsClocks {
			return s.PreVote
		}
	}
	return false
}
