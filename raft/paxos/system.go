package paxos

import (
	"encoding/binary"
	"fmt"
	"io"

	"raftcheck/raft"
	"raftcheck/raft/seal"
)

// Single is single-decree Paxos: a log of one entry.
type Single struct{ system }

// Name is the system's name in schedules.
func (Single) Name() string { return "paxos" }

// Boot starts a node from the records on its disk.
func (Single) Boot(c raft.NodeConfig) (raft.Node, error) { return boot(c, 1) }

// Limits states that it is no Raft, and decides once.
func (Single) Limits() raft.Limits {
	return raft.Limits{Algorithm: algorithm, Entries: 1, Lacks: lacks}
}

// Multi is multi-Paxos: a log of any length.
type Multi struct{ system }

// Name is the system's name in schedules.
func (Multi) Name() string { return "multi-paxos" }

// Boot starts a node from the records on its disk.
func (Multi) Boot(c raft.NodeConfig) (raft.Node, error) { return boot(c, 0) }

// Limits states that it is no Raft.
func (Multi) Limits() raft.Limits { return raft.Limits{Algorithm: algorithm, Lacks: lacks} }

const (
	algorithm = "Paxos"
	lacks     = raft.Snapshots | raft.Membership | raft.Transfers | raft.PreVotes
)

// system has the methods that both systems share.
type system struct{}

// Readless declares that clients read through the log.
func (system) Readless() string { return "a read is a command" }

// boot starts a node whose log has so many slots at most; 0 is no limit.
func boot(c raft.NodeConfig, most raft.Index) (raft.Node, error) {
	var seed [8]byte
	if _, err := io.ReadFull(c.Rand, seed[:]); err != nil {
		panic(err) // raft.NodeConfig.Rand never fails
	}
	n := &Node{id: c.ID, voters: c.Voters, most: most}
	n.timer.seed = binary.LittleEndian.Uint64(seed[:])
	bodies, err := seal.Bodies(c.Disk)
	if err != nil {
		return nil, err
	}
	for _, body := range bodies {
		var r record
		if err := r.decode(body); err != nil {
			return nil, err
		}
		n.restore(&r)
	}
	n.disk.promised = n.promised
	return n, nil
}

// restore takes over a record.
func (n *Node) restore(r *record) {
	n.promised = r.ballot
	for i, s := range r.slots {
		for at := int(r.first) - 1 + i; len(n.slots) <= at; {
			n.slots = append(n.slots, slot{})
		}
		n.slots[int(r.first)-1+i] = s
	}
}

// assertionFailed reports a bug of this package.
func assertionFailed(format string, args ...any) {
	panic("paxos: assertion failed: " + fmt.Sprintf(format, args...))
}

// DescribeMessage describes a message on one line.
func (system) DescribeMessage(in raft.Message) string {
	var m message
	if !m.decode(in.Payload) {
		return in.Kind + ", undecodable"
	}
	text := fmt.Sprintf("%v b%d", m.kind, m.ballot)
	switch m.kind {
	case prepare:
		text += fmt.Sprintf(" from slot %d", m.first)
	case promise:
		text += describeSlots(m.first, m.slots)
	case accept:
		for i := range m.slots {
			text += fmt.Sprintf(" %v", m.slots[i].entry.ID)
		}
		text += fmt.Sprintf(" chosen=%d", m.chosen)
	case accepted:
		if m.count > 0 {
			text += fmt.Sprintf(" slots %d..%d", m.first, m.first+m.count-1)
		}
		text += fmt.Sprintf(" chosen=%d last=%d", m.chosen, m.last)
	}
	return text
}

// DescribeWrite describes a disk record on one line.
func (system) DescribeWrite(data []byte) string {
	body, torn, err := seal.Open(data)
	switch {
	case err != nil:
		return err.Error()
	case torn:
		return "torn"
	}
	var r record
	if err := r.decode(body); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("promised b%d%s", r.ballot, describeSlots(r.first, r.slots))
}

// describeSlots lists entries with the ballots in which they were accepted.
func describeSlots(first raft.Index, run []slot) (text string) {
	for i := range run {
		if s := &run[i]; s.ballot == 0 {
			text += fmt.Sprintf(" slot %d free", first+raft.Index(i))
		} else {
			text += fmt.Sprintf(" %v accepted in b%d", s.entry.ID, s.ballot)
		}
	}
	return text
}
