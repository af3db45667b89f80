package release010

import (
	"fmt"
	"io"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
	"raftcheck/raft/bubble"
	"raftcheck/raft/hashicorp/msgpack"
)

// The kinds of message, by the field's names.
const (
	appendEntries, appendReply = "AppendEntries", "AppendReply"
	requestVote, voteReply     = "RequestVote", "VoteReply"
)

// rpcsWaiting is how many requests may wait for the library.
const rpcsWaiting = 1024

// transport carries the library's RPCs over the seam.
type transport struct {
	core *bubble.Core
	rpcs chan lib.RPC
}

func newTransport(c *bubble.Core) *transport {
	t := &transport{core: c}
	c.Do(func() { t.rpcs = make(chan lib.RPC, rpcsWaiting) }, func() bool { return false })
	return t
}

// Consumer returns the channel of other nodes' requests, and LocalAddr the node's address.
func (t *transport) Consumer() <-chan lib.RPC { return t.rpcs }
func (t *transport) LocalAddr() string        { return address(t.core.ID) }

// AppendEntriesPipeline returns the error for a transport without a pipeline.
func (t *transport) AppendEntriesPipeline(string) (lib.AppendPipeline, error) {
	return nil, lib.ErrPipelineReplicationNotSupported
}

// EncodePeer and DecodePeer write addresses as they are.
func (t *transport) EncodePeer(a string) []byte { return []byte(a) }
func (t *transport) DecodePeer(b []byte) string { return string(b) }

// SetHeartbeatHandler leaves heartbeats among the other requests.
func (t *transport) SetHeartbeatHandler(func(lib.RPC)) {}

func (t *transport) call(to, kind string, args, resp any, term uint64) error {
	p := raft.Promise{Term: raft.Term(term)}
	b, err := t.core.Call(nodeID(to), kind, msgpack.Encode(args), nil, p, rpcTimeout)
	if err != nil {
		return err
	}
	return msgpack.Decode(b, resp)
}

// AppendEntries sends entries, or a heartbeat.
func (t *transport) AppendEntries(
	to string, args *lib.AppendEntriesRequest, resp *lib.AppendEntriesResponse,
) error {
	*resp = lib.AppendEntriesResponse{}
	return t.call(to, appendEntries, args, resp, args.Term)
}

// RequestVote asks for a vote.
func (t *transport) RequestVote(
	to string, args *lib.RequestVoteRequest, resp *lib.RequestVoteResponse,
) error {
	return t.call(to, requestVote, args, resp, args.Term)
}

// InstallSnapshot is never called: no log is compacted.
func (t *transport) InstallSnapshot(
	string, *lib.InstallSnapshotRequest, *lib.InstallSnapshotResponse, io.Reader,
) error {
	panic("a snapshot that nobody took")
}

// serve hands a request to the library, and its answer to the sender. A request
// that finds too many before it is lost.
func (t *transport) serve(r *bubble.Request) {
	var command any = new(lib.AppendEntriesRequest)
	if r.Kind == requestVote {
		command = new(lib.RequestVoteRequest)
	}
	if err := msgpack.Decode(r.Body, command); err != nil {
		panic(fmt.Sprintf("a request %s that nobody sent: %v", r.Kind, err))
	}
	answer := make(chan lib.RPCResponse, 1)
	select {
	case t.rpcs <- lib.RPC{Command: command, RespChan: answer}:
	default:
		return
	}
	go func() {
		select {
		case a := <-answer:
			kind, p := promise(r.From, command, a.Response)
			r.Answer(kind, msgpack.Encode(a.Response), p, a.Error)
		case <-t.core.Over():
		}
	}()
}

// promise is the kind of an answer, and the promise on which its receiver relies.
func promise(to raft.NodeID, command, response any) (kind string, p raft.Promise) {
	switch resp := response.(type) {
	case *lib.AppendEntriesResponse:
		if p.Term = raft.Term(resp.Term); resp.Success {
			p.Last = stored(command.(*lib.AppendEntriesRequest))
		}
		return appendReply, p
	case *lib.RequestVoteResponse:
		if p.Term = raft.Term(resp.Term); resp.Granted {
			p.Vote = to
		}
		return voteReply, p
	}
	panic(fmt.Sprintf("an answer of type %T", response))
}

// stored is the end of the log after an AppendEntries that succeeds.
func stored(args *lib.AppendEntriesRequest) raft.EntryID {
	if n := len(args.Entries); n > 0 {
		last := args.Entries[n-1]
		return raft.EntryID{Term: raft.Term(last.Term), Index: raft.Index(last.Index)}
	}
	return raft.EntryID{Term: raft.Term(args.PrevLogTerm), Index: raft.Index(args.PrevLogEntry)}
}

func describe(m raft.Message) string {
	kind, body, err := bubble.Open(m.Payload)
	args := lib.AppendEntriesRequest{}
	if err != nil || kind != appendEntries || msgpack.Decode(body, &args) != nil {
		return m.Kind
	}
	text := fmt.Sprintf("%s t%d prev=t%di%d commit=%d",
		kind, args.Term, args.PrevLogTerm, args.PrevLogEntry, args.LeaderCommitIndex)
	if n := len(args.Entries); n > 0 {
		text += fmt.Sprintf(" entries=%d..%d", args.Entries[0].Index, args.Entries[n-1].Index)
	}
	return text
}

// logs is the log on the disk.
type logs struct{ *bubble.Store }

// FirstIndex and LastIndex are where the log begins and ends.
func (s logs) FirstIndex() (uint64, error) { first, _ := s.Bounds(); return first, nil }
func (s logs) LastIndex() (uint64, error)  { _, last := s.Bounds(); return last, nil }

// GetLog reads an entry. When the library is about to apply one that is not there, it
// panics in a goroutine of its own, which would end the process.
func (s logs) GetLog(i uint64, l *lib.Log) error {
	e, ok := s.Entry(i)
	switch {
	case ok:
	case bubble.CalledBy("(*Raft).processLogs"):
		s.Doom(fmt.Sprintf("hashicorp/raft: entry %d is to be applied: %v", i, lib.ErrLogNotFound))
		e = bubble.Entry{Index: i, Type: uint8(lib.LogNoop)}
	default:
		return lib.ErrLogNotFound
	}
	*l = lib.Log{Index: e.Index, Term: e.Term, Type: lib.LogType(e.Type), Data: e.Data}
	return nil
}

// StoreLog and StoreLogs store entries.
func (s logs) StoreLog(l *lib.Log) error { return s.StoreLogs([]*lib.Log{l}) }
func (s logs) StoreLogs(list []*lib.Log) error {
	var entries []bubble.Entry
	for _, l := range list {
		entries = append(entries, bubble.Entry{Index: l.Index, Term: l.Term, Type: uint8(l.Type), Data: l.Data})
	}
	s.Append(entries)
	return nil
}

// DeleteRange removes entries.
func (s logs) DeleteRange(from, to uint64) error { s.Delete(from, to); return nil }

// stable is the term and the vote on the disk.
type stable struct{ *bubble.Store }

// Set and SetUint64 set a key.
func (s stable) Set(key, value []byte) error              { s.Store.Set(key, value); return nil }
func (s stable) SetUint64(key []byte, value uint64) error { s.Store.SetUint64(key, value); return nil }
