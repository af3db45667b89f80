// Package raft is part 3 of github.com/eliben/raft, whose files the script beside this one
// puts here, with this one in the place of server.go: it is the adapter.
package raft

import (
	"bytes"
	"time"

	seam "raftcheck/raft"
	"raftcheck/raft/bubble"
)

type System struct{}

func (System) Name() string           { return "eliben" }
func (System) Nondeterminism() string { return "goroutines, and timeouts drawn from math/rand" }
func (System) Readless() string       { return "it has no reads" }
func (System) Limits() seam.Limits {
	return seam.Limits{Least: 2,
		Lacks: seam.Snapshots | seam.Membership | seam.Transfers | seam.PreVotes | seam.NoOps | seam.Unknowns}
}

// tick is a fifteenth of the mean election timeout, which is 150 to 300 ms.
const tick = 15 * time.Millisecond

// keys are those that the Raft sets, in this order, and state is the one of their record.
var (
	keys  = []string{"currentTerm", "votedFor", "log"}
	state = []byte("state")
)

// peer is a node. An index of the Raft is one less than the seam's.
type peer struct {
	core    *bubble.Core
	store   *bubble.Store
	cm      *ConsensusModule
	commits chan CommitEntry
	kept    map[string][]byte // on the disk, or on the way to it
	shown   seam.Status
	log     []LogEntry
}

// Boot starts a node. One outside of the configuration never starts its timer.
func (System) Boot(c seam.NodeConfig) (seam.Node, error) {
	return bubble.Boot(c, tick, func(core *bubble.Core) (bubble.Peer, error) {
		p := &peer{core: core, store: bubble.NewStore(core), commits: make(chan CommitEntry)}
		if err := p.store.Load(c.Disk); err != nil {
			return nil, err
		}
		p.kept, p.shown.Config.Voters = map[string][]byte{}, c.Voters
		if b, err := p.store.Get(state); err == nil {
			var values [][]byte
			bubble.Ungob(b, &values)
			for i, key := range keys {
				p.kept[key] = values[i]
			}
		}
		p.show()
		ready := make(chan any)
		if c.Voters.Has(c.ID) {
			close(ready)
		}
		p.cm = NewConsensusModule(int(c.ID), bubble.Others(&c), &Server{core}, p, ready, p.commits)
		core.Handle(map[string]bubble.Handler{
			"RequestVote":   bubble.RPC("VoteReply", p.cm.RequestVote, voted),
			"AppendEntries": bubble.RPC("AppendReply", p.cm.AppendEntries, stored),
		})
		core.Go(p.apply)
		return p, nil
	})
}

// Server is the way to the other nodes, in the place of the one with connections.
type Server struct{ core *bubble.Core }

// Call calls a method of another node. As in net/rpc, it waits for as long as it takes.
func (s *Server) Call(id int, method string, args, reply any) error {
	kind, term := "RequestVote", 0
	switch args := args.(type) {
	case RequestVoteArgs:
		term = args.Term
	case AppendEntriesArgs:
		kind, term = "AppendEntries", args.Term
	}
	return s.core.CallRPC(seam.NodeID(id), kind, args, reply, seam.Promise{Term: seam.Term(term)}, time.Hour)
}

// Set, Get and HasData are the Raft's storage. It sets currentTerm, votedFor and log one
// after the other each time; the three are one record.
func (p *peer) Set(key string, value []byte) {
	if p.kept[key] = value; key == "log" {
		p.show()
		p.store.Set(state, bubble.Gob([][]byte{p.kept[keys[0]], p.kept[keys[1]], value}))
	}
}
func (p *peer) Get(key string) ([]byte, bool) { v, ok := p.kept[key]; return v, ok }
func (p *peer) HasData() bool                 { return len(p.kept["log"]) > 0 }

// show shows what is kept, as one change: other goroutines look at it.
func (p *peer) show() {
	term, vote := 0, -1
	var log []LogEntry
	if p.HasData() {
		bubble.Ungob(p.kept["currentTerm"], &term)
		bubble.Ungob(p.kept["votedFor"], &vote)
		bubble.Ungob(p.kept["log"], &log)
	}
	last := seam.EntryID{}
	if n := len(log); n > 0 {
		last = seam.EntryID{Term: seam.Term(log[n-1].Term), Index: seam.Index(n)}
	}
	p.core.Locked(func() {
		p.log, p.shown.Term, p.shown.Vote, p.shown.Last = log, seam.Term(term), seam.NodeID(max(vote, 0)), last
	})
}

func (p *peer) Status() seam.Status {
	p.shown.Role = seam.Follower
	if p.shown.Term == seam.Term(p.cm.currentTerm) {
		p.shown.Role = map[CMState]seam.Role{Candidate: seam.Candidate, Leader: seam.Leader}[p.cm.state]
	}
	p.shown.Commit = min(seam.Index(p.cm.commitIndex+1), p.shown.Last.Index)
	return p.shown
}

func (p *peer) EntryAt(i seam.Index) (seam.Entry, bool) { return p.entry(int(i) - 1), true }

// entry is the entry at an index of the Raft; one that was cut off the log has no term.
func (p *peer) entry(i int) seam.Entry {
	var log []LogEntry
	p.core.Locked(func() { log = p.log })
	e := seam.Entry{ID: seam.EntryID{Index: seam.Index(i + 1)}}
	if i < len(log) {
		e.ID.Term, e.Data = seam.Term(log[i].Term), log[i].Command.([]byte)
	}
	return e
}

func (p *peer) apply() {
	for c := range p.commits {
		p.shown.Applied = seam.Index(c.Index + 1)
		p.core.Apply(p.entry(c.Index))
	}
}

func (p *peer) Propose(op seam.OpID, data []byte) {
	p.core.Go(func() {
		if i := p.cm.Submit(data); i < 0 {
			p.core.Reply(op, seam.Rejected)
		} else if e := p.entry(i); bytes.Equal(e.Data, data) {
			p.core.Proposed(op, e.ID)
		}
	})
}

func (p *peer) Timeout() {
	p.cm.electionResetEvent = time.Time{}
	p.core.Await(tick)
}

func (p *peer) Stop() { p.cm.Stop(); close(p.commits) }

func voted(from seam.NodeID, _ RequestVoteArgs, r *RequestVoteReply) seam.Promise {
	p := seam.Promise{Term: seam.Term(r.Term)}
	if r.VoteGranted {
		p.Vote = from
	}
	return p
}

func stored(_ seam.NodeID, a AppendEntriesArgs, r *AppendEntriesReply) seam.Promise {
	p, term := seam.Promise{Term: seam.Term(r.Term)}, a.PrevLogTerm
	if n := len(a.Entries); n > 0 {
		term = a.Entries[n-1].Term
	}
	if last := a.PrevLogIndex + len(a.Entries); r.Success && last >= 0 {
		p.Last = seam.EntryID{Term: seam.Term(term), Index: seam.Index(last + 1)}
	}
	return p
}
