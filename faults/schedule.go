package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"raftcheck/models/service"
	"raftcheck/raft"
)

// Schedule decides a run: it has the cluster and the events.
type Schedule struct {
	Prose  []string // what the schedule is about, lines without their "# "
	System string   // the name of the implementation
	Nodes  int      // 1 to MaxNodes
	// Voters is how many nodes, the first ones, are voters of the first
	// configuration; 0 is all, and a Voters equal to Nodes is written so.
	Voters int
	// Learners are those of the first configuration; the system must be a [raft.Learning].
	Learners raft.NodeSet
	PreVote  bool
	Service  service.Service // that the clients use
	// Usual is whether the header leaves out the service's name, which it may if the
	// service is the first of the set that the schedule is read with.
	Usual bool
	// TickMillis is how many milliseconds a tick of real servers lasts; 0 if the header
	// does not say. Simulations have no use for it.
	TickMillis int
	Rand       uint64 // seeds what nodes read as their randomness
	Events     []Event
	Notes      []Note   // remarks among the events, in order
	Golden     []string // the verdict expected, a line each; nil if none is
}

// Note is a line among the events that is not an event: a remark "# ..." or a blank line "".
type Note struct {
	Before int // the event that it stands before, counted from 0
	Text   string
}

// ruler is the line between the events and the verdict.
const ruler = "----"

// String is the schedule as a file; Parse is its inverse.
func (s *Schedule) String() string {
	b := s.appendHeader(make([]byte, 0, 64+24*len(s.Events)))
	notes := s.Notes
	for i := range s.Events {
		for ; len(notes) > 0 && notes[0].Before <= i; notes = notes[1:] {
			b = append(append(b, notes[0].Text...), '\n')
		}
		b = append(s.Events[i].Append(b), '\n')
	}
	for _, note := range notes {
		b = append(append(b, note.Text...), '\n')
	}
	if s.Golden != nil {
		b = append(append(b, ruler...), '\n')
	}
	for _, line := range s.Golden {
		b = append(append(b, line...), '\n')
	}
	return string(b)
}

// First has the voters of the first configuration.
func (s *Schedule) First() raft.NodeSet { return raft.FirstNodes(cmp.Or(s.Voters, s.Nodes)) }

// Suits returns an error if a system cannot run the schedule.
func (s *Schedule) Suits(system raft.System) error {
	if limits := raft.LimitsOf(system); !limits.Allows(s.Nodes) || s.First().Len() < limits.Least {
		return fmt.Errorf("expected voters and nodes within the limits of %s (%d to %d, 0 is none), found %d of %d",
			system.Name(), limits.Least, limits.Most, s.First().Len(), s.Nodes)
	}
	if l, ok := system.(raft.Learning); s.Learners == 0 || ok && l.Learns() {
		return nil
	}
	return fmt.Errorf("expected no learners in the first configuration, which %s cannot have, found %s",
		system.Name(), s.Learners)
}

// header is a schedule of the same cluster, without events.
func (s *Schedule) header() *Schedule {
	return &Schedule{
		Prose: s.Prose, System: s.System, Nodes: s.Nodes, Voters: s.Voters, Learners: s.Learners,
		PreVote: s.PreVote, Service: s.Service, Usual: s.Usual, TickMillis: s.TickMillis, Rand: s.Rand,
	}
}

func (s *Schedule) appendHeader(b []byte) []byte {
	for _, line := range s.Prose {
		b = append(b, strings.TrimRight("# "+line, " ")...)
		b = append(b, '\n')
	}
	b = append(append(append(b, "system "...), s.System...), '\n')
	b = append(appendNumber(append(b, "nodes "...), ' ', int64(s.Nodes)), '\n')
	if s.Voters != 0 && s.Voters != s.Nodes {
		b = append(appendNumber(append(b, "voters"...), ' ', int64(s.Voters)), '\n')
	}
	if s.Learners != 0 {
		b = append(b, "learners"...)
		for id := range s.Learners.All() {
			b = appendNumber(b, ' ', int64(id))
		}
		b = append(b, '\n')
	}
	if s.PreVote {
		b = append(b, "prevote on\n"...)
	}
	if s.Service != nil && !s.Usual {
		b = append(append(append(b, "service "...), s.Service.Name()...), '\n')
	}
	if s.TickMillis != 0 {
		b = append(appendNumber(append(b, "tick  "...), ' ', int64(s.TickMillis)), "ms\n"...)
	}
	return append(strconv.AppendUint(append(b, "rand   "...), s.Rand, 10), '\n', '\n')
}

// Use sets the service to the one of a name, of a set, and reports whether there is one.
// "" is the usual one of the set.
func (s *Schedule) Use(set service.Set, name string) bool {
	s.Service = set.Named(name)
	s.Usual = s.Service != nil && s.Service.Name() == set[0].Name()
	return s.Service != nil
}

// Clone returns a schedule that shares no memory with this one.
func (s *Schedule) Clone() *Schedule {
	c := *s
	c.Prose, c.Events = slices.Clone(s.Prose), slices.Clone(s.Events)
	c.Notes, c.Golden = slices.Clone(s.Notes), slices.Clone(s.Golden)
	return &c
}

// WithoutChecks returns the schedule without the events that only look at the cluster,
// and without remarks. Its trace hash is the same.
func (s *Schedule) WithoutChecks() *Schedule {
	c := s.Clone()
	c.Notes = nil
	c.Events = slices.DeleteFunc(c.Events, func(e Event) bool { return e.Kind.Checks() })
	return c
}

// MostClient is the highest client that the events name.
func (s *Schedule) MostClient() int {
	most := 0
	for i := range s.Events {
		most = max(most, int(s.Events[i].Client))
	}
	return most
}
