// Package lab is a Raft as students write it in a course on distributed systems: one mutex,
// a ticker, a goroutine a call, a persister, and a channel of applied entries. It has what
// figure 2 of the Raft paper has, and the no-op entry of section 8.
//
// The only line that is about raftcheck is the import of sync.
package lab

import (
	"bytes"
	"encoding/gob"
	"math/rand"
	"time"

	"raftcheck/raft/bubble/sync"
)

// ClientEnd calls methods of one peer, as labrpc does: false means that no reply came.
type ClientEnd interface {
	Call(method string, args, reply any) bool
}

// Persister saves the state. Save returns once it is durable.
type Persister interface {
	Save(state []byte)
	ReadRaftState() []byte
}

// ApplyMsg is a committed entry.
type ApplyMsg struct {
	Command      []byte // nil for a no-op
	CommandIndex int
	CommandTerm  int
}

// Entry is an entry of the log.
type Entry struct {
	Term    int
	Command []byte
}

// The roles.
const (
	Follower = iota
	Candidate
	Leader
)

const (
	heartbeat  = 100 * time.Millisecond
	minTimeout = 500 * time.Millisecond // of the election timer; the most is twice this
)

// Raft is one peer.
type Raft struct {
	mu        sync.Mutex
	peers     map[int]ClientEnd // the others
	persister Persister
	me        int
	dead      bool

	// Persistent state.
	Term int
	Vote int // none is -1
	Log  []Entry

	Role      int
	Leader    int // as far as it is known; none is -1
	Commit    int
	applied   int
	applyCond *sync.Cond
	deadline  time.Time // of the election timer
	next      map[int]int
	match     map[int]int
}

// Make starts a peer. Log[0] stands for the time before the first entry.
func Make(peers map[int]ClientEnd, me int, persister Persister, apply chan<- ApplyMsg) *Raft {
	rf := &Raft{peers: peers, persister: persister, me: me, Vote: -1, Leader: -1, Log: []Entry{{}}}
	rf.applyCond = sync.NewCond(&rf.mu)
	if state := persister.ReadRaftState(); len(state) > 0 {
		d := gob.NewDecoder(bytes.NewReader(state))
		if d.Decode(&rf.Term) != nil || d.Decode(&rf.Vote) != nil || d.Decode(&rf.Log) != nil {
			panic("the saved state cannot be read")
		}
	}
	rf.resetTimer()
	go rf.ticker()
	go rf.applier(apply)
	return rf
}

// Kill ends a peer.
func (rf *Raft) Kill() {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.dead = true
	rf.applyCond.Broadcast()
}

// Start appends a command if the peer leads.
func (rf *Raft) Start(command []byte) (index, term int, isLeader bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.Role != Leader {
		return 0, 0, false
	}
	rf.Log = append(rf.Log, Entry{rf.Term, command})
	rf.persist()
	index, term = len(rf.Log)-1, rf.Term
	rf.broadcast()
	return index, term, true
}

// Hint returns the peer that leads, as far as it is known; -1 is none.
func (rf *Raft) Hint() int {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.Leader
}

// persist saves term, vote and log, and returns once they are durable.
func (rf *Raft) persist() {
	var b bytes.Buffer
	e := gob.NewEncoder(&b)
	if e.Encode(rf.Term) != nil || e.Encode(rf.Vote) != nil || e.Encode(rf.Log) != nil {
		panic("the state cannot be encoded")
	}
	rf.persister.Save(b.Bytes())
}

func (rf *Raft) resetTimer() {
	rf.deadline = time.Now().Add(minTimeout + time.Duration(rand.Int63n(int64(minTimeout))))
}

func (rf *Raft) lastIndex() int { return len(rf.Log) - 1 }

// follow makes the peer a follower of a term, and reports whether the term is new.
func (rf *Raft) follow(term int) bool {
	rf.Role = Follower
	if term <= rf.Term {
		return false
	}
	rf.Term, rf.Vote, rf.Leader = term, -1, -1
	return true
}

func (rf *Raft) ticker() {
	for {
		time.Sleep(heartbeat / 2)
		rf.mu.Lock()
		switch {
		case rf.dead:
			rf.mu.Unlock()
			return
		case rf.Role == Leader:
			rf.broadcast()
		case time.Now().After(rf.deadline):
			rf.elect()
		}
		rf.mu.Unlock()
	}
}

// TimeOut makes the election timer fire at its next look.
func (rf *Raft) TimeOut() { rf.deadline = time.Time{} }

// RequestVoteArgs and RequestVoteReply are those of figure 2.
type RequestVoteArgs struct{ Term, CandidateID, LastLogIndex, LastLogTerm int }
type RequestVoteReply struct {
	Term        int
	VoteGranted bool
}

// RequestVote handles a RequestVote.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	changed := args.Term > rf.Term && rf.follow(args.Term)
	last := rf.Log[rf.lastIndex()].Term
	upToDate := args.LastLogTerm > last || args.LastLogTerm == last && args.LastLogIndex >= rf.lastIndex()
	if args.Term == rf.Term && upToDate && (rf.Vote == -1 || rf.Vote == args.CandidateID) {
		rf.Vote, reply.VoteGranted, changed = args.CandidateID, true, true
		rf.resetTimer()
	}
	if changed {
		rf.persist()
	}
	reply.Term = rf.Term
}

// elect stands for election.
func (rf *Raft) elect() {
	rf.Term++
	rf.Role, rf.Vote, rf.Leader = Candidate, rf.me, -1
	rf.resetTimer()
	rf.persist()
	args := RequestVoteArgs{rf.Term, rf.me, rf.lastIndex(), rf.Log[rf.lastIndex()].Term}
	votes := 1
	if rf.win(votes) {
		return
	}
	for _, peer := range rf.peers {
		go func() {
			reply := RequestVoteReply{}
			if !peer.Call("Raft.RequestVote", &args, &reply) {
				return
			}
			rf.mu.Lock()
			defer rf.mu.Unlock()
			if reply.Term > rf.Term {
				rf.follow(reply.Term)
				rf.persist()
			}
			if rf.Role == Candidate && rf.Term == args.Term && reply.VoteGranted {
				votes++
				rf.win(votes)
			}
		}()
	}
}

// win makes the peer leader if it has enough votes, and reports whether it did.
func (rf *Raft) win(votes int) bool {
	if votes <= (len(rf.peers)+1)/2 {
		return false
	}
	rf.Role, rf.Leader = Leader, rf.me
	rf.next, rf.match = map[int]int{}, map[int]int{}
	for id := range rf.peers {
		rf.next[id] = len(rf.Log)
	}
	rf.Log = append(rf.Log, Entry{Term: rf.Term})
	rf.persist()
	rf.broadcast()
	return true
}

// AppendEntriesArgs and AppendEntriesReply are those of figure 2. Conflict is the index from
// which on the leader should try again.
type AppendEntriesArgs struct {
	Term, LeaderID, PrevLogIndex, PrevLogTerm int
	Entries                                   []Entry
	LeaderCommit                              int
}
type AppendEntriesReply struct {
	Term     int
	Success  bool
	Conflict int
}

// AppendEntries handles an AppendEntries.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term = rf.Term; args.Term < rf.Term {
		return
	}
	changed := rf.follow(args.Term)
	reply.Term, rf.Leader = rf.Term, args.LeaderID
	rf.resetTimer()
	if reply.Conflict = rf.conflict(args.PrevLogIndex, args.PrevLogTerm); reply.Conflict == 0 {
		changed = rf.store(args.PrevLogIndex+1, args.Entries) || changed
		reply.Success = true
	}
	if changed {
		rf.persist()
	}
	commit := min(args.LeaderCommit, args.PrevLogIndex+len(args.Entries))
	if reply.Success && commit > rf.Commit {
		rf.Commit = commit
		rf.applyCond.Broadcast()
	}
}

// conflict returns the index from which on the log may differ, 0 if it holds the entry.
func (rf *Raft) conflict(index, term int) int {
	if index > rf.lastIndex() {
		return len(rf.Log)
	}
	other := rf.Log[index].Term
	if other == term {
		return 0
	}
	for index > 1 && rf.Log[index-1].Term == other {
		index--
	}
	return index
}

// store puts entries into the log from an index on, and reports whether that changed it.
func (rf *Raft) store(index int, entries []Entry) bool {
	for i, e := range entries {
		if index+i > rf.lastIndex() || rf.Log[index+i].Term != e.Term {
			rf.Log = append(rf.Log[:index+i:index+i], entries[i:]...)
			return true
		}
	}
	return false
}

// broadcast sends AppendEntries to every peer.
func (rf *Raft) broadcast() {
	rf.advance()
	for id, peer := range rf.peers {
		prev := rf.next[id] - 1
		args := AppendEntriesArgs{rf.Term, rf.me, prev, rf.Log[prev].Term,
			append([]Entry(nil), rf.Log[prev+1:]...), rf.Commit}
		go func() {
			reply := AppendEntriesReply{}
			if peer.Call("Raft.AppendEntries", &args, &reply) {
				rf.appended(id, &args, &reply)
			}
		}()
	}
}

// appended handles the reply to an AppendEntries.
func (rf *Raft) appended(id int, args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.Term {
		rf.follow(reply.Term)
		rf.persist()
	}
	if rf.Role != Leader || rf.Term != args.Term {
		return // a reply of an earlier leadership
	}
	if !reply.Success {
		rf.next[id] = max(rf.match[id]+1, min(rf.next[id], reply.Conflict))
		return
	}
	rf.match[id] = max(rf.match[id], args.PrevLogIndex+len(args.Entries))
	rf.next[id] = max(rf.next[id], rf.match[id]+1)
	rf.advance()
}

// advance moves the commit index to the last entry of this term that a majority stores.
func (rf *Raft) advance() {
	for i := rf.lastIndex(); i > rf.Commit && rf.Log[i].Term == rf.Term; i-- {
		stored := 1
		for id := range rf.peers {
			if rf.match[id] >= i {
				stored++
			}
		}
		if stored > (len(rf.peers)+1)/2 {
			rf.Commit = i
			rf.applyCond.Broadcast()
			return
		}
	}
}

// applier hands committed entries over, in order.
func (rf *Raft) applier(apply chan<- ApplyMsg) {
	defer close(apply)
	rf.mu.Lock()
	defer rf.mu.Unlock()
	for !rf.dead {
		if rf.applied >= rf.Commit {
			rf.applyCond.Wait()
			continue
		}
		rf.applied++
		e := rf.Log[rf.applied]
		msg := ApplyMsg{e.Command, rf.applied, e.Term}
		rf.mu.Unlock()
		apply <- msg
		rf.mu.Lock()
	}
}
