package explore

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/internal/hostile"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestExplore_hostile: whatever the nodes of a system return, an exploration ends with a
// report, and a schedule confirms each violation that it found.
func TestExplore_hostile(t *testing.T) {
	bounds := []Bounds{
		{Terms: 1, Calls: 1, Messages: 2, Depth: 6},
		{Terms: 2, Crashes: 1, Messages: 2, Writes: 1, Depth: 6},
		{Terms: 1, Changes: 1, Transfers: 1, Messages: 3, Depth: 6},
		{Terms: 1, Calls: 1, Compactions: 1, Ticks: 1, Messages: 2, Depth: 7},
		{Terms: 1, LeaseReads: 1, Time: 2, Ahead: 1, Messages: 2, Depth: 6, Heal: 20},
	}
	violated := 0
	for salt := range uint64(60) {
		s := hostile.System{Salt: salt, Rarity: []uint64{3, 20, 100}[salt%3], Kinds: salt / 3 * 5 % 16}
		e := exploration(s, &faults.Schedule{Nodes: 2 + int(salt%2)}, bounds[salt%5])
		e.KeepGoing, e.NoReduction = salt%2 == 0, true
		r := run(t, e)
		violated += len(r.Findings)
	}
	require.Greater(t, violated, 60, "violated properties of 60 explorations")
}

// goner is a system whose nodes end the goroutine of their caller once they lead.
type goner struct{ reference.System }

func (s goner) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return leaving{n, n.(raft.Inspector)}, err
}

type leaving struct {
	raft.Node
	raft.Inspector
}

func (n leaving) Step(in raft.Input) raft.Output {
	out := n.Node.Step(in)
	if n.Status().Role == raft.Leader {
		runtime.Goexit()
	}
	return out
}

// TestExplore_gone: a system that ends the goroutine of a worker ends the exploration with an
// error, on one worker and with others at work.
func TestExplore_gone(t *testing.T) {
	for _, workers := range []int{1, 3} {
		e := exploration(goner{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Messages: 3})
		e.Workers = workers
		r, err := e.Run(t.Context())
		require.ErrorIs(t, err, fuzz.ErrGone)
		require.Nil(t, r, "nothing is said to be complete")
	}
}

// copier is a system whose nodes break a promise of raft.Cloner.
type copier struct {
	reference.System
	clone  func(raft.Cloner) raft.Node
	append func(b, state []byte) []byte
}

func (s copier) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return copied{n.(*reference.Node), s}, err
}

// copied is a node of a copier. It shows its state, and no raft.Canonical.
type copied struct {
	sound  *reference.Node
	copier copier
}

func (n copied) Step(in raft.Input) raft.Output               { return n.sound.Step(in) }
func (n copied) Status() raft.Status                          { return n.sound.Status() }
func (n copied) EntryAt(i raft.Index) (e raft.Entry, ok bool) { return n.sound.EntryAt(i) }

func (n copied) Clone() raft.Node {
	if n.copier.clone != nil {
		return n.copier.clone(n)
	}
	return copied{n.sound.Clone().(*reference.Node), n.copier}
}

func (n copied) AppendState(b []byte) []byte {
	return n.copier.append(b, n.sound.AppendState(nil))
}

// TestExplore_brokenCloner: a system that breaks a promise of raft.Cloner is named in an
// error, and is no bug of raftcheck. A lie may also go unnoticed.
func TestExplore_brokenCloner(t *testing.T) {
	honest := func(b, state []byte) []byte { return append(b, state...) }
	tests := map[string]struct {
		system copier
		want   string // "" is any end but a bug
	}{
		"is honest":            {copier{append: honest}, ""},
		"panics in a clone":    {copier{append: honest, clone: func(raft.Cloner) raft.Node { panic("no\ncopy") }}, "Clone of a node panicked: no copy"},
		"clones nothing":       {copier{append: honest, clone: func(raft.Cloner) raft.Node { return nil }}, "returned no raft.Cloner"},
		"is its own clone":     {copier{append: honest, clone: func(n raft.Cloner) raft.Node { return n }}, ""},
		"panics in a state":    {copier{append: func(b, _ []byte) []byte { panic("no state") }}, "AppendState or AppendCanonical of a node panicked: no state"},
		"has one state":        {copier{append: func(b, _ []byte) []byte { return b }}, ""},
		"has no memory":        {copier{append: func(_, _ []byte) []byte { return nil }}, "it returned less than it was given"},
		"has states by chance": {copier{append: byChance()}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := exploration(test.system, &faults.Schedule{Nodes: 2},
				Bounds{Terms: 1, Calls: 1, Crashes: 1, Messages: 2, Depth: 6})
			report, err := e.Run(t.Context())
			if test.want != "" || err != nil {
				require.ErrorAs(t, err, &faults.BrokenCloner{})
				require.ErrorContains(t, err, test.want)
				require.Nil(t, report)
			}
		})
	}
}

// byChance returns an encoding that differs each time.
func byChance() func(b, state []byte) []byte {
	calls := uint64(0)
	return func(b, state []byte) []byte {
		calls++
		return append(append(b, state...), byte(trace.Mix(calls, 1)))
	}
}
