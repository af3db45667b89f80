package bubble

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
	"raftcheck/raft/seal"
)

func newCore() *Core {
	return NewCore(&raft.NodeConfig{ID: 1, Rand: strings.NewReader("12345678")})
}

func still() bool { return false }

func TestBubble_clockStandsStill(t *testing.T) {
	b := New()
	var at [3]time.Time
	b.Do(func() { at[0] = time.Now() })
	b.Do(func() { at[1] = time.Now(); time.Sleep(time.Hour) })
	b.Do(func() { at[2] = time.Now() })
	b.End()
	require.Equal(t, at[0], at[1])
	require.Equal(t, time.Hour, at[2].Sub(at[1]))
}

func TestBubble_waits(t *testing.T) {
	b := New()
	moved := false
	b.Do(func() {
		go func() {
			for range 1000 {
				runtime.Gosched()
			}
			moved = true
		}()
	})
	require.True(t, moved)
	b.End()
}

func TestBubble_panics(t *testing.T) {
	b := New()
	require.PanicsWithValue(t, "no", func() { b.Do(func() { panic("no") }) })
	b.Do(func() {})
	require.PanicsWithError(t, "deadlock: all goroutines in bubble are blocked",
		func() { b.Do(func() { select {} }) })
	require.Len(t, b.Left(), 1)
	b.End()
	require.PanicsWithValue(t, "the bubble has burst", func() { b.Do(func() {}) })
}

func TestCore_writeReturnsWhenDurable(t *testing.T) {
	c := newCore()
	s := NewStore(c)
	var done []string
	c.Do(func() {
		go func() {
			s.Set([]byte("a"), []byte("1"))
			done = append(done, "a")
			s.Append([]Entry{{Index: 1, Term: 1}})
			done = append(done, "b")
		}()
	}, still)
	out := c.Take()
	require.Len(t, out.Writes, 1)
	require.Empty(t, done)
	c.Do(func() { c.Persisted(1) }, still)
	require.Equal(t, []string{"a"}, done)
	require.Len(t, c.Take().Writes, 1)
	c.Stop(func() {})
	require.Equal(t, []string{"a", "b"}, done, "a node that is over waits for no write")
	require.Empty(t, c.Take().Writes)
	c.Stop(func() { panic("called again it does nothing") })
}

func TestCore_calls(t *testing.T) {
	c := newCore()
	served := 0
	c.Serve = func(r *Request) {
		served++
		r.Answer("reply", []byte("pong"), raft.Promise{}, nil)
	}
	var body []byte
	var err error
	ask := func() { body, err = c.Call(2, "ask", []byte("ping"), nil, raft.Promise{}, time.Second) }
	c.Do(func() { go ask() }, still)
	sent := c.Take().Sends
	require.Len(t, sent, 1)

	request := sent[0]
	request.From, request.To = 2, 1
	for range 2 {
		c.Do(func() { c.Receive(&request) }, still)
	}
	require.Equal(t, 1, served, "a call that is doubled is carried out once")
	answer := c.Take().Sends[0]
	answer.From, answer.To = 2, 1
	for range 2 {
		c.Do(func() { c.Receive(&answer) }, still)
	}
	require.NoError(t, err)
	require.Equal(t, "pong", string(body))

	c.Do(func() { go ask(); time.Sleep(2 * time.Second) }, still)
	require.ErrorIs(t, err, ErrTimeout)
	c.Do(func() { go ask() }, still)
	c.Stop(func() {})
	require.ErrorIs(t, err, ErrOver)
}

func TestCore_doom(t *testing.T) {
	c := newCore()
	require.PanicsWithValue(t, "it panics", func() {
		c.Do(func() { go c.Doom("it panics") }, still)
	})
	c.Stop(func() {})
}

func TestStore_load(t *testing.T) {
	record := seal.Append(nil, encode(&record{Key: "k", Value: []byte("v")}))
	load := func(disk ...[]byte) (*Store, error) {
		s := NewStore(nil)
		return s, s.Load(disk)
	}
	s, err := load(record)
	require.NoError(t, err)
	require.Equal(t, "v", string(s.keys["k"].bytes))
	for i := range record {
		s, err := load(record[:i], record)
		require.NoError(t, err, "cut to %d bytes", i)
		require.Len(t, s.keys, 1)
		for bit := range 8 {
			rotten := append([]byte(nil), record...)
			rotten[i] ^= 1 << bit
			_, err = load(rotten)
			require.ErrorIs(t, err, seal.ErrRotten, "bit %d of byte %d", bit, i)
		}
	}
}

func TestStore_extent(t *testing.T) {
	id := func(term, index uint64) raft.EntryID {
		return raft.EntryID{Term: raft.Term(term), Index: raft.Index(index)}
	}
	entries := func(term, from, to uint64) record {
		r := record{}
		for i := from; i <= to; i++ {
			r.Entries = append(r.Entries, Entry{Index: i, Term: term})
		}
		return r
	}
	snapshot := func(term, index uint64) record { return record{Snapshot: &Snapshot{Term: term, Index: index}} }
	deleted := func(from, to uint64) record { return record{Delete: true, Min: from, Max: to} }
	for _, tc := range []struct {
		name       string
		changes    []record
		base, last raft.EntryID
	}{
		{"nothing", nil, id(0, 0), id(0, 0)},
		{"nothing to delete", []record{deleted(0, 3)}, id(0, 0), id(0, 0)},
		{"entries", []record{entries(1, 1, 3)}, id(0, 0), id(1, 3)},
		{"more deleted than there is", []record{entries(1, 1, 3), deleted(0, 9)}, id(0, 0), id(0, 0)},
		{"cut", []record{entries(1, 1, 3), deleted(2, 3)}, id(0, 0), id(1, 1)},
		{"compacted", []record{entries(1, 1, 3), snapshot(1, 3), deleted(1, 2)}, id(1, 2), id(1, 3)},
		{"compacted, all of it", []record{entries(1, 1, 3), snapshot(1, 3), deleted(1, 3)}, id(1, 3), id(1, 3)},
		{"a snapshot beyond the log", []record{entries(1, 1, 3), snapshot(2, 5)}, id(2, 5), id(2, 5)},
		{"entries beyond a gap", []record{entries(1, 1, 3), snapshot(2, 5), entries(2, 6, 7)}, id(2, 5), id(2, 7)},
		{"cut back to before the gap",
			[]record{entries(1, 1, 3), snapshot(2, 5), entries(2, 6, 7), deleted(6, 7)}, id(2, 5), id(2, 5)},
		{"a log that differs from the snapshot", []record{entries(1, 1, 5), snapshot(2, 4)}, id(2, 4), id(1, 5)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := NewStore(&Core{})
			for i := range tc.changes {
				s.change(&tc.changes[i])
			}
			base, last := s.Extent()
			require.Equal(t, tc.base, base)
			require.Equal(t, tc.last, last)
		})
	}
}

func TestStore_vote(t *testing.T) {
	c := newCore()
	s := NewStore(c)
	s.change(&record{Key: "term", Value: []byte{0, 0, 0, 0, 0, 0, 0, 3}})
	require.Empty(t, s.Vote([]byte("vote"), []byte("term"), 3))
	s.change(&record{Key: "vote", Value: []byte("2")})
	require.Equal(t, "2", string(s.Vote([]byte("vote"), []byte("term"), 3)))
	require.Empty(t, s.Vote([]byte("vote"), []byte("term"), 4))
	s.change(&record{Key: "term", Value: []byte{0, 0, 0, 0, 0, 0, 0, 4}})
	require.Empty(t, s.Vote([]byte("vote"), []byte("term"), 4), "the vote is of an earlier term")
	require.NoError(t, s.Load(nil))
	require.Equal(t, "2", string(s.Vote([]byte("vote"), []byte("term"), 4)),
		"a node that boots takes the two together")
	c.Stop(func() {})
}
