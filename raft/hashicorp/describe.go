package hashicorp

import (
	"fmt"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
	"raftcheck/raft/bubble"
	"raftcheck/raft/hashicorp/msgpack"
)

// DescribeMessage describes a message on one line.
func (System) DescribeMessage(m raft.Message) string {
	kind, body, err := bubble.Open(m.Payload)
	if err != nil {
		return m.Kind + " " + err.Error()
	}
	if r, ok := requests[kind]; ok {
		command := r.command()
		if err := msgpack.Decode(body, command); err != nil {
			return kind + ": " + err.Error()
		}
		return kind + describeRequest(command)
	}
	return kind + describeReply(kind, body)
}

func describeRequest(command any) string {
	switch c := command.(type) {
	case *lib.AppendEntriesRequest:
		text := fmt.Sprintf(" t%d prev=t%di%d commit=%d",
			c.Term, c.PrevLogTerm, c.PrevLogEntry, c.LeaderCommitIndex)
		if n := len(c.Entries); n > 0 {
			text += fmt.Sprintf(" entries=%d..%d", c.Entries[0].Index, c.Entries[n-1].Index)
		}
		return text
	case *lib.RequestVoteRequest:
		return fmt.Sprintf(" t%d last=t%di%d", c.Term, c.LastLogTerm, c.LastLogIndex)
	case *lib.RequestPreVoteRequest:
		return fmt.Sprintf(" t%d last=t%di%d", c.Term, c.LastLogTerm, c.LastLogIndex)
	case *lib.InstallSnapshotRequest:
		return fmt.Sprintf(" t%d of t%di%d, %d bytes", c.Term, c.LastLogTerm, c.LastLogIndex, c.Size)
	}
	return ""
}

// reply has the fields of every kind of answer; a field that one of them lacks is zero.
type reply struct {
	Term, LastLog    uint64
	Success, Granted bool
}

func describeReply(kind string, body []byte) string {
	r := reply{}
	if err := msgpack.Decode(body, &r); err != nil {
		return ": " + err.Error()
	}
	said := map[bool]string{true: "yes", false: "no"}[r.Success || r.Granted]
	switch kind {
	case appendReply:
		return fmt.Sprintf(" t%d %s, log ends at %d", r.Term, said, r.LastLog)
	case timeoutNowReply:
		return ""
	}
	return fmt.Sprintf(" t%d %s", r.Term, said)
}

// DescribeWrite describes a record on one line.
func (System) DescribeWrite(data []byte) string { return bubble.Describe(data) }
