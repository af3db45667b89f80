package v3327

import (
	"cmp"
	"slices"
	"strings"

	etcd "github.com/coreos/etcd/raft"
	pb "github.com/coreos/etcd/raft/raftpb"

	"raftcheck/raft"
	"raftcheck/raft/etcd/adapter"
)

// library is a RawNode and its storage.
type library struct {
	*etcd.RawNode
	adapter.Plain
	adapter.Log
	id    raft.NodeID
	voter bool
	log   *storage
	ready etcd.Ready // the last one taken
}

// Type parameters give no access to fields, so that the conversions of the two releases, which
// are alike but for the package of the types, are a copy.
//
//go:generate sh convert.sh

// storage is the library's own storage, with the configuration, which never
// changes.
type storage struct {
	*etcd.MemoryStorage
	conf    pb.ConfState
	opening bool // NewRawNode is about to check whether the log is empty
}

func (s *storage) InitialState() (pb.HardState, pb.ConfState, error) {
	hard, _, err := s.MemoryStorage.InitialState()
	return hard, s.conf, err
}

// LastIndex hides from NewRawNode that a log is empty. Otherwise NewRawNode would
// start a term of its own, whichever term the node is in.
func (s *storage) LastIndex() (uint64, error) {
	last, err := s.MemoryStorage.LastIndex()
	if s.opening {
		last = max(last, 1)
	}
	return last, err
}

// logger sets storage.opening at the log line that precedes the check, and logs
// nothing.
type logger struct {
	adapter.Quiet
	s *storage
}

func (l logger) Infof(format string, _ ...any) {
	l.s.opening = l.s.opening || strings.HasPrefix(format, "newRaft")
}

// open starts a RawNode from the saved state.
func open(c *raft.NodeConfig, saved *adapter.Saved) (adapter.Library, error) {
	l := &library{id: c.ID, voter: c.Voters.Has(c.ID), log: &storage{MemoryStorage: etcd.NewMemoryStorage()}}
	for id := range c.Voters.All() {
		l.log.conf.Nodes = append(l.log.conf.Nodes, uint64(id))
	}
	if saved.Snapshot.ID.Index > 0 {
		adapter.Check(l.log.ApplySnapshot(l.snapshotOf(&saved.Snapshot)))
	} else {
		saved.First(c.Voters, nil)
	}
	adapter.Check(l.log.Append(entriesOf(saved.Entries)))
	adapter.Check(l.log.SetHardState(pb.HardState{
		Term: uint64(saved.Hard.Term), Vote: uint64(saved.Hard.Vote), Commit: uint64(saved.Hard.Commit),
	}))
	l.Log = adapter.Log{Storage: l.log}
	var err error
	l.RawNode, err = etcd.NewRawNode(&etcd.Config{
		ID: uint64(c.ID), ElectionTick: adapter.ElectionTicks, HeartbeatTick: adapter.HeartbeatTicks,
		Storage: l.log, Applied: uint64(saved.Snapshot.ID.Index), MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256,
		PreVote: c.PreVote, CheckQuorum: c.PreVote, DisableProposalForwarding: true, Logger: logger{s: l.log},
	}, nil)
	l.log.opening = false
	l.Plain = adapter.Plain{Take: l.take, Shown: l.state(), Advance: func() { l.RawNode.Advance(l.ready) }}
	return l, err
}

// Campaign fires the election timer. Only a voter has one.
func (l *library) Campaign() {
	if l.voter {
		adapter.Check(l.RawNode.Campaign())
	}
}

func (l *library) Receive(payload []byte) {
	var m pb.Message
	adapter.Check(m.Unmarshal(payload))
	_ = l.Step(m)
}

// Propose reports whether the library accepts the proposal. The library does not
// return that, so Propose checks the conditions itself.
func (l *library) Propose(data []byte) bool {
	s := l.Status()
	takes := s.RaftState == etcd.StateLeader && s.LeadTransferee == etcd.None
	adapter.Check(l.RawNode.Propose(data))
	return takes
}

func (l *library) ReadIndex(context []byte) bool {
	l.RawNode.ReadIndex(context)
	return true
}

func (l *library) Transfer(to raft.NodeID) { l.TransferLeader(uint64(to)) }

func (l *library) Compact(s adapter.Snapshot, keep int) {
	adapter.Must(l.log.CreateSnapshot(uint64(s.ID.Index), &l.log.conf, s.Data))
	if to := int(s.ID.Index) - keep; to > int(l.Base().Index) {
		adapter.Check(l.log.MemoryStorage.Compact(uint64(to)))
	}
}

func (l *library) Resend() {
	var waiting []uint64
	for id, p := range l.Status().Progress {
		if p.State == etcd.ProgressStateSnapshot {
			waiting = append(waiting, id)
		}
	}
	slices.Sort(waiting)
	for _, id := range waiting {
		l.ReportSnapshot(id, etcd.SnapshotFailure)
	}
}

// take returns all work that the library requests.
func (l *library) take() (b adapter.Batch, after adapter.State, ok bool) {
	if !l.HasReady() {
		return b, after, false
	}
	l.ready = l.Ready()
	ready := &l.ready
	if !etcd.IsEmptySnap(ready.Snapshot) {
		adapter.Check(l.log.ApplySnapshot(ready.Snapshot))
		b.Save, b.Snapshot = true, l.fromSnapshot(&ready.Snapshot)
	}
	if !etcd.IsEmptyHardState(ready.HardState) {
		b.Save = true
		adapter.Check(l.log.SetHardState(ready.HardState))
	}
	b.Save = b.Save || len(ready.Entries) > 0
	adapter.Check(l.log.Append(ready.Entries))
	b.Entries, b.Apply, b.Hard = fromEntries(ready.Entries), fromEntries(ready.CommittedEntries), l.hard()
	for i := range ready.Messages {
		b.Promises = append(b.Promises, l.messageOf(&ready.Messages[i]))
	}
	// The library iterates over its peers in map order, which is random.
	slices.SortStableFunc(b.Promises, func(a, b raft.Message) int { return cmp.Compare(a.To, b.To) })
	for _, r := range ready.ReadStates {
		b.Reads = append(b.Reads, adapter.ReadState{Index: raft.Index(r.Index), Context: r.RequestCtx})
	}
	return b, l.state(), true
}

func (l *library) hard() adapter.HardState {
	h, _, err := l.log.MemoryStorage.InitialState()
	adapter.Check(err)
	return adapter.HardState{Term: raft.Term(h.Term), Vote: raft.NodeID(h.Vote), Commit: raft.Index(h.Commit)}
}

var roles = map[etcd.StateType]raft.Role{
	etcd.StateFollower: raft.Follower, etcd.StatePreCandidate: raft.PreCandidate,
	etcd.StateCandidate: raft.Candidate, etcd.StateLeader: raft.Leader,
}

func (l *library) state() adapter.State {
	s := l.Status()
	return adapter.State{Role: roles[s.RaftState], Leader: raft.NodeID(s.Lead), Commit: raft.Index(s.Commit)}
}

func (l *library) Entry(i raft.Index) (raft.Entry, bool) {
	if !l.Has(i) {
		return raft.Entry{}, false
	}
	return fromEntries(adapter.Must(l.log.Entries(uint64(i), uint64(i)+1, 1<<62)))[0], true
}
