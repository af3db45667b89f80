// Package adapter connects package lab to raftcheck, by the kit for Rafts with goroutines.
package adapter

import (
	"bytes"
	"encoding/gob"
	"strings"
	"time"

	"example.com/lab"
	"raftcheck/raft"
	"raftcheck/raft/bubble"
)

// System is package lab.
type System struct{}

// Name is the system's name in schedules.
func (System) Name() string { return "lab" }

// Nondeterminism says why two runs of a schedule may differ.
func (System) Nondeterminism() string { return "goroutines, and timeouts drawn from math/rand" }

// Batches says that peers take several inputs at one moment, and may apply entries late.
func (System) Batches() bool { return true }

// Readless says why there are no reads.
func (System) Readless() string { return "clients read through the log" }

// Limits says what package lab does not implement.
func (System) Limits() raft.Limits {
	return raft.Limits{Lacks: raft.Snapshots | raft.Membership | raft.Transfers | raft.PreVotes | raft.Unknowns}
}

// The election timeout of 500 to 1,000 ms is 10 to 20 ticks; a call fails after 10.
const (
	tick    = 50 * time.Millisecond
	patient = 10 * tick
)

// Boot starts a peer.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	return bubble.Boot(c, tick, func(core *bubble.Core) (bubble.Peer, error) {
		p := &peer{core: core, store: bubble.NewStore(core)}
		if err := p.store.Load(c.Disk); err != nil {
			return nil, err
		}
		p.show(p.ReadRaftState())
		p.shown.Config.Voters = c.Voters
		others := map[int]lab.ClientEnd{}
		for _, id := range bubble.Others(&c) {
			others[id] = end{core, raft.NodeID(id)}
		}
		apply := make(chan lab.ApplyMsg)
		p.rf = lab.Make(others, int(c.ID), p, apply)
		core.Handle(map[string]bubble.Handler{
			"RequestVote":   bubble.RPC("VoteReply", p.vote, voted),
			"AppendEntries": bubble.RPC("AppendReply", p.append, stored),
		})
		core.Go(func() { p.apply(apply) })
		return p, nil
	})
}

// end is the way to one peer.
type end struct {
	core *bubble.Core
	to   raft.NodeID
}

// Call calls a method, whose name is that of a message after a dot.
func (e end) Call(method string, args, reply any) bool {
	p := raft.Promise{}
	switch a := args.(type) {
	case *lab.RequestVoteArgs:
		p.Term = raft.Term(a.Term)
	case *lab.AppendEntriesArgs:
		p.Term = raft.Term(a.Term)
	}
	_, kind, _ := strings.Cut(method, ".")
	return e.core.CallRPC(e.to, kind, args, reply, p, patient) == nil
}

// peer is a node, and the Raft's persister.
type peer struct {
	core  *bubble.Core
	store *bubble.Store
	rf    *lab.Raft
	shown raft.Status
	log   []lab.Entry
}

// Save saves the state, which the node shows from now on.
func (p *peer) Save(state []byte) {
	p.show(state)
	p.store.Set([]byte("state"), state)
}

// ReadRaftState returns the state that was saved.
func (p *peer) ReadRaftState() []byte { return p.store.Keys()["state"] }

// show makes a saved state the one that the node shows.
func (p *peer) show(state []byte) {
	term, vote := 0, -1
	if p.log = []lab.Entry{{}}; len(state) > 0 {
		d := gob.NewDecoder(bytes.NewReader(state))
		if d.Decode(&term) != nil || d.Decode(&vote) != nil || d.Decode(&p.log) != nil {
			panic("the saved state cannot be read")
		}
	}
	last := len(p.log) - 1
	p.shown.Term, p.shown.Vote = raft.Term(term), raft.NodeID(max(vote, 0))
	p.shown.Last = raft.EntryID{Term: raft.Term(p.log[last].Term), Index: raft.Index(last)}
}

// Status takes no lock: between steps no goroutine runs.
func (p *peer) Status() raft.Status {
	if p.shown.Role = raft.Follower; p.shown.Term == raft.Term(p.rf.Term) {
		p.shown.Role = []raft.Role{raft.Follower, raft.Candidate, raft.Leader}[p.rf.Role]
	}
	p.shown.Leader = raft.NodeID(max(p.rf.Leader, 0))
	p.shown.Commit = min(raft.Index(p.rf.Commit), p.shown.Last.Index)
	return p.shown
}

// EntryAt returns an entry of the log.
func (p *peer) EntryAt(i raft.Index) (raft.Entry, bool) {
	e := p.log[i]
	return entry(lab.ApplyMsg{Command: e.Command, CommandIndex: int(i), CommandTerm: e.Term}), true
}

func entry(m lab.ApplyMsg) raft.Entry {
	e := raft.Entry{ID: raft.EntryID{Term: raft.Term(m.CommandTerm), Index: raft.Index(m.CommandIndex)}}
	if e.Data = m.Command; m.Command == nil {
		e.Kind = raft.NoOp
	}
	return e
}

func (p *peer) apply(committed <-chan lab.ApplyMsg) {
	for m := range committed {
		p.core.AwaitMachine()
		p.shown.Applied = raft.Index(m.CommandIndex)
		p.core.Apply(entry(m))
	}
}

// Propose starts a command. That takes as long as the disk.
func (p *peer) Propose(op raft.OpID, data []byte) {
	p.core.Go(func() {
		index, term, leads := p.rf.Start(data)
		if !leads {
			p.core.Reply(op, raft.Rejected)
			return
		}
		p.core.Proposed(op, raft.EntryID{Term: raft.Term(term), Index: raft.Index(index)})
	})
}

// Timeout makes the election timer fire.
func (p *peer) Timeout() {
	p.rf.TimeOut()
	p.core.Await(tick)
}

// Stop ends the peer.
func (p *peer) Stop() { p.rf.Kill() }

func (p *peer) vote(a lab.RequestVoteArgs, r *lab.RequestVoteReply) error {
	p.rf.RequestVote(&a, r)
	return nil
}

func (p *peer) append(a lab.AppendEntriesArgs, r *lab.AppendEntriesReply) error {
	p.rf.AppendEntries(&a, r)
	return nil
}

// voted and stored are the promises of the answers.
func voted(from raft.NodeID, _ lab.RequestVoteArgs, r *lab.RequestVoteReply) raft.Promise {
	p := raft.Promise{Term: raft.Term(r.Term)}
	if r.VoteGranted {
		p.Vote = from
	}
	return p
}

func stored(_ raft.NodeID, a lab.AppendEntriesArgs, r *lab.AppendEntriesReply) raft.Promise {
	p := raft.Promise{Term: raft.Term(r.Term)}
	if !r.Success {
		return p
	}
	p.Last = raft.EntryID{Term: raft.Term(a.PrevLogTerm), Index: raft.Index(a.PrevLogIndex + len(a.Entries))}
	if n := len(a.Entries); n > 0 {
		p.Last.Term = raft.Term(a.Entries[n-1].Term)
	}
	return p
}
