package faults

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
	_ "raftcheck/scripts/garbage"
)

// TestKinds_described: the descriptor of each kind is complete. Its example is a line of
// a schedule, and its simpler events are events.
func TestKinds_described(t *testing.T) {
	for _, kind := range EventKinds() {
		d, file := &table[kind], kind.File()
		require.FileExists(t, "../"+file)
		ways := 0
		for _, set := range []bool{d.act != nil, d.macro != nil, d.check != nil} {
			if set {
				ways++
			}
		}
		require.Equal(t, 1, ways, "%s in %s: set one of act, macro and check", kind, file)
		if kind.ByHand() {
			require.Equal(t, nowhere, d.at, "%s in %s: only people write it, so no site offers it", kind, file)
		}
		require.NotEmpty(t, d.about, "%s in %s: add a sentence about it", kind, file)
		e, err := ParseEvent(d.example, MaxNodes, store)
		require.NoError(t, err, "%s in %s: its example must be a line of a schedule", kind, file)
		require.Equal(t, kind, e.Kind, "%s in %s: its example is of another kind", kind, file)
		require.Equal(t, d.example, e.String(), "%s in %s: its example is spelled in another way", kind, file)
		for _, plainer := range e.Simpler(MaxNodes) {
			require.True(t, plainer.fits(raft.FirstNodes(MaxNodes)), "%s is no event: look at plainer in %s", plainer, file)
			require.NotEqual(t, e, plainer)
		}
	}
	require.True(t, slices.IsSorted(EventKinds()))
}

// TestKinds_numbers pins the numbers: random draws are in their order.
func TestKinds_numbers(t *testing.T) {
	var names []string
	for i, kind := range EventKinds() {
		require.Equal(t, i+1, int(kind), "%s in %s: the next free number is %d", kind, kind.File(), i+1)
		names = append(names, kind.String())
	}
	const first = "tick timeout deliver drop duplicate cut mend slow persist crash tear corrupt fail pause resume restart " +
		"skew call retry abandon read leaseread work land compact reconfigure transfer wipe settle run heal"
	require.Equal(t, strings.Fields(first), names[:31], "numbers never change; a new kind takes the next free one")
}

// TestReference_isInTheReadme: README.md has the table that the descriptors give.
func TestReference_isInTheReadme(t *testing.T) {
	for _, line := range strings.Split(Reference(), "\n") {
		require.LessOrEqual(t, len(line), 110, "a line of README.md: shorten the kind's sentence")
	}
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	require.Contains(t, string(text), "\n```\n"+Reference()+"```\n", "README.md, Schedules: put this table there")
}

// TestHazards: a disk may be lost if every configuration that was asked for keeps a
// majority; the other hazards concern leases.
func TestHazards(t *testing.T) {
	event := func(line string) *Event {
		e, err := ParseEvent(line, MaxNodes, store)
		require.NoError(t, err)
		return &e
	}
	var h Hazards
	h.Reset(&Schedule{Nodes: 3, PreVote: true}, false)
	require.True(t, h.Allow(event("wipe 1")))
	require.True(t, h.Allow(event("tick 1")))
	require.False(t, h.Allow(event("leaseread c1 1 get x")))
	h.Note(event("corrupt 2"))
	require.Equal(t, raft.NodeSetOf(2), h.Lost())
	require.False(t, h.Allow(event("wipe 1")))
	require.True(t, h.Allow(event("corrupt 2")), "it is lost already")
	require.True(t, h.Allow(event("wipe 4")), "it has no vote")
	require.False(t, h.Allow(event("reconfigure 1 to 1 2")))
	require.True(t, h.Allow(event("reconfigure 1 to 1 3 4")))
	h.Note(event("reconfigure 1 to 1 2 4"))
	require.False(t, h.Allow(event("wipe 4")))
	h.Reset(&Schedule{Nodes: 3}, false)
	require.True(t, h.Allow(event("leaseread c1 1 get x")), "without pre-votes nobody has a lease")
	h.Reset(&Schedule{Nodes: 3, PreVote: true}, true)
	require.True(t, h.Allow(event("wipe 4")))
	require.False(t, h.Allow(event("tick 1")))
	require.True(t, h.Allow(event("leaseread c1 1 get x")))
}

// TestSchedule_Fair: every configuration that was asked for keeps a majority, whichever
// comes first. Clocks and leases do not matter.
func TestSchedule_Fair(t *testing.T) {
	for _, test := range []struct {
		header, events string
		want           bool
	}{
		{"nodes 3\nprevote on", "timeout 1\nleaseread c1 1 get x\nwipe 3", true},
		{"nodes 3", "corrupt 3 k=0 bit=0\nwipe 3\nwipe 2", false},
		{"nodes 2", "wipe 2", false},
		{"nodes 2\nvoters 1", "wipe 2", true},
		{"nodes 2\nvoters 1", "wipe 2\nreconfigure 1 to 1 2", false},
		{"nodes 2\nvoters 1", "reconfigure 1 to 1 2\nwipe 2", false},
		{"nodes 4\nvoters 3", "reconfigure 1 to 1 2 3 4\nwipe 4", true},
	} {
		s, err := Parse("a test", []byte("system x\n"+test.header+"\nrand 1\n\n"+test.events+"\n"), house)
		require.NoError(t, err)
		require.Equal(t, test.want, s.Fair(), s)
	}
}
