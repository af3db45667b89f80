package service

import (
	"strconv"

	"raftcheck/linearizability"
)

// Source is where the choices of a client come from.
type Source interface {
	// Below draws a number from 0 to n-1; n is from 1 to 65536.
	Below(n int) int
}

// Caller is a client that is about to call an operation in a random schedule.
type Caller struct {
	Source Source
	Client uint32
	// Reads asks for an operation that is read-only.
	Reads bool
	// OneKey asks for the same key from all clients: a read from a lease is only
	// worth judging where another client wrote.
	OneKey bool
	// Numbers counts the numbers that the clients of the schedule have taken. A client
	// takes the next one by counting it, so that each value is written once.
	Numbers int
	// History is the calls and answers of all clients so far. It is valid until Draw returns.
	History linearizability.History
}

// Drawing is a service that draws the operations of its clients.
type Drawing interface {
	Service
	// Draw returns the text of the caller's next operation.
	Draw(c *Caller) string
}

// Draw returns the operation that a client of the service calls next: the service's own
// choice, or one of its examples. It is "" if the client is to read and no example is
// read-only.
func Draw(s Service, c *Caller) string {
	if d, ok := s.(Drawing); ok {
		return d.Draw(c)
	}
	c.Numbers++
	var texts []string
	for _, op := range s.Examples(strconv.Itoa(c.Numbers)) {
		if op.ReadOnly() || !c.Reads {
			texts = append(texts, op.String())
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return texts[c.Source.Below(len(texts))]
}

// Simplifying is a service with operations that are simpler than others.
type Simplifying interface {
	Service
	// Simpler lists operations to try in the place of one, the simplest first. None of
	// them has one in its own list that leads back: shrinking ends.
	Simpler(op Op) []Op
}

// Simpler lists the texts of operations that are simpler than one, the simplest first.
// A service that is not Simplifying has none.
func Simpler(s Service, text string) (texts []string) {
	simplifying, ok := s.(Simplifying)
	if !ok {
		return nil
	}
	op, err := s.ParseOp(text)
	if err != nil {
		return nil
	}
	for _, simpler := range simplifying.Simpler(op) {
		texts = append(texts, simpler.String())
	}
	return texts
}
