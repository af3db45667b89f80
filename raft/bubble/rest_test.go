package bubble

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// hurry makes the time of a step short.
func hurry(t *testing.T) {
	was := stepTime
	stepTime = 300 * time.Millisecond
	t.Cleanup(func() { stepTime = was })
}

// breachOf returns the text of the raft.Breach with which f panics.
func breachOf(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		breach, ok := recover().(raft.Breach)
		require.True(t, ok)
		text = string(breach)
	}()
	f()
	return ""
}

// saver is a Raft that holds its mutex while it saves.
type saver struct {
	mu sync.Mutex
	c  *Core
}

func (s *saver) save() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.c.Write([]byte("r"), func() {})
}

func (s *saver) report() {
	s.mu.Lock()
	defer s.mu.Unlock()
}

// TestBubble_mutexHeldWhileSaving: the report names the goroutine that waits for the mutex.
func TestBubble_mutexHeldWhileSaving(t *testing.T) {
	hurry(t)
	s := &saver{c: newCore()}
	s.c.Do(func() { go s.save() }, still)
	text := breachOf(t, func() { s.c.Do(func() { go s.report() }, still) })
	require.Regexp(t, `^its step does not come to rest: a mutex that a bubble cannot wait on `+
		`\(use package bubble/sync\) in bubble.\(\*saver\).report rest_test.go:\d+$`, text)
	require.NotEmpty(t, s.c.Left())
	s.c.Stop(func() { t.Error("a bubble that is lost was used") })
}

// TestBubble_neverRests: the report names the goroutine that runs.
func TestBubble_neverRests(t *testing.T) {
	hurry(t)
	c, enough := newCore(), atomic.Bool{}
	defer enough.Store(true)
	text := breachOf(t, func() { c.Do(func() { go spin(&enough) }, still) })
	require.Regexp(t, `^its step does not come to rest: a goroutine that runs on in .*bubble.spin rest_test.go:\d+`, text)
}

func spin(enough *atomic.Bool) {
	for !enough.Load() {
	}
}

// TestCore_go: a panic in a goroutine is one of the step.
func TestCore_go(t *testing.T) {
	c := newCore()
	require.PanicsWithValue(t, "index 7", func() {
		c.Do(func() { c.Go(func() { panic("index 7") }) }, still)
	})
	c.Stop(func() {})
}

// TestCore_proposed: an operation is answered by the entry that is applied at its index.
func TestCore_proposed(t *testing.T) {
	c := newCore()
	c.Proposed(raft.OpID{Client: 1, Seq: 1}, raft.EntryID{Term: 2, Index: 1})
	c.Proposed(raft.OpID{Client: 2, Seq: 1}, raft.EntryID{Term: 2, Index: 2})
	c.Proposed(raft.OpID{Client: 3, Seq: 1}, raft.EntryID{Term: 2, Index: 3})
	c.Apply(raft.Entry{ID: raft.EntryID{Term: 2, Index: 1}})
	c.Apply(raft.Entry{ID: raft.EntryID{Term: 3, Index: 2}})
	require.Equal(t, []raft.Reply{
		{Op: raft.OpID{Client: 1, Seq: 1}, Outcome: raft.Done},
		{Op: raft.OpID{Client: 2, Seq: 1}, Outcome: raft.Rejected},
	}, c.Take().Replies)
	c.Stop(func() {})
}
