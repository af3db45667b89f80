package shrink

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestShrink_keepsWhatDoesNotFail returns a sound schedule as it is.
func TestShrink_keepsWhatDoesNotFail(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	s, _ := generate.Schedule(runner, generate.Rough, generate.NewPRNG(1))
	same, runs := Schedule(t.Context(), runner, s, "ElectionSafety")
	require.Same(t, s, same)
	require.Equal(t, 1, runs)
}

// TestShrink_withoutNode names the other nodes anew in every event.
func TestShrink_withoutNode(t *testing.T) {
	s, err := faults.Parse("four", []byte(`system reference
nodes  4
rand   1

timeout 1
timeout 2
deliver 1->3
deliver 2->4
deliver 2->1
cut 1 2 | 3 4
cut 1 3 | 2
cut 2 | 3
cut 4->2
call c1 4 put x 1
retry c1 2
heal
`), services.All())
	require.NoError(t, err)
	tests := []struct {
		name string
		heir raft.NodeID
		want string
	}{
		{"its events are left out", raft.None, `timeout 1
deliver 1->2
cut 1 | 2 3
call c1 3 put x 1
heal
`},
		{"its events befall node 1", 1, `timeout 1
timeout 1
deliver 1->2
deliver 1->3
cut 1 | 2 3
cut 3->1
call c1 3 put x 1
retry c1 1
heal
`},
		{"its events befall node 4", 4, `timeout 1
timeout 3
deliver 1->2
deliver 3->1
cut 1 | 2 3
call c1 3 put x 1
retry c1 3
heal
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, "system reference\nnodes  3\nrand   1\n\n"+test.want,
				withoutNode(s, 2, test.heir).String())
		})
	}
}

// TestShrink_withoutNodeOfAConfiguration: spare nodes stay spare, and the
// configurations that are asked for lose the node.
func TestShrink_withoutNodeOfAConfiguration(t *testing.T) {
	const (
		header = "system reference\nnodes  %d\n%srand   1\n\n"
		events = "reconfigure 1 to 1 2 + 3\nreconfigure 1 to 2\nreconfigure 2 to 1 3\n" +
			"reconfigure 3 to 1 2 3 4\ntransfer 1->2\nwipe 4\n"
	)
	tests := []struct {
		voters   string
		id, heir raft.NodeID
		want     string // voters and events
	}{
		{"voters 2\n", 2, raft.None, "voters 1\n|reconfigure 1 to 1 + 2\nreconfigure 2 to 1 2 3\nwipe 3\n"},
		{"voters 2\n", 2, 1,
			"voters 1\n|reconfigure 1 to 1 + 2\nreconfigure 1 to 1 2\nreconfigure 2 to 1 2 3\nwipe 3\n"},
		{"voters 1\n", 1, raft.None, "voters 1\n|reconfigure 1 to 2\nreconfigure 2 to 1 2 3\nwipe 3\n"},
		{"voters 3\n", 4, raft.None,
			"|reconfigure 1 to 1 2 + 3\nreconfigure 1 to 2\nreconfigure 2 to 1 3\n" +
				"reconfigure 3 to 1 2 3\ntransfer 1->2\n"},
		{"", 3, raft.None,
			"|reconfigure 1 to 1 2\nreconfigure 1 to 2\nreconfigure 2 to 1\ntransfer 1->2\nwipe 3\n"},
	}
	for _, test := range tests {
		s, err := faults.Parse("four", fmt.Appendf(nil, header+events, 4, test.voters), services.All())
		require.NoError(t, err)
		voters, events, _ := strings.Cut(test.want, "|")
		fewer := withoutNode(s, test.id, test.heir)
		require.Equal(t, fmt.Sprintf(header, 3, voters)+events, fewer.String())
		parsed, err := faults.Parse("three", []byte(fewer.String()), services.All())
		require.NoError(t, err)
		require.Equal(t, parsed.Voters, fewer.Voters)
	}
}

// TestSimpler says what an event is tried as instead, the plainest first.
func TestSimpler(t *testing.T) {
	tests := []struct {
		service, event string
		want           []string
	}{
		{"", "leaseread c1 1 get x", []string{"read c1 1 get x"}},
		{"", "read c1 1 get x", nil},
		{"", "reconfigure 2 to 1 2 + 3", []string{"reconfigure 2 to 1 2"}},
		{"", "reconfigure 2 to 1 2", nil},
		{"", "wipe 1", []string{"crash 1"}},
		{"", "compact 1 k=3", []string{"compact 1", "compact 1 k=1", "compact 1 k=2"}},
		{"", "land c1 k=1", []string{"land c1"}},
		{"", "call c1 1 append x 2", []string{"call c1 1 put x 1"}},
		{"", "call c1 1 get x", nil},
		{"service election\n", "call c1 1 campaign x 9", nil},
		{"service election\n", "call c1 1 resign x 1", nil},
		{"service election\n", "leaseread c1 1 holder x", []string{"read c1 1 holder x"}},
		{"", "run k=1", []string{"settle", "timeout 1", "timeout 2", "timeout 3"}},
	}
	for _, test := range tests {
		s, err := faults.Parse("some",
			[]byte("system reference\nnodes  3\n"+test.service+"rand   1\n\n"+test.event+"\n"), services.All())
		require.NoError(t, err)
		var got []string
		for _, e := range simpler(s.Events[len(s.Events)-1], s) {
			if text := e.String(); !slices.Contains(got, text) {
				got = append(got, text)
			}
		}
		require.Equal(t, test.want, got, test.service+test.event)
	}
}
