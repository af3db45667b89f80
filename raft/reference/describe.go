package reference

import (
	"fmt"
	"strings"

	"raftcheck/raft"
)

// DescribeMessage describes a message on one line: its kind, the sender's term and
// its contents.
func (System) DescribeMessage(in raft.Message) string {
	var m message
	if err := m.decode(in.Payload); err != nil {
		return fmt.Sprintf("%s, undecodable: %v", in.Kind, err)
	}
	return strings.TrimSpace(fmt.Sprintf("%v t%d %s", m.kind, m.term, m.body().describe()))
}

func granted(v bool) string {
	if v {
		return "granted"
	}
	return "refused"
}

func (nothing) describe() string { return "" }

func (v *requestVote) describe() string {
	if v.forced {
		return fmt.Sprintf("last=%v, by the leader's wish", v.last)
	}
	return fmt.Sprintf("last=%v", v.last)
}

func (v *voteReply) describe() string    { return granted(v.granted) }
func (v *preVote) describe() string      { return fmt.Sprintf("last=%v", v.last) }
func (v *preVoteReply) describe() string { return granted(v.granted) }

func (a *appendEntries) describe() string {
	if a.entries.count == 0 {
		return fmt.Sprintf("prev=%v commit=%d", a.prev, a.commit)
	}
	entries := describeRun("entries=", a.prev.Index+1, a.entries)
	return fmt.Sprintf("prev=%v %s commit=%d", a.prev, entries, a.commit)
}

func (a *appendReply) describe() string {
	switch {
	case a.matches:
		return fmt.Sprintf("matches up to %d", a.index)
	case a.conflict.Index == 0:
		return "refused: old term"
	case a.conflict.Term == 0:
		return fmt.Sprintf("refused at %d: log ends at %d", a.index, a.conflict.Index-1)
	default:
		return fmt.Sprintf("refused at %d: term %d from %d", a.index, a.conflict.Term, a.conflict.Index)
	}
}

func (s *installSnapshot) describe() string {
	return fmt.Sprintf("%v bytes %d..%d of %d", s.id, s.offset, s.offset+len(s.chunk), s.size)
}

func (s *installReply) describe() string { return fmt.Sprintf("%v has %d bytes", s.id, s.have) }

func (q *readRequest) describe() string { return fmt.Sprintf("context %x", q.ctx) }
func (q *readReply) describe() string {
	return fmt.Sprintf("context %x after %d", q.ctx, q.index)
}

// describeRun formats the indexes of a run that is not empty.
func describeRun(label string, first raft.Index, entries entryList) string {
	return fmt.Sprintf("%s%d..%d", label, first, first+raft.Index(entries.count)-1)
}

// DescribeWrite describes a disk record on one line: "torn" if its end is missing,
// and the error if it is damaged.
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
	case recordTruncation:
		return fmt.Sprintf("truncate from %d", r.index)
	default:
		return fmt.Sprintf("checkpoint: term %d vote %v, snapshot of %v with %d bytes, log %d..%d",
			r.hard.term, r.hard.vote, r.snapshot.id, len(r.snapshot.state),
			r.base.Index+1, int(r.base.Index)+r.entries.count)
	}
}
