package hashicorp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/bubble"
)

// The two goroutines of a leadership transfer that outlive the library's shutdown end no
// run, and Left reports where they wait
// (testdata/found/hashicorp/transfer-flag-stuck.txt).
func TestLeft(t *testing.T) {
	before, was := bubble.Left()
	runner := trial.NewRunner(System{}, services.All())
	for range replays {
		runner.Run(read(t, "found", "hashicorp", "transfer-flag-stuck.txt"))
	}
	after, is := bubble.Left()
	t.Logf("%d of %d runs left goroutines behind: %v", after-before, replays, is)
	require.NotZero(t, after-before)
	for _, function := range []string{"raft.(*Raft).leadershipTransfer ", "raft.(*Raft).leaderLoop.func2 "} {
		require.Equal(t, after-before, at(is, function)-at(was, function), function)
	}
}

// at counts the goroutines that wait in a function.
func at(places map[string]int, function string) (count int) {
	for place, n := range places {
		if strings.HasPrefix(place, function) {
			count += n
		}
	}
	return count
}
