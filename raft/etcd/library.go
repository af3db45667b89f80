package etcd

import (
	"slices"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
	"google.golang.org/protobuf/proto"

	"raftcheck/raft"
	"raftcheck/raft/etcd/adapter"
)

// The bounds of a leader: the bytes of a message with several entries, and the messages that
// a peer may leave unanswered.
const (
	maxSizePerMsg   = 1 << 20
	maxInflightMsgs = 256
)

// library is a RawNode and its storage.
type library struct {
	*etcd.RawNode
	adapter.Log
	id  raft.NodeID
	log *storage
	// stored holds, for each batch with Waits, the messages that the library receives
	// once the batch is durable. applied holds, for each batch, those for when it is applied.
	stored  [][]*pb.Message
	applied [][]*pb.Message
	guarded bool // with the precautions of System
}

// storage is the library's own storage, with the first configuration.
type storage struct {
	*etcd.MemoryStorage
	first *pb.ConfState
}

// InitialState returns the first configuration as long as there is no snapshot.
func (s *storage) InitialState() (*pb.HardState, *pb.ConfState, error) {
	hard, conf, err := s.MemoryStorage.InitialState()
	if len(conf.GetVoters()) == 0 {
		conf = s.first
	}
	return hard, conf, err
}

// open starts a RawNode from the saved state. Without a snapshot, it adds the first
// configuration to saved.
func open(c *raft.NodeConfig, saved *adapter.Saved, guarded bool) (adapter.Library, error) {
	s := &storage{etcd.NewMemoryStorage(), &pb.ConfState{Voters: ids(c.Voters)}}
	if saved.Snapshot.ID.Index > 0 {
		if err := s.ApplySnapshot(snapshotOf(&saved.Snapshot)); err != nil {
			return nil, err
		}
	} else {
		saved.First(c.Voters, adapter.Must(proto.Marshal(s.first)))
	}
	if err := s.Append(entriesOf(saved.Entries)); err != nil {
		return nil, err
	}
	if saved.Hard != (adapter.HardState{}) {
		if err := s.SetHardState(hardOf(saved.Hard)); err != nil {
			return nil, err
		}
	}
	n, err := etcd.NewRawNode(&etcd.Config{
		ID: uint64(c.ID), ElectionTick: adapter.ElectionTicks, HeartbeatTick: adapter.HeartbeatTicks,
		Storage: s, Applied: uint64(saved.Snapshot.ID.Index), AsyncStorageWrites: true,
		MaxSizePerMsg: maxSizePerMsg, MaxInflightMsgs: maxInflightMsgs,
		PreVote: c.PreVote, CheckQuorum: c.PreVote, StepDownOnRemoval: true, DisableProposalForwarding: true,
		Logger: adapter.Quiet{},
	})
	return &library{RawNode: n, Log: adapter.Log{Storage: s}, id: c.ID, log: s, guarded: guarded}, err
}

// Campaign fires the election timer. The error is ignored: the node's state shows
// the result.
func (l *library) Campaign() { _ = l.RawNode.Campaign() }

// Receive handles a message that a link delivered. A message that the library
// refuses is lost. It refuses a snapshot from before this node was a member; an
// application would make a new one. Here there may be no later one, so the node is
// added as a learner.
func (l *library) Receive(payload []byte) {
	m := &pb.Message{}
	adapter.Check(proto.Unmarshal(payload, m))
	conf := m.GetSnapshot().GetMetadata().GetConfState()
	if conf != nil && !configurationOf(conf).Members().Has(l.id) {
		conf.Learners = append(conf.Learners, uint64(l.id))
	}
	if m.GetType() == pb.MsgReadIndex && !l.readable() {
		return
	}
	_ = l.Step(m)
}

// ReadIndex reports whether the library received the read.
func (l *library) ReadIndex(context []byte) bool {
	if !l.readable() {
		return false
	}
	l.RawNode.ReadIndex(context)
	return true
}

// readable reports whether the library may receive a read. With the precautions of
// System, the only voter may not while it has committed no entry of its term.
func (l *library) readable() bool {
	s := l.Status()
	if !l.guarded || s.RaftState != etcd.StateLeader || len(s.Config.Voters.IDs()) > 1 {
		return true
	}
	commit := s.GetCommit() // during a batch it may be beyond the storage
	return raft.Index(commit) <= l.Last().Index && l.At(commit).Term == raft.Term(s.GetTerm())
}

// Propose reports whether the library accepted the proposal.
func (l *library) Propose(data []byte) bool { return l.RawNode.Propose(data) == nil }

// Transfer asks the leader to transfer its leadership.
func (l *library) Transfer(to raft.NodeID) { l.TransferLeader(uint64(to)) }

// Reconfigure proposes a change. A change of several nodes goes through a joint
// configuration.
func (l *library) Reconfigure(from, to raft.Configuration) bool {
	if l.guarded && from.Voters.Len() <= 2 && from.Voters&^to.Voters != 0 {
		return false
	}
	change := &pb.ConfChangeV2{}
	add := func(kind pb.ConfChangeType, nodes raft.NodeSet) {
		for _, id := range ids(nodes) {
			change.Changes = append(change.Changes, &pb.ConfChangeSingle{Type: kind.Enum(), NodeId: &id})
		}
	}
	add(pb.ConfChangeAddNode, to.Voters&^from.Voters)
	add(pb.ConfChangeAddLearnerNode, to.Learners&^from.Learners)
	add(pb.ConfChangeRemoveNode, from.Members()&^to.Members())
	return l.ProposeConfChange(change) == nil
}

// Reconfigured applies the change in an entry, which concerns the nodes in of.
func (l *library) Reconfigured(e raft.Entry) (to raft.Configuration, conf []byte, of raft.NodeSet) {
	change := &pb.ConfChangeV2{}
	adapter.Check(proto.Unmarshal(e.Data, change))
	for _, c := range change.GetChanges() {
		of = of.With(raft.NodeID(c.GetNodeId()))
	}
	state := l.ApplyConfChange(change)
	return configurationOf(state), adapter.Must(proto.Marshal(state)), of
}

// Compact makes a snapshot and drops the log before it, except for keep entries.
func (l *library) Compact(s adapter.Snapshot, keep int) {
	conf := &pb.ConfState{}
	adapter.Check(proto.Unmarshal(s.Conf, conf))
	adapter.Must(l.log.CreateSnapshot(uint64(s.ID.Index), conf, s.Data))
	if to := int(s.ID.Index) - keep; to > int(l.Base().Index) {
		adapter.Check(l.log.MemoryStorage.Compact(uint64(to)))
	}
}

// Resend marks the snapshots that were sent and not acknowledged as failed.
func (l *library) Resend() {
	var waiting []uint64
	l.WithProgress(func(id uint64, _ etcd.ProgressType, p tracker.Progress) {
		if p.State == tracker.StateSnapshot {
			waiting = append(waiting, id)
		}
	})
	for _, id := range waiting {
		l.ReportSnapshot(id, etcd.SnapshotFailure)
	}
}

// Next returns the library's next batch of work.
func (l *library) Next() (b adapter.Batch, ok bool) {
	if !l.HasReady() {
		return b, false
	}
	ready := l.Ready()
	for _, r := range ready.ReadStates {
		b.Reads = append(b.Reads, adapter.ReadState{Index: raft.Index(r.Index), Context: r.RequestCtx})
	}
	var requests, responses []*pb.Message
	for _, m := range ready.Messages {
		switch {
		case m.GetTo() == etcd.LocalAppendThread:
			l.save(m, &b)
		case m.GetTo() == etcd.LocalApplyThread:
			b.Apply = fromEntries(m.GetEntries())
			responses = m.GetResponses()
		case m.GetType() == pb.MsgVote && l.guarded:
			requests = append(requests, m)
		default:
			b.Sends = append(b.Sends, l.atOnce(m))
		}
	}
	l.promise(requests, &b)
	l.applied = append(l.applied, responses)
	return b, true
}

// atOnce converts a message that waits for no write. The only promise in one is a
// leader's term. That term is durable if requests for votes waited for it.
func (l *library) atOnce(m *pb.Message) raft.Message {
	sent := l.messageOf(m)
	switch m.GetType() {
	case pb.MsgApp, pb.MsgHeartbeat, pb.MsgSnap, pb.MsgTimeoutNow:
		if l.guarded {
			sent.Promise.Term = raft.Term(m.GetTerm())
		}
	}
	return sent
}

// promise adds messages that wait until every earlier save is durable.
func (l *library) promise(messages []*pb.Message, b *adapter.Batch) {
	for _, m := range messages {
		p := l.messageOf(m)
		adapter.Promise(&p, m.GetTerm(), m.GetIndex(), m.GetReject(), l.hard().Term, l.log.Term)
		b.Promises = append(b.Promises, p)
	}
}

// save puts the library's state into the storage. It separates the responses for
// the library itself from those for other nodes.
func (l *library) save(m *pb.Message, b *adapter.Batch) {
	if s := m.GetSnapshot(); s != nil {
		adapter.Check(l.log.ApplySnapshot(s))
		b.Save, b.Snapshot = true, fromSnapshot(s)
	}
	if m.GetTerm() != 0 {
		b.Save = true
		adapter.Check(l.log.SetHardState(&pb.HardState{Term: m.Term, Vote: m.Vote, Commit: m.Commit}))
	}
	if len(m.GetEntries()) > 0 {
		b.Save, b.Entries = true, fromEntries(m.GetEntries())
		adapter.Check(l.log.Append(m.GetEntries()))
	}
	b.Hard = l.hard()
	var own, others []*pb.Message
	for _, r := range m.GetResponses() {
		if r.GetTo() == m.GetFrom() {
			own = append(own, r)
		} else {
			others = append(others, r)
		}
	}
	l.promise(others, b)
	if b.Waits = len(own) > 0; b.Waits {
		l.stored = append(l.stored, own)
	}
}

// Durable passes the library the responses to the oldest batch with Waits.
func (l *library) Durable() {
	l.hear(l.stored[0])
	l.stored = slices.Delete(l.stored, 0, 1)
}

// Applied passes the library the responses to the oldest batch that was not applied.
func (l *library) Applied() {
	l.hear(l.applied[0])
	l.applied = slices.Delete(l.applied, 0, 1)
}

func (l *library) hear(messages []*pb.Message) {
	for _, m := range messages {
		_ = l.Step(m) // fails at a node that was removed, which needs no response
	}
}

// hard returns the hard state that was saved last.
func (l *library) hard() adapter.HardState {
	h := must2(l.log.MemoryStorage.InitialState())
	return adapter.HardState{
		Term: raft.Term(h.GetTerm()), Vote: raft.NodeID(h.GetVote()), Commit: raft.Index(h.GetCommit()),
	}
}

var roles = map[etcd.StateType]raft.Role{
	etcd.StateFollower: raft.Follower, etcd.StatePreCandidate: raft.PreCandidate,
	etcd.StateCandidate: raft.Candidate, etcd.StateLeader: raft.Leader,
}

// State returns the RawNode's current state.
func (l *library) State() adapter.State {
	s := l.BasicStatus()
	return adapter.State{
		Role: roles[s.RaftState], Leader: raft.NodeID(s.Lead), Commit: raft.Index(s.GetCommit()),
	}
}

// Entry returns the entry at an index of the log.
func (l *library) Entry(i raft.Index) (raft.Entry, bool) {
	if !l.Has(i) {
		return raft.Entry{}, false
	}
	return fromEntry(adapter.Must(l.log.Entries(uint64(i), uint64(i)+1, 1<<62))[0]), true
}

// Match returns the index up to which a node is known to have stored the log.
func (l *library) Match(id raft.NodeID) (match raft.Index) {
	l.WithProgress(func(other uint64, _ etcd.ProgressType, p tracker.Progress) {
		if other == uint64(id) {
			match = raft.Index(p.Match)
		}
	})
	return match
}
