package reference

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// bootNode boots node id of a cluster of size nodes.
func bootNode(t testing.TB, id raft.NodeID, size int, disk ...[]byte) *Node {
	t.Helper()
	n, err := bootSeeded(id, raft.FirstNodes(size), 7, disk)
	require.NoError(t, err)
	return n
}

func bootSeeded(id raft.NodeID, voters raft.NodeSet, seed uint64, disk [][]byte) (*Node, error) {
	rand := binary.LittleEndian.AppendUint64(nil, seed)
	n, err := System{}.Boot(raft.NodeConfig{ID: id, Voters: voters, Disk: disk, Rand: bytes.NewReader(rand)})
	if err != nil {
		return nil, err
	}
	return n.(*Node), nil
}

// diskOf is a disk with these records, numbered as a node would.
func diskOf(records ...record) (disk [][]byte) {
	for i := range records {
		disk = append(disk, sealed(uint64(i), records[i]))
	}
	return disk
}

func sealed(number uint64, r record) []byte {
	data := r.append(make([]byte, frameHeader))
	sealFrame(data, number)
	return data
}

// hardRecord, logRecord and cutRecord are the three kinds of record.
func hardRecord(term raft.Term, vote raft.NodeID) record {
	return record{kind: recordHardState, hard: hardState{term, vote}}
}

func logRecord(first raft.Index, terms ...raft.Term) record {
	return record{kind: recordEntries, index: first, entries: commands(terms...)}
}

func cutRecord(first raft.Index) record { return record{kind: recordTruncation, index: first} }

// commands is a run of commands of these terms; their data tell terms apart.
func commands(terms ...raft.Term) entryList {
	var b []byte
	for _, term := range terms {
		b = appendEntry(b, term, raft.Command, []byte{'t', byte(term)})
	}
	r := reader{rest: b}
	return r.entries(1, numberLimit)
}

// disk of a node in this term, without a vote, with a log of these terms.
func diskWithLog(term raft.Term, terms ...raft.Term) [][]byte {
	if len(terms) == 0 {
		return diskOf(hardRecord(term, raft.None))
	}
	return diskOf(hardRecord(term, raft.None), logRecord(1, terms...))
}

// receive delivers m to n.
func receive(n *Node, from raft.NodeID, m message) raft.Output {
	return n.Step(&raft.Receive{Msg: raft.Message{From: from, To: n.id, Payload: m.append(nil)}})
}

// persist makes all of n's writes durable.
func persist(n *Node) raft.Output { return n.Step(&raft.Persisted{ID: n.disk.issued}) }

func timeout(n *Node) raft.Output { return n.Step(&raft.Timeout{}) }

func voteRequest(term raft.Term, last raft.EntryID) message {
	return message{kind: kindRequestVote, term: term, requestVote: requestVote{last: last}}
}

func voteGranted(term raft.Term) message {
	return message{kind: kindVoteReply, term: term, voteReply: voteReply{granted: true}}
}

func appendRequest(term raft.Term, prev raft.EntryID, commit raft.Index, terms ...raft.Term) message {
	return message{kind: kindAppendEntries, term: term, appendEntries: appendEntries{prev: prev, commit: commit, entries: commands(terms...)}}
}

func appendMatches(term raft.Term, index raft.Index) message {
	return message{kind: kindAppendReply, term: term, appendReply: appendReply{matches: true, index: index}}
}

func appendRefused(term raft.Term, prev raft.Index, conflict raft.EntryID) message {
	return message{kind: kindAppendReply, term: term, appendReply: appendReply{index: prev, conflict: conflict}}
}

func at(term raft.Term, index raft.Index) raft.EntryID {
	return raft.EntryID{Term: term, Index: index}
}

// decoded is what a sent message says.
func decoded(t testing.TB, out raft.Message) message {
	t.Helper()
	var m message
	require.NoError(t, m.decode(out.Payload))
	return m
}

// only is the one message of an output.
func only(t testing.TB, out raft.Output) (message, raft.Message) {
	t.Helper()
	require.Len(t, out.Sends, 1)
	return decoded(t, out.Sends[0]), out.Sends[0]
}

// said describes all messages of an output, with their receivers.
func said(out raft.Output) (lines []string) {
	for _, m := range out.Sends {
		lines = append(lines, m.To.String()+" "+System{}.DescribeMessage(m))
	}
	return lines
}

// wrote describes all writes of an output.
func wrote(out raft.Output) (lines []string) {
	for _, w := range out.Writes {
		lines = append(lines, System{}.DescribeWrite(w.Data))
	}
	return lines
}

// terms are the terms of a node's log.
func terms(n *Node) (terms []raft.Term) {
	for i := raft.Index(1); i <= n.log.lastIndex(); i++ {
		terms = append(terms, n.log.term(i))
	}
	return terms
}

// leaderOf makes node 1 of a cluster the leader of its next term, by the votes
// of a majority. Its writes are durable; the entry of its term is not replicated.
func leaderOf(t testing.TB, size int, disk ...[]byte) *Node {
	t.Helper()
	n := bootNode(t, 1, size, disk...)
	timeout(n)
	persist(n)
	for id := raft.NodeID(2); n.role != raft.Leader; id++ {
		receive(n, id, voteGranted(n.hard.term))
	}
	persist(n)
	return n
}

// cluster drives nodes directly: what they write is durable when settle says
// so, and what they send arrives in order, except at nodes that are cut off.
type cluster struct {
	t     testing.TB
	size  int
	nodes []*Node // by NodeID
	disks [][][]byte
	queue []raft.Message
	cut   raft.NodeSet
	done  []raft.OpID
}

func newCluster(t testing.TB, size int) *cluster {
	c := &cluster{t: t, size: size, nodes: make([]*Node, size+1), disks: make([][][]byte, size+1)}
	for id := raft.NodeID(1); int(id) <= size; id++ {
		c.restart(id)
	}
	return c
}

// restart boots a node from its disk alone.
func (c *cluster) restart(id raft.NodeID) {
	n, err := bootSeeded(id, raft.FirstNodes(c.size), uint64(id), c.disks[id])
	require.NoError(c.t, err)
	c.nodes[id] = n
}

// step makes all writes durable at once.
func (c *cluster) step(id raft.NodeID, in raft.Input) {
	out := c.nodes[id].Step(in)
	for {
		for _, m := range out.Sends {
			m.Payload = bytes.Clone(m.Payload)
			c.queue = append(c.queue, m)
		}
		for _, r := range out.Replies {
			if r.Outcome == raft.Done {
				c.done = append(c.done, r.Op)
			}
		}
		if len(out.Writes) == 0 {
			return
		}
		for _, w := range out.Writes {
			c.disks[id] = append(c.disks[id], bytes.Clone(w.Data))
		}
		out = persist(c.nodes[id])
	}
}

// settle delivers until nobody says anything more.
func (c *cluster) settle() {
	for len(c.queue) > 0 {
		m := c.queue[0]
		c.queue = c.queue[1:]
		if !c.cut.Has(m.From) && !c.cut.Has(m.To) {
			c.step(m.To, &raft.Receive{Msg: m})
		}
	}
}

// elect makes id a leader and tells everybody that its term is open.
func (c *cluster) elect(id raft.NodeID) {
	c.step(id, &raft.Timeout{})
	c.settle()
	require.Equal(c.t, raft.Leader, c.nodes[id].role)
	c.heartbeat(id)
}

func (c *cluster) heartbeat(id raft.NodeID) {
	for range HeartbeatTicks {
		c.step(id, &raft.Tick{})
	}
	c.settle()
}

func (c *cluster) propose(id raft.NodeID, seq uint32) {
	c.step(id, &raft.Propose{Op: raft.OpID{Client: 1, Seq: seq}, Data: []byte{byte(seq)}})
	c.settle()
}
