// Package loyal judges pre-votes in hashicorp/raft: a node rejects a pre-vote request
// while it has a leader, except that of its leader.
package loyal

import (
	"fmt"

	lib "github.com/hashicorp/raft"

	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/bubble"
	"raftcheck/raft/hashicorp/msgpack"
)

// PreVote judges that a follower does not reject the pre-vote request of its own leader.
// The leader's term and log must be late enough, and the leader a voter in the follower's
// configuration (hashicorp/raft issue 606).
type PreVote struct {
	asked  bool
	status [raft.MaxNodeID + 1]raft.Status // of each node, as it showed it last
}

// Property names the promise.
func (*PreVote) Property() models.Property {
	return models.Property{
		Name:     "PreVoteToLeader",
		Rule:     "A node does not reject the pre-vote request of the leader that it follows.",
		Source:   "hashicorp/raft issue 606; thesis, section 9.6",
		Inspects: true,
	}
}

// Observe looks at a follower's answers to the pre-vote request of its leader.
func (c *PreVote) Observe(_ *trace.View, r *trace.Record) string {
	was := c.status[r.Node]
	c.status[r.Node] = r.Status
	in, ok := r.Input.(*raft.Receive)
	if !ok || r.Kind != trace.Stepped || was.Leader != in.Msg.From ||
		was.Role != raft.Follower || r.Status != was {
		return ""
	}
	ask := lib.RequestPreVoteRequest{}
	if !opens(in.Msg, "PreVote", &ask) || raft.Term(ask.Term) <= was.Term ||
		!was.Config.Voters.Has(in.Msg.From) {
		return ""
	}
	end := raft.EntryID{Term: raft.Term(ask.LastLogTerm), Index: raft.Index(ask.LastLogIndex)}
	if !end.AtLeastAsUpToDateAs(was.Last) {
		return ""
	}
	c.asked = true
	for _, m := range r.Out.Sends {
		answer := lib.RequestPreVoteResponse{}
		if m.To == in.Msg.From && opens(m, "PreVoteReply", &answer) && !answer.Granted {
			return fmt.Sprintf("%s rejects the pre-vote request of its leader %s", r.Node, m.To)
		}
	}
	return ""
}

// Finish returns Held if a leader asked its follower for a pre-vote.
func (c *PreVote) Finish(*trace.View) (models.Outcome, string) {
	if !c.asked {
		return models.NotChecked, ""
	}
	return models.Held, ""
}

// opens decodes a message of a kind.
func opens(m raft.Message, kind string, v any) bool {
	k, body, err := bubble.Open(m.Payload)
	return err == nil && k == kind && msgpack.Decode(body, v) == nil
}
