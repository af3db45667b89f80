package reference

import (
	"fmt"

	"raftcheck/raft"
)

// DescribeMessage says what a message means, on one line: its kind, the
// sender's term and what it carries.
func (System) DescribeMessage(in raft.Message) string {
	var m message
	if err := m.decode(in.Payload); err != nil {
		return fmt.Sprintf("%s, undecodable: %v", in.Kind, err)
	}
	return fmt.Sprintf("%v t%d %s", m.kind, m.term, m.describe())
}

func (m *message) describe() string {
	switch m.kind {
	case kindRequestVote:
		return fmt.Sprintf("last=%v", m.requestVote.last)
	case kindVoteReply:
		return m.voteReply.describe()
	case kindAppendEntries:
		return m.appendEntries.describe()
	default:
		return m.appendReply.describe()
	}
}

func (v *voteReply) describe() string {
	if v.granted {
		return "granted"
	}
	return "refused"
}

func (a *appendEntries) describe() string {
	if a.entries.count == 0 {
		return fmt.Sprintf("prev=%v commit=%d", a.prev, a.commit)
	}
	return fmt.Sprintf("prev=%v %s commit=%d", a.prev, describeRun("entries=", a.prev.Index+1, a.entries), a.commit)
}

func (a *appendReply) describe() string {
	switch {
	case a.matches:
		return fmt.Sprintf("matches up to %d", a.index)
	case a.conflict.Index == 0:
		return fmt.Sprintf("refused at %d: old term", a.index)
	case a.conflict.Term == 0:
		return fmt.Sprintf("refused at %d: log ends at %d", a.index, a.conflict.Index-1)
	default:
		return fmt.Sprintf("refused at %d: term %d from %d", a.index, a.conflict.Term, a.conflict.Index)
	}
}

// describeRun gives the indexes of a run that is not empty.
func describeRun(label string, first raft.Index, entries entryList) string {
	return fmt.Sprintf("%s%d..%d", label, first, first+raft.Index(entries.count)-1)
}

// DescribeWrite says what a disk record means, on one line: "torn" if its end
// is missing, and the error if it is rotten.
func (System) DescribeWrite(data []byte) string {
	f, err := openFrame(data)
	if err != nil {
		return err.Error()
	}
	if f.extent != whole {
		return "torn"
	}
	r, err := decodeRecord(f.payload)
	if err != nil {
		return fmt.Sprintf("undecodable: %v", err)
	}
	return r.describe()
}

func (r *record) describe() string {
	switch r.kind {
	case recordHardState:
		return fmt.Sprintf("term %d vote %v", r.hard.term, r.hard.vote)
	case recordEntries:
		return describeRun("entries ", r.index, r.entries)
	default:
		return fmt.Sprintf("truncate from %d", r.index)
	}
}
