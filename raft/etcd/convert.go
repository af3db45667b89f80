package etcd

import (
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"raftcheck/raft"
	"raftcheck/raft/etcd/adapter"
)

// ids converts a set of nodes to the library's list.
func ids(s raft.NodeSet) []uint64 {
	var list []uint64
	for id := range s.All() {
		list = append(list, uint64(id))
	}
	return list
}

// set converts the library's list of nodes to a set.
func set(list []uint64) raft.NodeSet {
	var s raft.NodeSet
	for _, id := range list {
		s = s.With(raft.NodeID(id))
	}
	return s
}

// configurationOf converts a ConfState. A voter that will become a learner is an
// outgoing voter until then.
func configurationOf(c *pb.ConfState) raft.Configuration {
	return raft.Configuration{
		Voters: set(c.GetVoters()), Outgoing: set(c.GetVotersOutgoing()), Learners: set(c.GetLearners()),
	}
}

func hardOf(h adapter.HardState) *pb.HardState {
	return &pb.HardState{Term: new(uint64(h.Term)), Vote: new(uint64(h.Vote)), Commit: new(uint64(h.Commit))}
}

func entriesOf(entries []raft.Entry) []*pb.Entry {
	var list []*pb.Entry
	for _, e := range entries {
		kind := pb.EntryNormal
		if e.Kind == raft.Reconfiguration {
			kind = pb.EntryConfChangeV2
		}
		list = append(list, &pb.Entry{
			Term: new(uint64(e.ID.Term)), Index: new(uint64(e.ID.Index)), Type: kind.Enum(), Data: e.Data,
		})
	}
	return list
}

func fromEntries(list []*pb.Entry) []raft.Entry {
	entries := make([]raft.Entry, len(list))
	for i, e := range list {
		entries[i] = fromEntry(e)
	}
	return entries
}

// fromEntry converts an entry of the library.
func fromEntry(p *pb.Entry) raft.Entry {
	e := adapter.EntryOf(p.GetTerm(), p.GetIndex(), p.GetData())
	if p.GetType() == pb.EntryConfChangeV2 {
		e.Kind = raft.Reconfiguration
	}
	return e
}

func snapshotOf(s *adapter.Snapshot) *pb.Snapshot {
	conf := &pb.ConfState{}
	adapter.Check(proto.Unmarshal(s.Conf, conf))
	return &pb.Snapshot{Data: s.Data, Metadata: &pb.SnapshotMetadata{
		Term: new(uint64(s.ID.Term)), Index: new(uint64(s.ID.Index)), ConfState: conf,
	}}
}

func fromSnapshot(s *pb.Snapshot) adapter.Snapshot {
	m := s.GetMetadata()
	return adapter.Snapshot{
		ID:   raft.EntryID{Term: raft.Term(m.GetTerm()), Index: raft.Index(m.GetIndex())},
		Conf: adapter.Must(proto.Marshal(m.GetConfState())),
		All:  configurationOf(m.GetConfState()).Members(),
		Data: s.GetData(),
	}
}

// messageOf converts a message of this node, which may forward the read of another.
func (l *library) messageOf(m *pb.Message) raft.Message {
	return raft.Message{
		From: l.id, To: raft.NodeID(m.GetTo()),
		Kind: adapter.KindOf(m.GetType().String()), Payload: adapter.Must(proto.Marshal(m)),
	}
}

func must2[T, U any](v T, _ U, err error) T {
	adapter.Check(err)
	return v
}
