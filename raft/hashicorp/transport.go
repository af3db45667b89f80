package hashicorp

import (
	"bytes"
	"fmt"
	"io"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
	"raftcheck/raft/bubble"
	"raftcheck/raft/hashicorp/msgpack"
)

// The kinds of message, by the field's names.
const (
	appendEntries, appendReply     = "AppendEntries", "AppendReply"
	requestVote, voteReply         = "RequestVote", "VoteReply"
	requestPreVote, preVoteReply   = "PreVote", "PreVoteReply"
	installSnapshot, snapshotReply = "InstallSnapshot", "SnapshotReply"
	timeoutNow, timeoutNowReply    = "TimeoutNow", "TimeoutNowReply"
)

// rpcsWaiting is how many requests may wait for the library.
const rpcsWaiting = 1024

// transport carries the library's RPCs over the seam.
type transport struct {
	core *bubble.Core
	rpcs chan lib.RPC
	// matched is the last entry that each node acknowledged.
	matched map[raft.NodeID]raft.EntryID
}

func newTransport(c *bubble.Core) *transport {
	t := &transport{core: c, matched: map[raft.NodeID]raft.EntryID{}}
	c.Do(func() { t.rpcs = make(chan lib.RPC, rpcsWaiting) }, func() bool { return false })
	return t
}

// Consumer returns the channel of the requests of other nodes.
func (t *transport) Consumer() <-chan lib.RPC { return t.rpcs }

// LocalAddr returns the node's address.
func (t *transport) LocalAddr() lib.ServerAddress { return address(t.core.ID) }

// AppendEntriesPipeline returns the error for a transport without a pipeline.
func (t *transport) AppendEntriesPipeline(lib.ServerID, lib.ServerAddress) (lib.AppendPipeline, error) {
	return nil, lib.ErrPipelineReplicationNotSupported
}

// EncodePeer and DecodePeer write addresses as they are.
func (t *transport) EncodePeer(_ lib.ServerID, a lib.ServerAddress) []byte { return []byte(a) }
func (t *transport) DecodePeer(b []byte) lib.ServerAddress                 { return lib.ServerAddress(b) }

// SetHeartbeatHandler leaves heartbeats among the other requests.
func (t *transport) SetHeartbeatHandler(func(lib.RPC)) {}

// call makes an RPC.
func (t *transport) call(
	to lib.ServerAddress, kind string, args, resp any, data []byte, p raft.Promise,
) error {
	b, err := t.core.Call(nodeID(string(to)), kind, msgpack.Encode(args), data, p, rpcTimeout)
	if err != nil {
		return err
	}
	return msgpack.Decode(b, resp)
}

// AppendEntries sends entries, or a heartbeat.
func (t *transport) AppendEntries(
	_ lib.ServerID, to lib.ServerAddress, args *lib.AppendEntriesRequest, resp *lib.AppendEntriesResponse,
) error {
	*resp = lib.AppendEntriesResponse{}
	if err := t.call(to, appendEntries, args, resp, nil, raft.Promise{Term: raft.Term(args.Term)}); err != nil {
		return err
	}
	if resp.Success && len(args.Entries) > 0 {
		t.core.Locked(func() { t.matched[nodeID(string(to))] = stored(args) })
	}
	return nil
}

// RequestVote asks for a vote. The library asks the nodes that are before the candidate in
// the configuration while its vote for itself is still to be stored, and counts that later.
func (t *transport) RequestVote(
	_ lib.ServerID, to lib.ServerAddress, args *lib.RequestVoteRequest, resp *lib.RequestVoteResponse,
) error {
	return t.call(to, requestVote, args, resp, nil, raft.Promise{Term: raft.Term(args.Term)})
}

// RequestPreVote asks for a pre-vote.
func (t *transport) RequestPreVote(
	_ lib.ServerID, to lib.ServerAddress, args *lib.RequestPreVoteRequest, resp *lib.RequestPreVoteResponse,
) error {
	return t.call(to, requestPreVote, args, resp, nil, raft.Promise{})
}

// InstallSnapshot sends a snapshot, all of it at once.
func (t *transport) InstallSnapshot(
	_ lib.ServerID, to lib.ServerAddress, args *lib.InstallSnapshotRequest, resp *lib.InstallSnapshotResponse,
	data io.Reader,
) error {
	b, err := io.ReadAll(data)
	if err != nil {
		return err
	}
	return t.call(to, installSnapshot, args, resp, b, raft.Promise{Term: raft.Term(args.Term)})
}

// TimeoutNow makes another node stand for election.
func (t *transport) TimeoutNow(
	_ lib.ServerID, to lib.ServerAddress, args *lib.TimeoutNowRequest, resp *lib.TimeoutNowResponse,
) error {
	return t.call(to, timeoutNow, args, resp, nil, raft.Promise{})
}

// stored is the end of the log after an AppendEntries that succeeds.
func stored(args *lib.AppendEntriesRequest) raft.EntryID {
	if n := len(args.Entries); n > 0 {
		last := args.Entries[n-1]
		return raft.EntryID{Term: raft.Term(last.Term), Index: raft.Index(last.Index)}
	}
	return raft.EntryID{Term: raft.Term(args.PrevLogTerm), Index: raft.Index(args.PrevLogEntry)}
}

// requests makes the library's form of each kind of request, and the kind of its answer.
var requests = map[string]struct {
	command func() any
	reply   string
}{
	appendEntries:   {func() any { return new(lib.AppendEntriesRequest) }, appendReply},
	requestVote:     {func() any { return new(lib.RequestVoteRequest) }, voteReply},
	requestPreVote:  {func() any { return new(lib.RequestPreVoteRequest) }, preVoteReply},
	installSnapshot: {func() any { return new(lib.InstallSnapshotRequest) }, snapshotReply},
	timeoutNow:      {func() any { return new(lib.TimeoutNowRequest) }, timeoutNowReply},
}

// serve hands a request to the library, and its answer to the sender. A request
// that finds too many before it is lost.
func (t *transport) serve(r *bubble.Request) {
	kind := requests[r.Kind]
	command := kind.command()
	if err := msgpack.Decode(r.Body, command); err != nil {
		panic(fmt.Sprintf("a request %s that nobody sent: %v", r.Kind, err))
	}
	answer := make(chan lib.RPCResponse, 1)
	rpc := lib.RPC{Command: command, RespChan: answer}
	if r.Kind == installSnapshot {
		rpc.Reader = bytes.NewReader(r.Data)
	}
	select {
	case t.rpcs <- rpc:
	default:
		return
	}
	go func() {
		select {
		case a := <-answer:
			r.Answer(kind.reply, msgpack.Encode(a.Response), promise(r.From, command, a.Response), a.Error)
		case <-t.core.Over():
		}
	}()
}

// promise is the promise on which the receiver of an answer relies.
func promise(to raft.NodeID, command, response any) raft.Promise {
	p := raft.Promise{}
	switch resp := response.(type) {
	case *lib.AppendEntriesResponse:
		if p.Term = raft.Term(resp.Term); resp.Success {
			p.Last = stored(command.(*lib.AppendEntriesRequest))
		}
	case *lib.RequestVoteResponse:
		if p.Term = raft.Term(resp.Term); resp.Granted {
			p.Vote = to
		}
	case *lib.InstallSnapshotResponse:
		p.Term = raft.Term(resp.Term)
	}
	return p
}
