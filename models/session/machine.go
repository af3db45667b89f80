package session

import (
	"fmt"

	"raftcheck/models/service"
)

// Ticks is how long a session is remembered after its last command.
const Ticks = 100

// Outcome is what became of a command. The zero value is none: it was no command.
type Outcome uint8

const (
	// Executed commands changed the state and opened or renewed the session.
	Executed Outcome = iota + 1
	// Repeated commands are of a number that the session is at or past.
	Repeated
	// Expired commands may have been executed by a session that is forgotten.
	Expired
)

// String is the outcome's name.
func (o Outcome) String() string {
	if o > Expired {
		return fmt.Sprintf("outcome %d", uint8(o))
	}
	return [...]string{"none", "executed", "repeated", "expired"}[o]
}

// Machine is a service's state machine behind sessions.
type Machine struct {
	contents service.Machine
	now      uint64 // in ticks, of the log
	table    table
}

// NewMachine returns the service's machine in its first state, without sessions, at time 0.
func NewMachine(s service.Service) *Machine {
	m := &Machine{contents: s.NewMachine()}
	m.table.reset()
	return m
}

// Reset returns to the first state, keeping memory.
func (m *Machine) Reset() {
	m.contents.Reset()
	m.now = 0
	m.table.reset()
}

// Apply takes the next command of the log. The package says what becomes of it.
// The result is the service's answer to an executed command and to its
// repetition, otherwise "". What DecodeCommand would not return (no client, no
// sequence number, no operation, a time too high) changes nothing and has no outcome.
func (m *Machine) Apply(c *Command) (result string, o Outcome) {
	if !c.valid() {
		return "", 0
	}
	m.now = max(m.now, c.Born, c.Stamp)
	m.table.forget(m.now)
	i := m.table.find(c.Client)
	opened := m.now
	if i != none {
		s := &m.table.slots[i]
		switch {
		case c.Seq < s.seq:
			return "", Repeated
		case c.Seq == s.seq:
			return s.result, Repeated
		}
		opened = s.opened
	}
	if c.Born+Ticks <= opened {
		return "", Expired
	}
	if i == none {
		i = m.table.open(c.Client, opened)
	}
	s := &m.table.slots[i]
	s.seq, s.result = c.Seq, m.contents.Apply(c.Client, m.now, c.Op)
	m.table.renew(i, m.now)
	return s.result, Executed
}

// Result is the answer of the client's latest executed command, if that is seq
// and the session is not forgotten.
func (m *Machine) Result(client, seq uint32) (string, bool) {
	i := m.table.find(client)
	if i == none || m.table.slots[i].seq != seq {
		return "", false
	}
	return m.table.slots[i].result, true
}

// Query answers a read-only operation, and changes nothing.
func (m *Machine) Query(op service.Op) string { return m.contents.Query(op) }

// Now is the time of the log, in ticks.
func (m *Machine) Now() uint64 { return m.now }
