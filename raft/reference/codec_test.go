package reference

import (
	"math"
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
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			b = appendEntry(b, least, raft.NoOp, nil)
		case 1:
			b = appendEntry(b, least, raft.Reconfiguration, appendConfiguration(nil, drawConfiguration(t)))
		default:
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
	if (m.kind == kindPreVote || m.kind == kindPreVoteReply) &&
		rapid.Bool().Draw(t, "before the first election") {
		m.term = 0
	}
	anyRound := round(rapid.Uint64Range(0, numberLimit-1).Draw(t, "round"))
	switch m.kind {
	case kindRequestVote:
		m.requestVote = requestVote{last: drawID(t, m.term-1), forced: rapid.Bool().Draw(t, "forced")}
	case kindVoteReply:
		m.voteReply.granted = rapid.Bool().Draw(t, "granted")
	case kindAppendEntries:
		prev := drawID(t, m.term)
		m.appendEntries = appendEntries{prev: prev, round: anyRound,
			commit: raft.Index(rapid.Uint64Range(0, 1<<40).Draw(t, "commit"))}
		m.appendEntries.entries = drawEntries(t, max(prev.Term, 1), m.term)
	case kindAppendReply:
		m.appendReply = drawAppendReply(t, m.term)
		m.appendReply.round = anyRound
	case kindInstallSnapshot:
		m.installSnapshot = drawChunk(t, m.term)
		m.installSnapshot.round = anyRound
	case kindInstallReply:
		m.installReply = installReply{id: drawID(t, m.term),
			have: rapid.IntRange(0, mostBytes).Draw(t, "have"), round: anyRound}
	case kindPreVote:
		m.preVote.last = drawID(t, m.term)
	case kindPreVoteReply:
		asked := raft.Term(rapid.Uint64Range(0, numberLimit-1).Draw(t, "asked"))
		m.preVoteReply = preVoteReply{asked: asked, granted: rapid.Bool().Draw(t, "granted")}
	case kindReadRequest:
		m.readRequest.ctx = rapid.Uint64().Draw(t, "context")
	case kindReadReply:
		m.readReply = readReply{ctx: rapid.Uint64().Draw(t, "context"),
			index: raft.Index(rapid.Uint64Range(1, 1<<40).Draw(t, "index"))}
	}
	return m
}

// mostBytes bounds the sizes that are drawn: three of them fit an int.
const mostBytes = math.MaxInt >> 3

func drawChunk(t *rapid.T, term raft.Term) installSnapshot {
	id := at(raft.Term(rapid.Uint64Range(1, uint64(term)).Draw(t, "snapshot term")),
		raft.Index(rapid.Uint64Range(1, 1<<40).Draw(t, "snapshot index")))
	chunk := rapid.SliceOf(rapid.Byte()).Draw(t, "chunk")
	offset := rapid.IntRange(0, mostBytes).Draw(t, "offset")
	return installSnapshot{
		id: id, members: drawConfigured(t, id.Index), chunk: chunk,
		offset: offset, size: offset + len(chunk) + rapid.IntRange(0, mostBytes).Draw(t, "rest"),
	}
}

// drawConfigured draws the configuration as of an entry.
func drawConfigured(t *rapid.T, most raft.Index) configured {
	return configured{raft.Index(rapid.Uint64Range(0, uint64(most)).Draw(t, "since")), drawConfiguration(t)}
}

func drawAppendReply(t *rapid.T, term raft.Term) appendReply {
	a := appendReply{matches: rapid.Bool().Draw(t, "matches"),
		index: raft.Index(rapid.Uint64Range(1, 1<<40).Draw(t, "index"))}
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
		r := rapid.SampledFrom([]record{hardRecord(1<<40, 63), hardRecord(1, 0),
			cutRecord(1 << 50)}).Draw(t, "record")
		if list := drawEntries(t, 1, 1<<50); list.count > 0 {
			r = record{kind: recordEntries, index: raft.Index(rapid.Uint64Range(1, 1<<50).Draw(t, "first")),
				entries: list}
		}
		if rapid.Bool().Draw(t, "checkpoint") {
			r = drawCheckpoint(t)
		}
		back, err := decodeRecord(r.append(nil))
		require.NoError(t, err)
		if r.entries.count == 0 {
			r.entries.bytes, back.entries.bytes = nil, nil
		}
		require.Equal(t, r, back)
	})
}

// drawCheckpoint draws a checkpoint whose snapshot is of its base or an entry after it.
func drawCheckpoint(t *rapid.T) record {
	base := drawID(t, 1<<50)
	base.Index = min(base.Index, 1<<50)
	r := record{kind: recordCheckpoint, hard: hardState{1 << 50, 63}, base: base}
	r.entries = drawEntries(t, max(base.Term, 1), 1<<50)
	last := at(max(r.entries.last, base.Term), base.Index+raft.Index(r.entries.count))
	if last.Index == 0 {
		r.base, last = at(1, 1), at(1, 1)
	}
	state := rapid.SliceOf(rapid.Byte()).Draw(t, "state")
	r.snapshot = snapshot{id: last, members: drawConfigured(t, last.Index), state: state}
	return r
}

func TestDecode_isStrict(t *testing.T) {
	tests := map[string]struct {
		payload []byte
		err     error
	}{
		"nothing":                         {nil, errShort},
		"kind 0":                          {[]byte{0, 1}, errRange},
		"unknown kind":                    {[]byte{byte(kinds), 1, 0}, errRange},
		"no term":                         {[]byte{2}, errShort},
		"term 0":                          {[]byte{2, 0, 1}, errRange},
		"flag 2":                          {[]byte{2, 1, 2}, errRange},
		"number too long":                 {[]byte{2, 0x81, 0, 1}, errNotMinimal},
		"number too big":                  {[]byte{2, 255, 255, 255, 255, 255, 255, 255, 255, 127, 1}, errRange},
		"left over":                       {[]byte{2, 1, 1, 0}, errTrailing},
		"last of the candidate's term":    {[]byte{1, 2, 2, 1, 0}, errRange},
		"term without index":              {[]byte{1, 2, 1, 0, 0}, errRange},
		"forced neither yes nor no":       {[]byte{1, 2, 1, 1, 2}, errRange},
		"prev ahead of the leader":        {[]byte{3, 2, 3, 1, 0, 0}, errRange},
		"entry ahead of the leader":       {[]byte{3, 2, 1, 1, 0, 0, 3, 0, 0}, errTermOrder},
		"entry of an earlier term":        {[]byte{3, 2, 2, 1, 0, 0, 1, 0, 0}, errTermOrder},
		"entry of unknown kind":           {[]byte{3, 2, 0, 0, 0, 0, 1, 3, 0}, errRange},
		"blank entry with data":           {[]byte{3, 2, 0, 0, 0, 0, 1, 1, 1, 7}, errRange},
		"data longer than all there is":   {[]byte{3, 2, 0, 0, 0, 0, 1, 0, 255, 255, 3}, errShort},
		"hint beyond the refused":         {[]byte{4, 2, 0, 5, 0, 0, 6}, errRange},
		"hint of a term without an index": {[]byte{4, 2, 0, 5, 0, 1, 0}, errRange},
		"hint of a later term":            {[]byte{4, 2, 0, 5, 0, 3, 5}, errRange},
		"snapshot of nothing":             {chunkBytes(at(0, 0), 0, 1, 0), errRange},
		"snapshot of a later term":        {chunkBytes(at(3, 5), 0, 1, 0), errRange},
		"snapshot before its members":     {chunkBytes(at(1, 5), 6, 1, 0), errRange},
		"chunk beyond the end":            {chunkBytes(at(1, 5), 0, 1, 1), errRange},
		"chunk behind the end":            {chunkBytes(at(1, 5), 0, 1, 2), errRange},
		"pre-vote log ahead of its term":  {[]byte{7, 2, 3, 1}, errRange},
		"only pre-votes are of no term":   {[]byte{11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, errRange},
		"read context cut off":            {[]byte{10, 2, 0, 0, 0}, errShort},
		"read after nothing":              {[]byte{11, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0}, errRange},
		"transfer with a body":            {[]byte{9, 2, 0}, errTrailing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var m message
			require.ErrorIs(t, m.decode(tt.payload), tt.err)
		})
	}
}

// chunkBytes is an InstallSnapshot of term 2 with one byte.
func chunkBytes(id raft.EntryID, since raft.Index, size, offset int) []byte {
	return new(message{kind: kindInstallSnapshot, term: 2, installSnapshot: installSnapshot{
		id: id, members: configured{since, voters(1)}, size: size, offset: offset, chunk: []byte{7},
	}}).append(nil)
}

// A configuration in which nobody votes, or somebody votes and does not, is none
// (section 6; thesis, section 4.2.1).
func TestConfiguration_isStrict(t *testing.T) {
	tests := map[string]struct {
		config raft.Configuration
		ok     bool
	}{
		"voters":              {voters(1, 63), true},
		"joint":               {raft.Configuration{Voters: 2, Outgoing: 6}, true},
		"voter to be learner": {raft.Configuration{Voters: 2, Outgoing: 6, Learners: 4}, true},
		"nobody":              {raft.Configuration{}, false},
		"learners alone":      {raft.Configuration{Learners: 2}, false},
		"outgoing alone":      {raft.Configuration{Outgoing: 2}, false},
		"voter and learner":   {raft.Configuration{Voters: 6, Learners: 4}, false},
		"none votes":          {raft.Configuration{Voters: 3}, false},
		"none voted":          {raft.Configuration{Voters: 2, Outgoing: 1}, false},
		"none learns":         {raft.Configuration{Voters: 2, Learners: 1}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			data := appendConfiguration(nil, tt.config)
			c, err := decodeConfiguration(data)
			require.Equal(t, tt.config, c)
			require.Equal(t, tt.ok, err == nil)
			_, err = decodeConfiguration(append(data, 0))
			require.Error(t, err)
			_, err = decodeConfiguration(data[:23])
			require.Error(t, err)
		})
	}
}

func TestRecord_decodeIsStrict(t *testing.T) {
	good := checkpointRecord(hardState{3, 1}, at(1, 2), at(2, 3), 2, 3)
	require.NoError(t, decodeErr(good))
	tests := map[string]func(r *record){
		"snapshot of nothing":     func(r *record) { r.snapshot.id, r.base = at(0, 0), at(0, 0) },
		"snapshot before the log": func(r *record) { r.snapshot.id = at(1, 1) },
		"snapshot of an earlier term": func(r *record) {
			r.base, r.snapshot.id, r.entries = at(2, 3), at(1, 3), commands()
		},
		"snapshot beyond the log":      func(r *record) { r.snapshot.id = at(3, 5) },
		"members of a later entry":     func(r *record) { r.snapshot.members.index = 4 },
		"members that are none":        func(r *record) { r.snapshot.members.config = raft.Configuration{} },
		"entries ahead of the term":    func(r *record) { r.entries = commands(2, 4) },
		"entries of before the base":   func(r *record) { r.base = at(3, 2) },
		"a vote for nobody's name":     func(r *record) { r.hard.vote = 64 },
		"term 0":                       func(r *record) { r.hard, r.entries = hardState{}, commands() },
		"base of a term without index": func(r *record) { r.base = at(1, 0) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			r := good
			spoil(&r)
			require.Error(t, decodeErr(r))
		})
	}
	require.Error(t, decodeErr(record{}))
	require.Error(t, decodeErr(record{kind: recordKinds}))
}

func decodeErr(r record) error {
	_, err := decodeRecord(r.append(nil))
	return err
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
		"AppendReply t3 refused: old term":                 appendRefused(3, 7, at(0, 0)),
		"RequestVote t2 last=t1i6, by the leader's wish": {kind: kindRequestVote, term: 2,
			requestVote: requestVote{at(1, 6), true}},
		"PreVote t0 last=t0i0":    preVoteRequest(0, at(0, 0)),
		"PreVoteReply t2 granted": preVoteGranted(2, 2),
		"InstallSnapshot t2 t1i6 bytes 2..5 of 9": {kind: kindInstallSnapshot, term: 2,
			installSnapshot: installSnapshot{id: at(1, 6), members: configured{0, voters(1)},
				size: 9, offset: 2, chunk: []byte("abc")}},
		"InstallReply t2 t1i6 has 5 bytes": {kind: kindInstallReply, term: 2,
			installReply: installReply{id: at(1, 6), have: 5}},
		"TimeoutNow t2": {kind: kindTimeoutNow, term: 2},
		"ReadRequest t2 context ff": {kind: kindReadRequest, term: 2,
			readRequest: readRequest{255}},
		"ReadReply t2 context ff after 6": {kind: kindReadReply, term: 2,
			readReply: readReply{255, 6}},
	} {
		require.Equal(t, want, System{}.DescribeMessage(raft.Message{Payload: m.append(nil)}))
	}
	require.Contains(t, System{}.DescribeMessage(raft.Message{Kind: "VoteReply", Payload: []byte{2}}),
		"VoteReply, undecodable")

	whole := sealed(3, logRecord(3, 1, 1, 1, 1))
	require.Equal(t, "entries 3..6", System{}.DescribeWrite(whole))
	require.Equal(t, "torn", System{}.DescribeWrite(whole[:len(whole)-1]))
	require.Equal(t, "torn", System{}.DescribeWrite(nil))
	require.Equal(t, "term 2 vote n1", System{}.DescribeWrite(sealed(0, hardRecord(2, 1))))
	require.Equal(t, "checkpoint: term 3 vote n1, snapshot of t2i3 with 5 bytes, log 3..4",
		System{}.DescribeWrite(sealed(0, checkpointRecord(hardState{3, 1}, at(1, 2), at(2, 3), 2, 3))))
	require.Equal(t, "truncate from 4", System{}.DescribeWrite(sealed(0, cutRecord(4))))
	whole[30] ^= 1
	require.Equal(t, errPayloadRot.Error(), System{}.DescribeWrite(whole))
}
