package command

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// novice is the reference as a system whose first configuration has no learners.
type novice struct{ sound raft.System }

func (novice) Name() string                                { return "novice" }
func (s novice) Boot(c raft.NodeConfig) (raft.Node, error) { return s.sound.Boot(c) }

// TestLearners_refused: a schedule that a system cannot begin with is an error of the file.
func TestLearners_refused(t *testing.T) {
	register(t, novice{reference.System{}})
	const events = "rand 1\ntimeout 1\nsettle\nexpect 3 follower config={1 2}+{3} commit=0\nexpect 3 log={1}\n"
	here(t, "taught.txt", "system novice\nnodes 3\nvoters 2\nlearners 3\n"+events)
	for _, command := range []string{"replay", "show", "shrink", "neighbourhood", "escalate", "explore"} {
		code, _, errs := raftcheck(t, command, "taught.txt")
		require.Equal(t, exitNotChecked, code, command)
		require.Contains(t, errs, "expected no learners in the first configuration, which novice cannot have, found {3}", command)
	}
	here(t, "taught.txt", "system reference\nnodes 3\nvoters 2\nlearners 3\n"+events)
	code, out, _ := raftcheck(t, "replay", "taught.txt")
	require.Equal(t, exitHeld, code, out)
	require.Contains(t, out, "4. expect 3 log={1}: as expected\n----\nheld\n")
	code, out, _ = raftcheck(t, "explore", "-terms", "2", "-calls", "0", "-messages", "3", "taught.txt")
	require.Equal(t, exitHeld, code, out)
}

// TestReplay_expectation: a state that a schedule does not expect there is a violation.
func TestReplay_expectation(t *testing.T) {
	here(t, "wrong.txt", "system reference\nnodes 2\nrand 1\ntick 1\ntimeout 1\nsettle\nexpect 2 follower\nexpect 2 leader term=3\n")
	code, out, _ := raftcheck(t, "replay", "wrong.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "----\nviolated Expectation after event 5: expect 2 leader term=3: found n2 follower term=1\n")
	code, out, errs := raftcheck(t, "shrink", "wrong.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, errs, "Expectation: 5 -> 3 events in ")
	require.Contains(t, out, "\n\ntimeout 1\nsettle\nexpect 2 leader term=3\n----\nviolated Expectation after event 3: ")
}
