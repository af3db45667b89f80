package conform

import (
	"errors"
	"fmt"

	"raftcheck/raft"
)

// staysWithinItsLog compares the status that nodes show with the log that they show. A
// number beyond the log would break a property later, far from the mistake.
func staysWithinItsLog(t *rig) error {
	if err := t.needsInspector(); err != nil {
		return err
	}
	watch := &logWatch{watched: watched{t.system}}
	rig := t.with(watch)
	defer rig.end()
	c, err := rig.three(false)
	for value := 2; value < 5 && err == nil && t.storing != nil; value++ {
		err = c.put(value)
	}
	if watch.problem != "" {
		return errors.New(watch.problem)
	}
	return err
}

// logWatch is a system whose nodes are inspected after each step.
type logWatch struct {
	watched
	problem string // the first mistake in a status or a log, or ""
}

// Boot boots a node and inspects it after each step.
func (s *logWatch) Boot(c raft.NodeConfig) (raft.Node, error) {
	return around(s.System, c, func(sound raft.Node) func(raft.Input) raft.Output {
		return func(in raft.Input) raft.Output {
			out := sound.Step(in)
			if shown, ok := sound.(raft.Inspector); ok && s.problem == "" {
				s.problem = beyond(c.ID, shown)
			}
			return out
		}
	})
}

// farBeyond is an index that no log reaches, and that is negative as a signed integer.
const farBeyond = raft.Index(1 << 63)

// longest is the number of entries at the end of a log that are inspected after a step.
const longest = 100

// beyond returns the first number in a node's status that lies beyond its log, or the
// first entry that does not belong there. It returns "" if there is none.
func beyond(id raft.NodeID, n raft.Inspector) string {
	s := n.Status()
	switch last := s.Last.Index; {
	case s.Base.Index > last:
		return fmt.Sprintf("%s shows a log that begins after %s and ends at %s", id, s.Base, s.Last)
	case s.Commit > last:
		return fmt.Sprintf("%s shows %d as its commit index, and its log ends at %s", id, s.Commit, s.Last)
	case s.Commit < s.Base.Index:
		return fmt.Sprintf("%s shows a log that begins after %s, and calls only %d committed",
			id, s.Base, s.Commit)
	case s.Applied > s.Commit:
		return fmt.Sprintf("%s shows that it applied up to %d, and calls only %d committed",
			id, s.Applied, s.Commit)
	case s.ConfigIndex > last:
		return fmt.Sprintf("%s shows %d as the index of its configuration, and its log ends at %s",
			id, s.ConfigIndex, s.Last)
	}
	for _, i := range [...]raft.Index{0, s.Last.Index + 1, farBeyond, ^raft.Index(0)} {
		if e, ok := n.EntryAt(i); ok {
			return fmt.Sprintf("%s has %s for EntryAt(%d), and its log ends at %s", id, e.ID, i, s.Last)
		}
	}
	for i := s.Last.Index; i > s.Base.Index && s.Last.Index-i < longest; i-- {
		if e, ok := n.EntryAt(i); !ok || e.ID.Index != i {
			return fmt.Sprintf("%s has %s, %v for EntryAt(%d), and its log begins after %s and ends at %s",
				id, e.ID, ok, i, s.Base, s.Last)
		}
	}
	return ""
}
