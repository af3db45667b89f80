// Package loyal watches what became of pre-votes in hashicorp/raft: a node refuses to
// elect another while it has a leader, but not to elect its leader once more.
package loyal

import (
	lib "github.com/hashicorp/raft"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/hashicorp/bubble"
)

// Watch counts the pre-votes that were refused to a node by one that takes it for its
// leader, though its term and its log are as late as they need be. It is an observer of
// a world.
type Watch struct {
	Refused int
	Outside int // not of these: those to a leader that is no voter in the configuration of the refusing node
	status  [raft.MaxNodeID + 1]raft.Status
}

// Observe looks at what a node answers when it is asked for a pre-vote.
func (w *Watch) Observe(r *trace.Record) {
	was := w.status[r.Node]
	w.status[r.Node] = r.Status
	in, ok := r.Input.(*raft.Receive)
	if !ok || r.Kind != trace.Stepped || was.Leader != in.Msg.From || was.Role != raft.Follower || r.Status != was {
		return
	}
	ask, answer := lib.RequestPreVoteRequest{}, lib.RequestPreVoteResponse{}
	if !opens(in.Msg, "PreVote", &ask) || raft.Term(ask.Term) <= was.Term {
		return
	}
	end := raft.EntryID{Term: raft.Term(ask.LastLogTerm), Index: raft.Index(ask.LastLogIndex)}
	for _, m := range r.Out.Sends {
		switch {
		case m.To != in.Msg.From || !opens(m, "PreVoteReply", &answer) || answer.Granted || !end.AtLeastAsUpToDateAs(was.Last):
		case was.Config.Voters.Has(m.To):
			w.Refused++
		default:
			w.Outside++
		}
	}
}

// opens decodes a message of a kind.
func opens(m raft.Message, kind string, v any) bool {
	k, body, err := bubble.Open(m.Payload)
	return err == nil && k == kind && bubble.Decode(body, v) == nil
}
