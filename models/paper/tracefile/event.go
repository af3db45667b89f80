package tracefile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"raftcheck/raft"
)

// event is one event of a log, in etcd's schema.
type event struct {
	Name  string `json:"name"`
	Node  string `json:"nid"`
	State struct {
		Term   raft.Term  `json:"term"`
		Vote   string     `json:"vote"`
		Commit raft.Index `json:"commit"`
	} `json:"state"`
	Role    string      `json:"role"`
	Log     raft.Index  `json:"log"`
	Conf    [2][]string `json:"conf"`
	Message *message    `json:"msg"`
	line    int
}

// message is the message of an event.
type message struct {
	Type    string     `json:"type"`
	Term    raft.Term  `json:"term"`
	From    string     `json:"from"`
	To      string     `json:"to"`
	Entries raft.Index `json:"entries"` // their number; for a snapshot the index of its last entry
	LogTerm raft.Term  `json:"logTerm"`
	Index   raft.Index `json:"index"`
	Reject  bool       `json:"reject"`
}

// roles are the names of roles in the log. A node that asks for pre-votes counts as a follower.
var roles = map[string]raft.Role{
	"StateFollower": raft.Follower, "StatePreCandidate": raft.Follower,
	"StateCandidate": raft.Candidate, "StateLeader": raft.Leader,
}

// mostEntries bounds the length of a log, so that a wrong number cannot exhaust the memory.
const mostEntries = 1 << 20

// maxLineBytes bounds a line.
const maxLineBytes = 1 << 24

// read reads the events of a log, and calls do with each until it returns false.
func read(name string, r io.Reader, do func(*event) bool) (events int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLineBytes)
	line := 1
	for ; lines.Scan(); line++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		e, err := parse(lines.Bytes())
		if err != nil {
			return events, fmt.Errorf("%s:%d: expected a JSON object with an event: %w", name, line, err)
		}
		if e.Name == "" {
			continue
		}
		if err := e.validate(); err != nil {
			return events, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		e.line = line
		events++
		if !do(e) {
			return events, nil
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return events, fmt.Errorf("%s:%d: expected a line of at most %d bytes, found more",
			name, line, maxLineBytes)
	case err != nil:
		return events, fmt.Errorf("%s:%d: %w", name, line, err)
	}
	if events == 0 {
		return 0, fmt.Errorf("%s: expected events, found none", name)
	}
	return events, nil
}

// parse reads the event of a line: the field "event", or else the whole object.
func parse(line []byte) (*event, error) {
	var of struct {
		Event *event `json:"event"`
	}
	if err := json.Unmarshal(line, &of); err != nil || of.Event != nil {
		return of.Event, err
	}
	whole := new(event)
	if err := json.Unmarshal(line, whole); err != nil {
		return nil, err
	}
	return whole, nil
}

// validate returns an error for an event that no node writes.
func (e *event) validate() error {
	_, known := roles[e.Role]
	switch {
	case e.Node == "" || e.Node == "0":
		return errors.New(`expected a node as "nid", found none`)
	case !known:
		return fmt.Errorf(`expected a role such as "StateFollower", found %q`, e.Role)
	case e.Log > mostEntries || e.State.Commit > mostEntries:
		return fmt.Errorf("expected a log of at most %d entries, found %d", mostEntries, max(e.Log, e.State.Commit))
	}
	return nil
}
