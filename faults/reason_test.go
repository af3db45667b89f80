package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/election"
)

// TestWhyIgnored has each reason for which an event is ignored.
func TestWhyIgnored(t *testing.T) {
	tests := []struct{ before, line, why string }{
		{"crash 2", "tick 2", "n2 is down"},
		{"pause 2", "timeout 2", "n2 is paused"},
		{"wipe 2", "timeout 2", "the disk of n2 is gone"},
		{"", "skew 1 k=100", "the clock of n1 has this rate already"},
		{"", "deliver 1->3 k=2", "no message at position 2 of n1->n3"},
		{"", "drop 1->3", "no message at position 0 of n1->n3"},
		{"", "duplicate 1->3", "no message at position 0 of n1->n3"},
		{"", "lose 1->3", "no message at position 0 of n1->n3"},
		{"timeout 1\npersist 1\ncut 1->3", "deliver 1->3", "the link n1->n3 is cut"},
		{"timeout 1\npersist 1\npause 3", "deliver 1->3", "n3 is paused"},
		{"cut 1 | 2 3", "cut 1->3", "these links are cut already"},
		{"", "mend", "nothing to mend"},
		{"", "slow 1->2 k=0", "n1->n2 has this delay already"},
		{"", "persist 1", "n1 has no pending write"},
		{"timeout 1", "fail 1 k=1", "n1 has no pending write after the 1 oldest"},
		{"", "tear 1", "n1 has no pending write after the 0 oldest"},
		{"crash 1", "tear 1", "n1 is down"},
		{"", "corrupt 1 k=3", "no durable record of n1 with 3 after it has a bit"},
		{"crash 1", "crash 1", "n1 is down"},
		{"crash 1", "pause 1", "n1 is down"},
		{"", "resume 1", "n1 is not paused"},
		{"", "restart 1", "n1 runs"},
		{"wipe 1", "restart 1", "the disk of n1 is gone"},
		{"wipe 1", "wipe 1", "the disk of n1 is gone"},
		{"call c2 1 put x 1\ncrash 1\ncall c3 1 put x 1", "call c3 1 put x 1", "c3 waits for an answer"},
		{"", "retry c4 1", "c4 waits for no answer"},
		{"pause 1\ncall c4 1 put x 1", "retry c4 1", "n1 is paused"},
		{"", "abandon c4", "c4 waits for no answer"},
		{"", "compact 1", "n1 applied nothing since its last snapshot"},
		{"crash 1", "compact 1", "n1 is down"},
		{"crash 1", "reconfigure 1 to 1", "n1 is down"},
		{"crash 1", "transfer 1->2", "n1 is down"},
		{"", "work c1", "the service has no workers"},
		{"", "land c1", "the service has no workers"},
	}
	w := newWatched()
	for _, test := range tests {
		s, err := Parse("f", []byte(header+test.before+"\n"+test.line+"\n"), house)
		require.NoError(t, err, test.line)
		w.play(&Schedule{Service: store, Nodes: 3, Events: s.Events})
		require.Equal(t, test.why, w.WhyIgnored(), "%s, %s", test.before, test.line)
	}
	s := &Schedule{Service: election.Service{}, Nodes: 3, Events: []Event{{Kind: Work, Client: 1}}}
	w.play(s)
	require.Equal(t, "c1 does not believe that it may", w.WhyIgnored())
	s.Events = []Event{{Kind: Land, Client: 1}}
	w.play(s)
	require.Equal(t, "fewer writes of c1 are under way", w.WhyIgnored())
	w.play(&Schedule{Service: store, Nodes: 3, Events: []Event{{Kind: Timeout, Node: 4}}})
	require.Equal(t, "no schedule of this cluster can have it", w.WhyIgnored())
	w.play(&Schedule{Service: store, Nodes: 3, Events: []Event{{Kind: Timeout, Node: 3}}})
	require.Empty(t, w.WhyIgnored())
}

func TestWhyIgnored_theLinkIsFull(t *testing.T) {
	s := newStage(t, 2)
	s.posts(1, 2, "x")
	for range maxInFlight - 1 {
		s.do("duplicate 1->2")
	}
	s.ignores("duplicate 1->2")
	require.Equal(t, "n1->n2 holds no more messages", s.WhyIgnored())
}

// TestIgnored_costsNothing: an event that is ignored allocates nothing.
func TestIgnored_costsNothing(t *testing.T) {
	w := newWatched()
	w.start(&Schedule{Service: store, Nodes: 3})
	require.Zero(t, testing.AllocsPerRun(100, func() { w.Apply(Event{Kind: Deliver, Node: 1, Peer: 3, K: 2}) }))
}
