package v360

import (
	pb "go.etcd.io/raft/v3/raftpb"

	"raftcheck/raft"
	"raftcheck/raft/etcd/adapter"
)

func entriesOf(entries []raft.Entry) (list []pb.Entry) {
	for _, e := range entries {
		list = append(list, pb.Entry{Term: uint64(e.ID.Term), Index: uint64(e.ID.Index), Data: e.Data})
	}
	return list
}

func fromEntries(list []pb.Entry) (entries []raft.Entry) {
	for i := range list {
		e := &list[i]
		entries = append(entries, adapter.EntryOf(e.Term, e.Index, e.Data))
	}
	return entries
}

func (l *library) snapshotOf(s *adapter.Snapshot) pb.Snapshot {
	return pb.Snapshot{Data: s.Data, Metadata: pb.SnapshotMetadata{
		Term: uint64(s.ID.Term), Index: uint64(s.ID.Index), ConfState: l.log.conf,
	}}
}

func (l *library) fromSnapshot(s *pb.Snapshot) adapter.Snapshot {
	id := raft.EntryID{Term: raft.Term(s.Metadata.Term), Index: raft.Index(s.Metadata.Index)}
	return adapter.Snapshot{ID: id, Data: s.Data}
}

func (l *library) messageOf(m *pb.Message) raft.Message {
	p := raft.Message{
		From: l.id, To: raft.NodeID(m.To),
		Kind: adapter.KindOf(m.Type.String()), Payload: adapter.Must(m.Marshal()),
	}
	adapter.Promise(&p, m.Term, m.Index, m.Reject, l.hard().Term, l.log.Term)
	return p
}
