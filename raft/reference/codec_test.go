package reference

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/raft"
)

// drawEntries draws a run of entries of terms in [least, most].
func drawEntries(t *rapid.T, least, most raft.Term) entryList {
	var b []byte
	for range rapid.IntRange(0, 5).Draw(t, "entries") {
		least = raft.Term(rapid.Uint64Range(uint64(least), uint64(most)).Draw(t, "term"))
		if rapid.Bool().Draw(t, "noop") {
			b = appendEntry(b, least, raft.NoOp, nil)
		} else {
			b = appendEntry(b, least, raft.Command, rapid.SliceOf(rapid.Byte()).Draw(t, "data"))
		}
	}
	r := reader{rest: b}
	return r.entries(1, most)
}

func drawID(t *rapid.T, most raft.Term) raft.EntryID {
	term := raft.Term(rapid.Uint64Range(0, uint64(most)).Draw(t, "term"))
	if term == 0 {
		return raft.EntryID{}
	}
	return raft.EntryID{Term: term, Index: raft.Index(rapid.Uint64Range(1, numberLimit-1).Draw(t, "index"))}
}

func drawMessage(t *rapid.T) message {
	m := message{
		kind: kind(rapid.IntRange(1, int(kinds)-1).Draw(t, "kind")),
		term: raft.Term(rapid.Uint64Range(1, numberLimit-1).Draw(t, "term")),
	}
	switch m.kind {
	case kindRequestVote:
		m.requestVote.last = drawID(t, m.term-1)
	case kindVoteReply:
		m.voteReply.granted = rapid.Bool().Draw(t, "granted")
	case kindAppendEntries:
		prev := drawID(t, m.term)
		m.appendEntries = appendEntries{prev: prev, commit: raft.Index(rapid.Uint64Range(0, 1<<40).Draw(t, "commit"))}
		m.appendEntries.entries = drawEntries(t, max(prev.Term, 1), m.term)
	case kindAppendReply:
		m.appendReply = drawAppendReply(t, m.term)
	}
	return m
}

func drawAppendReply(t *rapid.T, term raft.Term) appendReply {
	a := appendReply{matches: rapid.Bool().Draw(t, "matches"), index: raft.Index(rapid.Uint64Range(1, 1<<40).Draw(t, "index"))}
	if !a.matches && rapid.Bool().Draw(t, "hint") {
		a.conflict.Index = raft.Index(rapid.Uint64Range(1, uint64(a.index)).Draw(t, "conflict"))
		a.conflict.Term = raft.Term(rapid.Uint64Range(0, uint64(term)).Draw(t, "conflict term"))
	}
	return a
}

func TestMessage_decodesToWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		var back message
		require.NoError(t, back.decode(m.append(nil)))
		if m.appendEntries.entries.count == 0 {
			m.appendEntries.entries.bytes, back.appendEntries.entries.bytes = nil, nil
		}
		require.Equal(t, m, back)
	})
}

func TestRecord_decodesToWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom([]record{hardRecord(1<<40, 63), hardRecord(1, 0), cutRecord(1 << 50)}).Draw(t, "record")
		if list := drawEntries(t, 1, 1<<50); list.count > 0 {
			r = record{kind: recordEntries, index: raft.Index(rapid.Uint64Range(1, 1<<50).Draw(t, "first")), entries: list}
		}
		back, err := decodeRecord(r.append(nil))
		require.NoError(t, err)
		require.Equal(t, r, back)
	})
}

func TestDecode_isStrict(t *testing.T) {
	tests := map[string]struct {
		payload []byte
		err     error
	}{
		"nothing":                         {nil, errShort},
		"kind 0":                          {[]byte{0, 1}, errRange},
		"unknown kind":                    {[]byte{9, 1, 0}, errRange},
		"no term":                         {[]byte{2}, errShort},
		"term 0":                          {[]byte{2, 0, 1}, errRange},
		"flag 2":                          {[]byte{2, 1, 2}, errRange},
		"number too long":                 {[]byte{2, 0x81, 0, 1}, errNotMinimal},
		"number too big":                  {[]byte{2, 255, 255, 255, 255, 255, 255, 255, 255, 127, 1}, errRange},
		"left over":                       {[]byte{2, 1, 1, 0}, errTrailing},
		"last of the candidate's term":    {[]byte{1, 2, 2, 1}, errRange},
		"term without index":              {[]byte{1, 2, 1, 0}, errRange},
		"prev ahead of the leader":        {[]byte{3, 2, 3, 1, 0}, errRange},
		"entry ahead of the leader":       {[]byte{3, 2, 1, 1, 0, 3, 0, 0}, errTermOrder},
		"entry of an earlier term":        {[]byte{3, 2, 2, 1, 0, 1, 0, 0}, errTermOrder},
		"entry of unknown kind":           {[]byte{3, 2, 0, 0, 0, 1, 2, 0}, errRange},
		"blank entry with data":           {[]byte{3, 2, 0, 0, 0, 1, 1, 1, 7}, errRange},
		"data longer than all there is":   {[]byte{3, 2, 0, 0, 0, 1, 0, 255, 255, 3}, errShort},
		"hint beyond the refused":         {[]byte{4, 2, 0, 5, 0, 6}, errRange},
		"hint of a term without an index": {[]byte{4, 2, 0, 5, 1, 0}, errRange},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var m message
			require.ErrorIs(t, m.decode(tt.payload), tt.err)
		})
	}
}

func TestDescribe_readsAloud(t *testing.T) {
	for want, m := range map[string]message{
		"RequestVote t2 last=t1i6":                         voteRequest(2, at(1, 6)),
		"VoteReply t2 granted":                             voteGranted(2),
		"VoteReply t2 refused":                             {kind: kindVoteReply, term: 2},
		"AppendEntries t1 prev=t1i2 entries=3..6 commit=2": appendRequest(1, at(1, 2), 2, 1, 1, 1, 1),
		"AppendEntries t1 prev=t1i2 commit=2":              appendRequest(1, at(1, 2), 2),
		"AppendReply t1 matches up to 6":                   appendMatches(1, 6),
		"AppendReply t1 refused at 5: log ends at 2":       appendRefused(1, 5, at(0, 3)),
		"AppendReply t3 refused at 7: term 2 from 4":       appendRefused(3, 7, at(2, 4)),
		"AppendReply t3 refused at 7: old term":            appendRefused(3, 7, at(0, 0)),
	} {
		require.Equal(t, want, System{}.DescribeMessage(raft.Message{Payload: m.append(nil)}))
	}
	require.Contains(t, System{}.DescribeMessage(raft.Message{Kind: "VoteReply", Payload: []byte{2}}), "VoteReply, undecodable")

	whole := sealed(3, logRecord(3, 1, 1, 1, 1))
	require.Equal(t, "entries 3..6", System{}.DescribeWrite(whole))
	require.Equal(t, "torn", System{}.DescribeWrite(whole[:len(whole)-1]))
	require.Equal(t, "torn", System{}.DescribeWrite(nil))
	require.Equal(t, "term 2 vote n1", System{}.DescribeWrite(sealed(0, hardRecord(2, 1))))
	require.Equal(t, "truncate from 4", System{}.DescribeWrite(sealed(0, cutRecord(4))))
	whole[30] ^= 1
	require.Equal(t, errPayloadRot.Error(), System{}.DescribeWrite(whole))
}
