package hostile

import "raftcheck/raft"

// changeStatus changes one field of a status.
func (n *node) changeStatus(d *dice, s *raft.Status) {
	switch d.below(16) {
	case 0:
		s.Term = d.term(s.Term)
	case 1:
		s.Vote, s.Leader = d.node(), d.node()
	case 2:
		s.Role = raft.Role(d.next())
	case 3:
		s.Role = raft.Role(d.below(raft.Roles))
	case 4:
		s.Base = d.id(s.Base)
	case 5:
		s.Last = d.id(s.Last)
	case 6, 7:
		s.Commit = d.index(s.Commit)
	case 8:
		s.Applied = d.index(s.Applied)
	case 9:
		s.ConfigIndex = d.index(s.ConfigIndex)
	case 10:
		s.Config.Voters = d.nodes(s.Config.Voters)
	case 11:
		s.Config.Outgoing = d.nodes(s.Config.Outgoing)
	case 12:
		s.Config.Learners = d.nodes(s.Config.Learners)
	case 13:
		s.ConfigApplied = !s.ConfigApplied
	case 14:
		*s = raft.Status{}
	case 15:
		s.Role, s.Commit, s.Config.Voters = raft.Leader, d.index(s.Last.Index), d.nodes(s.Config.Voters)
	}
}

// entry is another entry in place of one.
func (n *node) entry(d *dice, e raft.Entry) raft.Entry {
	switch d.below(4) {
	case 0:
		e.Data = nil
	case 1:
		e.Data = []byte{1, 1, 0, 0, byte(d.next()), 0xff, byte(d.next())}
	case 2:
		e.Kind = raft.EntryKind(d.next())
	}
	if d.below(2) == 0 {
		e.ID = d.id(e.ID)
	}
	return e
}

// change changes a part of an output. The lists of out belong to the reference, so they
// are copied first.
func (n *node) change(d *dice, out raft.Output, how uint64) raft.Output {
	out.Writes, out.Sends = append([]raft.Write(nil), out.Writes...), append([]raft.Message(nil), out.Sends...)
	out.Applied, out.Replies = append([]raft.Entry(nil), out.Applied...), append([]raft.Reply(nil), out.Replies...)
	switch how {
	case 1:
		panic(text(d))
	case 2:
		return raft.Output{}
	case 3, 4:
		n.changeWrites(d, &out)
	case 5, 6, 7, 8:
		n.changeSends(d, &out)
	case 9, 10, 11:
		n.changeApplied(d, &out)
	case 12, 13, 14:
		n.changeReplies(d, &out)
	default:
		out.Restore = raft.Snapshot{ID: d.id(n.sound.Status().Last), State: []byte(text(d))}
	}
	return out
}

func (n *node) changeWrites(d *dice, out *raft.Output) {
	if len(out.Writes) == 0 || d.below(3) == 0 {
		out.Writes = append(out.Writes, raft.Write{ID: raft.WriteID(d.number(1)), Checkpoint: d.below(2) == 0})
		return
	}
	w := &out.Writes[d.below(uint64(len(out.Writes)))]
	switch d.below(4) {
	case 0:
		w.ID = raft.WriteID(d.number(uint64(w.ID)))
	case 1:
		w.Data = nil
	case 2:
		w.Data = w.Data[:len(w.Data)/2]
	case 3:
		w.Checkpoint = !w.Checkpoint
	}
}

func (n *node) changeSends(d *dice, out *raft.Output) {
	if len(out.Sends) == 0 {
		to := n.voters.Nth(int(d.below(uint64(n.voters.Len()))))
		out.Sends = append(out.Sends, raft.Message{From: n.id, To: to, Kind: "InstallSnapshot"})
	}
	m := &out.Sends[d.below(uint64(len(out.Sends)))]
	switch d.below(9) {
	case 0:
		m.From = d.node()
	case 1:
		m.To = d.node()
	case 2:
		m.After = raft.WriteID(d.number(uint64(m.After)))
	case 3, 4:
		m.Promise.Last = d.id(m.Promise.Last)
	case 5:
		m.Promise.Term, m.Promise.Vote = d.term(m.Promise.Term), d.node()
	case 6:
		m.Payload, m.Kind = m.Payload[:len(m.Payload)/2], "TimeoutNow"
	case 7:
		m.Kind = "\x1b[1m\nInstallSnapshot"
	case 8:
		for range 100 {
			out.Sends = append(out.Sends, *m)
			m = &out.Sends[0]
		}
	}
}

func (n *node) changeApplied(d *dice, out *raft.Output) {
	if len(out.Applied) == 0 || d.below(3) == 0 {
		e, _ := n.sound.EntryAt(n.sound.Status().Commit + raft.Index(d.below(3)))
		out.Applied = append(out.Applied, n.entry(d, e))
		return
	}
	e := &out.Applied[d.below(uint64(len(out.Applied)))]
	*e = n.entry(d, *e)
}

func (n *node) changeReplies(d *dice, out *raft.Output) {
	r := raft.Reply{
		Op:      raft.OpID{Client: uint32(d.below(6)), Seq: uint32(d.below(4))},
		Outcome: raft.Outcome(d.below(5)),
	}
	switch {
	case len(out.Replies) > 0 && d.below(2) == 0:
		out.Replies[0].Outcome = raft.Outcome(d.next())
	case d.below(4) == 0:
		r.Op = raft.OpID{Client: uint32(d.number(1)), Seq: uint32(d.number(1))}
		fallthrough
	default:
		out.Replies = append(out.Replies, r)
	}
}
