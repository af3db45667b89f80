package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

var (
	three       = voters(1, 2, 3)
	threeAndOne = raft.Configuration{Voters: three.Voters, Learners: raft.NodeSetOf(4)}
	// joint goes from the first three to node 1 and two that learnt.
	joint      = raft.Configuration{Voters: raft.NodeSetOf(1, 4, 5), Outgoing: three.Voters}
	afterJoint = voters(1, 4, 5)
)

// diskWithConfigurations is the disk of a node in this term whose log is these
// configurations, of term 1.
func diskWithConfigurations(term raft.Term, list ...raft.Configuration) [][]byte {
	return diskOf(hardRecord(term, raft.None),
		record{kind: recordEntries, index: 1, entries: configurations(1, list...)})
}

func configurationRequest(term raft.Term, prev raft.EntryID, list ...raft.Configuration) message {
	m := appendRequest(term, prev, 0)
	m.appendEntries.entries = configurations(term, list...)
	return m
}

// Section 6: a configuration counts from when it is in the log.
func TestMembership_countsOnAppendAndGoesWithItsEntry(t *testing.T) {
	n := bootNode(t, 1, 3)
	receive(n, 2, configurationRequest(1, at(0, 0), threeAndOne, joint, afterJoint))
	require.Equal(t, afterJoint, n.Status().Config)
	require.Equal(t, raft.Index(3), n.Status().ConfigIndex)
	require.Zero(t, n.Status().Commit)

	tests := map[string]struct {
		prev   raft.EntryID
		config raft.Configuration
		index  raft.Index
	}{
		"nothing":      {at(1, 3), afterJoint, 3},
		"one level":    {at(1, 2), joint, 2},
		"two levels":   {at(1, 1), threeAndOne, 1},
		"three levels": {at(0, 0), three, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := n.Clone().(*Node)
			receive(n, 3, appendRequest(2, tt.prev, 0, 2))
			require.Equal(t, tt.config, n.Status().Config)
			require.Equal(t, tt.index, n.Status().ConfigIndex)
			receive(n, 3, configurationRequest(2, at(2, n.log.lastIndex()), voters(1, 2)))
			require.Equal(t, voters(1, 2), n.Status().Config)
		})
	}
	before := n.AppendState(nil)
	receive(n, 2, configurationRequest(1, at(0, 0), threeAndOne, joint))
	require.Equal(t, before, n.AppendState(nil), "a delayed message changes nothing")
	receive(n, 2, configurationRequest(1, at(1, 1), joint, afterJoint, threeAndOne))
	require.Equal(t, threeAndOne, n.Status().Config, "the first two were there")
	require.Len(t, n.members, 5)
}

func TestMembership_isOnTheDisk(t *testing.T) {
	tests := map[string]struct {
		disk   [][]byte
		config raft.Configuration
	}{
		"in the middle of a change": {diskWithConfigurations(1, threeAndOne, joint), joint},
		"after it":                  {diskWithConfigurations(1, threeAndOne, joint, afterJoint), afterJoint},
		"truncated": {append(diskWithConfigurations(1, threeAndOne, joint, afterJoint),
			sealed(2, cutRecord(2))), threeAndOne},
		"truncated altogether": {append(diskWithConfigurations(1, threeAndOne, joint),
			sealed(2, cutRecord(1))), three},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.config, bootNode(t, 1, 3, tt.disk...).Status().Config)
		})
	}
	_, err := bootDisk(diskOf(hardRecord(1, 0),
		record{kind: recordEntries, index: 1, entries: configurations(1, raft.Configuration{})}))
	require.ErrorContains(t, err, "the configuration in t1i1: a value is out of range")
}

// Section 6: decisions take a majority of both halves; thesis, section 4.2.1:
// learners are in none.
func TestMembership_quorums(t *testing.T) {
	learners := raft.Configuration{Voters: raft.NodeSetOf(1, 2, 3), Learners: raft.NodeSetOf(4, 5, 6)}
	demoted := raft.Configuration{Voters: raft.NodeSetOf(1), Outgoing: raft.NodeSetOf(1, 2, 3),
		Learners: raft.NodeSetOf(2, 3)}
	removed := raft.Configuration{Voters: raft.NodeSetOf(2, 3), Outgoing: raft.NodeSetOf(1, 2, 3)}
	tests := map[string]struct {
		config raft.Configuration
		others []raft.NodeID // besides node 1, in this order
		at     int           // this many of them decide
	}{
		"three":                       {three, []raft.NodeID{2}, 1},
		"joint, new half first":       {joint, []raft.NodeID{4, 5, 2}, 3},
		"joint, old half first":       {joint, []raft.NodeID{2, 3, 4}, 3},
		"learners":                    {learners, []raft.NodeID{4, 5, 6, 2}, 4},
		"demoted, still in the old":   {demoted, []raft.NodeID{2}, 1},
		"removed, not in the new one": {removed, []raft.NodeID{2, 3}, 2},
		"removed altogether":          {voters(2, 3), []raft.NodeID{2, 3}, 2},
		"four of which two are half":  {voters(1, 2, 3, 4), []raft.NodeID{2, 3}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootPreVote(t, 1, 3, diskWithConfigurations(1, tt.config)...)
			each := func(reached func() bool, m func() message) {
				for i, from := range tt.others[:tt.at] {
					require.False(t, reached(), "after %d", i)
					receive(n, from, m())
				}
				require.True(t, reached())
			}
			timeout(n)
			each(func() bool { return n.role == raft.Candidate }, func() message { return preVoteGranted(1, 1) })
			persist(n)
			each(func() bool { return n.role == raft.Leader }, func() message { return voteGranted(2) })
			persist(n)
			n.Step(&raft.Read{Op: client(1)})
			each(func() bool { return n.lead.confirmed == n.lead.round }, func() message { return ackOf(n, 0) })
			require.Zero(t, n.commit)
			each(func() bool { return n.commit > 0 }, func() message { return appendMatches(2, 2) })
		})
	}
}

// A node in no quorum neither starts elections nor receives RequestVote.
func TestMembership_electors(t *testing.T) {
	learner := raft.Configuration{Voters: raft.NodeSetOf(2, 3), Learners: raft.NodeSetOf(1)}
	demotion := raft.Configuration{Voters: raft.NodeSetOf(2),
		Outgoing: raft.NodeSetOf(1, 2), Learners: raft.NodeSetOf(1)}
	withLearners := raft.Configuration{Voters: raft.NodeSetOf(1, 2), Learners: raft.NodeSetOf(3)}
	tests := map[string]struct {
		config    raft.Configuration
		committed bool
		asks      []raft.NodeID
	}{
		"voter":                         {withLearners, true, []raft.NodeID{2}},
		"joint":                         {joint, true, []raft.NodeID{2, 3, 4, 5}},
		"learner":                       {learner, true, nil},
		"removed":                       {voters(2, 3), true, nil},
		"removed, which is not certain": {voters(2, 3), false, []raft.NodeID{2, 3}},
		"to be learner":                 {demotion, true, []raft.NodeID{2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootNode(t, 1, 3, diskWithConfigurations(1, tt.config)...)
			if tt.committed {
				receive(n, 2, appendRequest(1, at(1, 1), 1))
			}
			var asked []raft.NodeID
			for _, m := range receive(n.Clone().(*Node), 2, message{kind: kindTimeoutNow, term: 1}).Sends {
				require.Equal(t, kindRequestVote.String(), m.Kind)
				asked = append(asked, m.To)
			}
			require.Equal(t, tt.asks, asked, "asked by the leader")
			asked = nil
			for _, m := range timeout(n).Sends {
				asked = append(asked, m.To)
			}
			require.Equal(t, tt.asks, asked)
		})
	}
}

// A node grants a vote whether it is a member or not: the candidate's configuration
// may be later (section 6).
func TestMembership_aNonMemberVotes(t *testing.T) {
	n, err := bootSeeded(4, raft.FirstNodes(3), 7, nil)
	require.NoError(t, err)
	m, _ := only(t, receive(n, 1, voteRequest(1, at(0, 0))))
	require.True(t, m.voteReply.granted)
}

func TestReconfigure_whatIsRefused(t *testing.T) {
	tests := map[string]struct {
		prepare func(n *Node)
		asks    raft.Configuration
		refused bool
	}{
		"a learner comes": {nil,
			raft.Configuration{Voters: three.Voters, Learners: raft.NodeSetOf(4, 5)}, false},
		"a learner goes":  {nil, three, false},
		"a voter goes":    {nil, voters(1, 2), false},
		"the leader goes": {nil, voters(2, 3), false},
		"a learner that has all": {func(n *Node) { receive(n, 4, appendMatches(n.hard.term, n.commit)) },
			voters(1, 2, 3, 4), false},
		"a learner behind": {func(n *Node) { receive(n, 4, appendMatches(n.hard.term, n.commit-1)) },
			voters(1, 2, 3, 4), true},
		"a voter from nowhere": {nil, voters(1, 2, 3, 5), true},
		"nobody votes":         {nil, raft.Configuration{Learners: three.Voters}, true},
		"somebody votes and learns": {nil,
			raft.Configuration{Voters: three.Voters, Learners: raft.NodeSetOf(3)}, true},
		"none votes":              {nil, voters(0, 1, 2), true},
		"a transfer is under way": {func(n *Node) { n.Step(&raft.Transfer{To: 2}) }, three, true},
		"a change is not committed": {func(n *Node) { n.Step(&raft.Reconfigure{Voters: three.Voters}) },
			voters(1, 2), true},
		"a change is joint": {func(n *Node) { n.Step(&raft.Reconfigure{Voters: raft.NodeSetOf(1, 2)}) },
			voters(1, 2), true},
		"a follower": {func(n *Node) { receive(n, 2, appendRequest(9, at(2, 2), 0)) }, three, true},
		"the term committed nothing yet": {func(n *Node) {
			receive(n, 2, voteReplyRefused(9))
			timeout(n)
			persist(n)
			receive(n, 2, voteGranted(10))
			persist(n)
			require.Equal(t, raft.Leader, n.role)
		}, three, true}, // D. Ongaro, raft-dev, 2015
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := leaderOf(t, 3, diskWithConfigurations(1, threeAndOne)...)
			receive(n, 2, appendMatches(2, 2))
			require.Equal(t, raft.Index(2), n.commit)
			if tt.prepare != nil {
				tt.prepare(n)
			}
			last := n.log.lastIndex()
			out := n.Step(&raft.Reconfigure{Op: operator(7), Voters: tt.asks.Voters, Learners: tt.asks.Learners})
			if tt.refused {
				require.Equal(t, []raft.Reply{{Op: operator(7), Outcome: raft.Rejected}}, out.Replies)
				require.Equal(t, last, n.log.lastIndex())
				return
			}
			require.Empty(t, out.Replies)
			require.Equal(t, last+1, n.Status().ConfigIndex)
			require.Equal(t, tt.asks.Voters != three.Voters, n.config().Joint())
		})
	}
	n := leaderOf(t, 3)
	receive(n, 2, appendMatches(1, 1))
	out := n.Step(&raft.Reconfigure{Op: operator(7), Voters: three.Voters})
	require.Empty(t, out.Replies, "nobody knows whether it still is so")
	require.NotEmpty(t, out.Writes)
}

// The first learner, then a voter, then the old ones go: by joint consensus,
// which the leader leaves by itself (section 6).
func TestReconfigure_goesThroughJointConsensus(t *testing.T) {
	c := newClusterOf(t, 5, raft.FirstNodes(3), false)
	c.elect(1)
	c.propose(1, 1)
	c.reconfigure(1, 1, raft.Configuration{Voters: three.Voters, Learners: raft.NodeSetOf(4, 5)})
	c.heartbeat(1)
	require.Equal(t, []byte{1}, c.states[4], "learners are sent the log")
	c.cut = raft.NodeSetOf(5)
	c.step(1, &raft.Reconfigure{Op: operator(2), Voters: afterJoint.Voters})
	require.Equal(t, joint, c.nodes[1].config())
	c.settle()
	require.Equal(t, afterJoint, c.nodes[1].config(), "one of two new ones is enough")
	require.Equal(t, [][]raft.Outcome{{raft.Done}, {raft.Done}},
		[][]raft.Outcome{c.outcomes(operator(1)), c.outcomes(operator(2))})
	c.cut = 0
	c.heartbeat(1)
	require.Equal(t, afterJoint, c.nodes[5].config())
	require.Equal(t, joint, c.nodes[2].config(), "a removed node receives nothing more")
	c.propose(1, 3)
	require.Equal(t, []raft.Outcome{raft.Done}, c.outcomes(client(3)))
}

// The operator whose identifier is zero is answered as well: it is opaque.
func TestReconfigure_anyIdentifierIsAnswered(t *testing.T) {
	c := newCluster(t, 3)
	c.elect(1)
	c.reconfigure(1, 0, voters(1, 2))
	c.heartbeat(1)
	require.Equal(t, []raft.Outcome{raft.Done}, c.outcomes(operator(0)))
}

// TestReconfigure_isAnsweredOnce: the operator gets one answer, Done, when the new
// configuration is applied, and none when the leader steps down before or after that.
func TestReconfigure_isAnsweredOnce(t *testing.T) {
	c := newCluster(t, 3)
	c.elect(1)
	c.reconfigure(1, 1, voters(1, 2))
	require.Equal(t, []raft.Outcome{raft.Done}, c.outcomes(operator(1)))
	c.step(1, &raft.Receive{Msg: raft.Message{From: 2, To: 1, Payload: new(voteReplyRefused(9)).append(nil)}})
	require.Equal(t, raft.Follower, c.nodes[1].role)
	require.Equal(t, []raft.Outcome{raft.Done}, c.outcomes(operator(1)), "not again when it steps down")
}

// A leader that steps down between the joint configuration and the new one answers
// Unknown once, because the next leader finishes the change.
func TestReconfigure_isAnsweredOnceInTheMiddle(t *testing.T) {
	n := leaderOf(t, 3, diskWithConfigurations(1, three)...)
	receive(n, 2, appendMatches(2, 2))
	n.Step(&raft.Reconfigure{Op: operator(1), Voters: raft.NodeSetOf(1, 2)})
	persist(n)
	require.Empty(t, receive(n, 2, appendMatches(2, 3)).Replies)
	require.Equal(t, voters(1, 2), n.config(), "joint committed, new not")
	out := receive(n, 2, voteReplyRefused(9))
	require.Equal(t, []raft.Reply{{Op: operator(1), Outcome: raft.Unknown}}, out.Replies)
}

// A leader that is lost in the middle of a change leaves it to the next one.
func TestReconfigure_aNewLeaderFinishesIt(t *testing.T) {
	for name, cut := range map[string]func(c *cluster){
		"that is not committed": func(c *cluster) {
			c.cut = raft.NodeSetOf(1)
			c.queue = c.queue[:0]
			require.Equal(t, joint, c.nodes[1].config())
			for id := raft.NodeID(2); id <= 5; id++ { // they got the entry, and the leader no answer
				m := configurationRequest(1, c.nodes[id].log.last(), joint)
				c.step(id, &raft.Receive{Msg: raft.Message{From: 1, To: id, Payload: m.append(nil)}})
			}
			c.queue = c.queue[:0]
		},
		"whose end is not": func(c *cluster) {
			for c.nodes[1].config().Joint() {
				m := c.queue[0]
				c.queue = c.queue[1:]
				c.step(m.To, &raft.Receive{Msg: m})
			}
			c.cut = raft.NodeSetOf(1)
			c.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClusterOf(t, 5, raft.FirstNodes(3), false)
			c.elect(1)
			c.reconfigure(1, 1, raft.Configuration{Voters: three.Voters, Learners: raft.NodeSetOf(4, 5)})
			c.heartbeat(1)
			c.step(1, &raft.Reconfigure{Op: operator(2), Voters: afterJoint.Voters})
			cut(c)
			require.Equal(t, joint, c.nodes[4].config())
			c.elect(4)
			c.heartbeat(4)
			require.Equal(t, afterJoint, c.nodes[4].config())
			require.Equal(t, c.nodes[4].log.lastIndex(), c.nodes[4].commit)
			c.cut = 0
			c.heartbeat(4)
			c.heartbeat(4)
			require.Equal(t, c.nodes[4].log.last(), c.nodes[1].log.last())
			require.Equal(t, []raft.Outcome{raft.Unknown}, c.outcomes(operator(2)))
		})
	}
}

// Section 6, second issue; thesis, section 4.2.2: a leader that is not in the
// new configuration leads until that is committed, without counting itself.
func TestReconfigure_theLeaderGoes(t *testing.T) {
	demotion := raft.Configuration{Voters: raft.NodeSetOf(2, 3), Learners: raft.NodeSetOf(1)}
	for name, to := range map[string]raft.Configuration{"for good": voters(2, 3), "and learns": demotion} {
		t.Run(name, func(t *testing.T) {
			n := leaderOf(t, 3)
			receive(n, 2, appendMatches(1, 1))
			receive(n, 3, appendMatches(1, 1))
			n.Step(&raft.Reconfigure{Op: operator(1), Voters: to.Voters, Learners: to.Learners})
			persist(n)
			receive(n, 2, appendMatches(1, 2))
			require.True(t, n.config().Joint(), "one of the two others, and itself in the old half")
			receive(n, 3, appendMatches(1, 2))
			require.Equal(t, to, n.config())
			n.Step(&raft.Propose{Op: client(1)})
			persist(n)
			receive(n, 2, appendMatches(1, 3))
			require.Equal(t, raft.Index(2), n.commit, "it does not count itself")
			require.Equal(t, raft.Leader, n.role)
			out := receive(n, 3, appendMatches(1, 3))
			require.Equal(t, raft.Follower, n.role)
			require.Equal(t, []raft.Reply{{Op: operator(1), Outcome: raft.Done}, {Op: client(1)}}, out.Replies)
			require.Equal(t, []string{
				"n2 AppendEntries t1 prev=t1i4 commit=3",
				"n3 AppendEntries t1 prev=t1i4 commit=3",
			}, said(out), "the others learn that it is committed")
			require.Empty(t, timeout(n).Sends, "it stands for nothing")
		})
	}
	c := newCluster(t, 3)
	c.elect(1)
	c.reconfigure(1, 1, voters(2, 3))
	c.heartbeat(1)
	require.Equal(t, raft.Follower, c.nodes[1].role)
	c.elect(2)
	c.propose(2, 1)
	require.Equal(t, []raft.OpID{operator(1), client(1)}, c.done)
}

// A smaller configuration may make a quorum of answers that were none
// (tikv/raft-rs commit 513b82c).
func TestReconfigure_recountsWhatWasAnswered(t *testing.T) {
	n := leaderOf(t, 5, diskWithConfigurations(1, voters(1, 2, 3, 4, 5))...)
	receive(n, 2, appendMatches(2, 2))
	receive(n, 3, appendMatches(2, 2))
	n.Step(&raft.Reconfigure{Op: operator(1), Voters: raft.NodeSetOf(1, 2)})
	n.Step(&raft.Propose{Op: client(1)})
	n.Step(&raft.Read{Op: client(2)})
	persist(n)
	receive(n, 2, ackOf(n, 4))
	require.Equal(t, raft.Index(2), n.commit)
	out := receive(n, 3, appendMatches(2, 3)) // commits the joint configuration, and nothing else
	require.Equal(t, voters(1, 2), n.config())
	require.Equal(t, raft.Index(4), n.commit)
	require.Equal(t, []raft.Reply{{Op: client(1), Outcome: raft.Done}, {Op: client(2), Outcome: raft.Done}},
		out.Replies)
}

// A leader knows nothing about a node that comes back as a learner.
func TestReconfigure_whoComesBackIsProbed(t *testing.T) {
	c := newClusterOf(t, 4, raft.FirstNodes(3), false)
	c.elect(1)
	c.reconfigure(1, 1, threeAndOne)
	c.heartbeat(1)
	require.Equal(t, raft.Index(2), c.nodes[1].lead.match[4])
	c.reconfigure(1, 2, three)
	c.propose(1, 1)
	require.Equal(t, raft.Index(2), c.nodes[4].log.lastIndex())
	receive(c.nodes[1], 4, appendMatches(1, 2)) // from when it was a member
	c.step(1, &raft.Reconfigure{Op: operator(3), Voters: three.Voters, Learners: raft.NodeSetOf(4)})
	require.Zero(t, c.nodes[1].lead.match[4])
	c.settle()
	c.heartbeat(1)
	require.Equal(t, c.nodes[1].log.last(), c.nodes[4].log.last())
	require.Len(t, c.done, 4)
}

// A configuration is kept with the snapshot that covers its entry, and it is the
// one as of that entry (etcd-io/raft commit e515a67; canonical/raft pull 354).
func TestMembership_compaction(t *testing.T) {
	n := bootNode(t, 1, 3)
	receive(n, 2, configurationRequest(1, at(0, 0), threeAndOne, three, joint, afterJoint))
	receive(n, 2, appendRequest(1, at(1, 3), 3))
	n.Step(&raft.Compact{Index: 3, State: []byte("s")})
	require.Equal(t, configured{3, joint}, n.snapshot.members)
	require.Equal(t, afterJoint, n.config())
	require.Len(t, n.members, 2)
	receive(n, 3, appendRequest(2, at(1, 3), 3, 2))
	require.Equal(t, joint, n.config(), "the uncommitted change is rolled back")
	receive(n, 3, appendRequest(2, at(2, 4), 4))
	n.Step(&raft.Compact{Index: 4, State: []byte("s")})
	require.Equal(t, configured{3, joint}, n.snapshot.members)
}
