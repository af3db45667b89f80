package faults

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// Whatever is parsed is printed as text that parses to the same.
func FuzzParseSchedule(f *testing.F) {
	f.Add([]byte(canonical))
	f.Add([]byte(header))
	f.Add([]byte(header + "cut 1 2 | 3\nmend\nrun k=10\nheal k=400\n----\n"))
	f.Add([]byte(header + "\n\n\nsettle\n\n\n# end\n\n"))
	f.Add([]byte(strings.ReplaceAll(canonical, "\n", "\r\n")))
	f.Add([]byte(header + "timeout 4\n"))
	f.Add([]byte("system a\nnodes 5\nvoters 3\nprevote on\nservice kv\nrand 1\nreconfigure 1 to 1 2 + 4\n"))
	f.Add([]byte("system a\nnodes 5\nvoters 5\nservice\nrand 1\n"))
	f.Add([]byte("system a\nnodes 5\nvoters 3\nlearners 4 5\nrand 1\nsettle 1 2\nexpect 4 up config={1 2 3}+{4 5}\n"))
	f.Add([]byte("system ../x\nnodes 10\nrand -1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("f", text, house)
		if err != nil {
			require.Nil(t, s)
			return
		}
		printed := s.String()
		again, err := Parse("f", []byte(printed), house)
		require.NoError(t, err)
		require.Equal(t, s, again)
		require.Equal(t, printed, again.String())
		require.LessOrEqual(t, len(s.Events), MaxEvents)
		for i := range s.Events {
			require.True(t, s.Events[i].fits(raft.FirstNodes(s.Nodes)))
		}
	})
}

// Every event that is parsed fits its cluster, and is printed as text that parses to the same.
func FuzzParseEvent(f *testing.F) {
	for _, line := range []string{
		"tick 1 k=3", "timeout 1", "deliver 1->2 k=1", "cut 1 2 | 3", "cut 1->3", "mend", "slow 1->3 k=4",
		"tear 1 k=1 bytes=3", "corrupt 1 bit=9", "call c1 2 cas x nil 7", "retry c1 3", "abandon c1", "run k=50",
		"read c1 2 get x", "leaseread c3 1 get y", "read c1 1 put x 1", "compact 1 k=3", "reconfigure 1 to 1 2 + 3",
		"reconfigure 1 to 1 + + 2", "transfer 1->2", "wipe 2", "lose 1->2", "settle 1 2",
		"expect 2 leader term=3 log={1 1 3} config={1 2}&{3}+{4}", "expect no-leader", "expect 1 log={1", "expect 9 up up",
		"work c1", "land c1 k=2",
		"heal", "cut 1 | | 2", "crash 1 k=01", "call c1 1 put x \xff", "deliver 1->1",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := ParseEvent(string(line), MaxNodes, store)
		if err != nil {
			require.Zero(t, e)
			return
		}
		require.True(t, e.fits(raft.FirstNodes(MaxNodes)))
		again, err := ParseEvent(e.String(), MaxNodes, store)
		require.NoError(t, err)
		require.Equal(t, e, again)
		require.LessOrEqual(t, len(e.String()), MaxLineBytes)
	})
}
