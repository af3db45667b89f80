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

// bootPreVote is bootNode with pre-vote; the node is loyal until its promises
// run out, as any is that just booted.
func bootPreVote(t testing.TB, id raft.NodeID, size int, disk ...[]byte) *Node {
	t.Helper()
	n, err := bootWith(raft.NodeConfig{ID: id, Voters: raft.FirstNodes(size), PreVote: true, Disk: disk}, 7)
	require.NoError(t, err)
	return n
}

func bootSeeded(id raft.NodeID, voters raft.NodeSet, seed uint64, disk [][]byte) (*Node, error) {
	return bootWith(raft.NodeConfig{ID: id, Voters: voters, Disk: disk}, seed)
}

func bootWith(c raft.NodeConfig, seed uint64) (*Node, error) {
	rand := binary.LittleEndian.AppendUint64(nil, seed)
	c.Rand = bytes.NewReader(binary.LittleEndian.AppendUint64(rand, seed<<32))
	n, err := System{}.Boot(c)
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

// hardRecord, logRecord, cutRecord and checkpointRecord are the kinds of record.
func hardRecord(term raft.Term, vote raft.NodeID) record {
	return record{kind: recordHardState, hard: hardState{term, vote}}
}

func logRecord(first raft.Index, terms ...raft.Term) record {
	return record{kind: recordEntries, index: first, entries: commands(terms...)}
}

func cutRecord(first raft.Index) record { return record{kind: recordTruncation, index: first} }

// checkpointRecord is of the first three nodes, with the state "state", a log
// that begins after base and entries of these terms in it.
func checkpointRecord(hard hardState, base, id raft.EntryID, terms ...raft.Term) record {
	return record{
		kind: recordCheckpoint, hard: hard, base: base, entries: commands(terms...),
		snapshot: snapshot{id: id, members: configured{config: voters(1, 2, 3)}, state: []byte("state")},
	}
}

// voters is a configuration of these voters alone.
func voters(ids ...raft.NodeID) raft.Configuration {
	return raft.Configuration{Voters: raft.NodeSetOf(ids...)}
}

// commands returns a run of commands of these terms; their data differ by term.
func commands(terms ...raft.Term) entryList {
	var b []byte
	for _, term := range terms {
		b = appendEntry(b, term, raft.Command, []byte{'t', byte(term)})
	}
	r := reader{rest: b}
	return r.entries(1, numberLimit)
}

// configurations is a run of entries with these configurations.
func configurations(term raft.Term, list ...raft.Configuration) entryList {
	var b []byte
	for _, c := range list {
		b = appendEntry(b, term, raft.Reconfiguration, appendConfiguration(nil, c))
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

func preVoteRequest(term raft.Term, last raft.EntryID) message {
	return message{kind: kindPreVote, term: term, preVote: preVote{last: last}}
}

// preVoteGranted is the grant of a node in this term to one that asked in that one.
func preVoteGranted(term, asked raft.Term) message {
	return message{kind: kindPreVoteReply, term: term, preVoteReply: preVoteReply{asked: asked, granted: true}}
}

func appendRequest(term raft.Term, prev raft.EntryID, commit raft.Index, terms ...raft.Term) message {
	return message{kind: kindAppendEntries, term: term,
		appendEntries: appendEntries{prev: prev, commit: commit, entries: commands(terms...)}}
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

// decoded returns the decoded message that was sent.
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

// terms are the terms of the entries in a node's log.
func terms(n *Node) (terms []raft.Term) {
	for i := n.log.base.Index + 1; i <= n.log.lastIndex(); i++ {
		terms = append(terms, n.log.term(i))
	}
	return terms
}

// leaderOf makes node 1 of a cluster the leader of its next term, by the votes
// of a majority. Its writes are durable; the entry of its term is not replicated.
func leaderOf(t testing.TB, size int, disk ...[]byte) *Node {
	t.Helper()
	return lead(bootNode(t, 1, size, disk...))
}

// preVoteLeaderOf is leaderOf with pre-vote.
func preVoteLeaderOf(t testing.TB, size int, disk ...[]byte) *Node {
	t.Helper()
	return lead(bootPreVote(t, 1, size, disk...))
}

// lead makes a node that is an elector a leader.
func lead(n *Node) *Node {
	timeout(n)
	for id := raft.NodeID(2); n.role == raft.PreCandidate; id++ {
		receive(n, id, preVoteGranted(n.hard.term, n.hard.term))
	}
	persist(n)
	for id := raft.NodeID(2); n.role != raft.Leader; id++ {
		receive(n, id, voteGranted(n.hard.term))
	}
	persist(n)
	return n
}
