package session

import (
	"fmt"

	"raftcheck/models/service"
)

// Ticks is the time, in ticks, that a session is remembered after its last execution.
const Ticks = 100

// Outcome is the way in which a machine handled a command. The zero value means that the
// command was invalid.
type Outcome uint8

// The outcomes of a command.
const (
	// Executed commands changed the state and opened or renewed the session.
	Executed Outcome = iota + 1
	// Repeated commands have a number at or below the number of their session.
	Repeated
	// Expired commands may have been executed in a session that was forgotten since.
	Expired
)

// String returns the name of the outcome.
func (o Outcome) String() string {
	if o > Expired {
		return fmt.Sprintf("outcome %d", uint8(o))
	}
	return [...]string{"none", "executed", "repeated", "expired"}[o]
}

// Machine is the state machine of a service, with sessions in front (thesis, section 6.3).
type Machine struct {
	contents service.Machine
	now      uint64 // the time of the log, in ticks
	table    table
}

// NewMachine returns the service's machine in its first state, at time 0 and without
// sessions.
func NewMachine(s service.Service) *Machine {
	m := &Machine{contents: s.NewMachine()}
	m.table.reset()
	return m
}

// Reset returns to the first state. It keeps allocated memory.
func (m *Machine) Reset() {
	m.contents.Reset()
	m.now = 0
	m.table.reset()
}

// Apply handles the next command of the log by the rules in the package documentation. The
// result is the service's answer if the command is executed, or if it repeats the latest
// one of its session; otherwise it is "". A command that DecodeCommand would reject (no
// client, no sequence number, no operation, a time of TimeLimit or more) changes nothing
// and has outcome 0.
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

// Result returns the answer to the client's latest executed command, if its number is seq
// and the session is not forgotten.
func (m *Machine) Result(client, seq uint32) (string, bool) {
	i := m.table.find(client)
	if i == none || m.table.slots[i].seq != seq {
		return "", false
	}
	return m.table.slots[i].result, true
}

// Query returns the answer to a read-only operation. It changes nothing.
func (m *Machine) Query(op service.Op) string { return m.contents.Query(op) }

// Now returns the time of the log, in ticks.
func (m *Machine) Now() uint64 { return m.now }
