package trial

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// traced runs a schedule and returns its trace and its result.
func traced(t *testing.T, system raft.System, text string) (string, Result) {
	t.Helper()
	s, err := faults.Parse("f", []byte(text), services.All())
	require.NoError(t, err)
	var out strings.Builder
	result, err := Trace(system, services.All(), s, &out)
	require.NoError(t, err)
	again := NewRunner(system, services.All()).Run(s)
	require.Equal(t, again.TraceHash, result.TraceHash)
	require.Equal(t, again.Lines(), result.Lines())
	return out.String(), result
}

// TestTrace_folds: ticks and events without effect are counted, ignored events have a
// reason, and a check that holds is one line.
func TestTrace_folds(t *testing.T) {
	text, result := traced(t, reference.System{}, `system reference
nodes 2
rand 1
settle
tick 1
tick 1
tick 1
tick 2
run k=2
expect 1 2 follower
expect 2 term=3
crash 2
crash 2
deliver 1->2 k=1
restart 2
run k=3
settle
settle
`)
	require.Equal(t, `    n1 boots
    n2 boots
1. settle: without effect
2..4. tick 1: 3 ticks of n1 without effect
5. tick 2: without effect
6. run k=2: 4 ticks without effect: 2 of n1, 2 of n2
7. expect 1 2 follower: as expected
8. expect 2 term=3
    expect 2 term=3: found n2 term=0
  ! Expectation: expect 2 term=3: found n2 term=0
9. crash 2
    n2 crashed; down: n2
  = n1 follower t0 log 0 commit 0 | n2 down, disk holds 0
10. crash 2
    ignored: n2 is down
  = n1 follower t0 log 0 commit 0 | n2 down, disk holds 0
11. deliver 1->2 k=1
    ignored: no message at position 1 of n1->n2
12. restart 2
    n2 boots
  = n1 follower t0 log 0 commit 0 | n2 follower t0 log 0 commit 0
13. run k=3: 6 ticks without effect: 3 of n1, 3 of n2
14..15. settle: without effect
`, text)
	require.Equal(t, []string{"violated Expectation after event 8: expect 2 term=3: found n2 term=0"},
		result.Lines())
}

// TestTrace_ticksAmongOthers: ticks without effect are folded up to the next record of an
// event, and a single one stays as it was.
func TestTrace_ticksAmongOthers(t *testing.T) {
	text, _ := traced(t, reference.System{}, "system reference\nnodes 2\nrand 1\ntimeout 1\nsettle\nrun k=8\n")
	_, run, _ := strings.Cut(text, "3. run k=8\n")
	ticks := 0
	for _, line := range strings.Split(run, "\n") {
		k := 0
		if n, _ := fmt.Sscanf(line, "    %d ticks", &k); n == 1 {
			ticks += k
		} else if strings.HasSuffix(line, " tick") {
			ticks++
		}
	}
	require.Equal(t, 16, ticks, run)
	require.Contains(t, run, " ticks without effect: ")
	require.Contains(t, run, "    n1 tick\n        n1->n2 AppendEntries")
}

// TestTrace_hashLeavesExpectationsOut: checks leave no trace but their verdict.
func TestTrace_hashLeavesExpectationsOut(t *testing.T) {
	const before, after = "system reference\nnodes 2\nrand 1\ntimeout 1\n", "settle\ncall c1 1 put x 1\nsettle\n"
	_, plain := traced(t, reference.System{}, before+after)
	_, checked := traced(t, reference.System{}, before+"expect 1 candidate\n"+after+"expect leader=1\n")
	require.Equal(t, plain.TraceHash, checked.TraceHash)
	require.Equal(t, plain.Events, checked.Events)
	require.Equal(t, "held Expectation", checked.Of(Expectation.Name).String())
	require.Equal(t, "not checked Expectation", plain.Of(Expectation.Name).String())
	require.Len(t, checked.Verdicts, len(plain.Verdicts)+1)
}

// innermost panics.
func innermost(list []int) int { return list[len(list)] }

// TestTrace_stackOfAPanic: the trace has the frames of the node's code, and nothing that
// differs from run to run; the verdict has none of it.
func TestTrace_stackOfAPanic(t *testing.T) {
	system := fixture.Trap{OnStep: func(_ *fixture.Trapped, in raft.Input) (out raft.Output) {
		if _, ok := in.(*raft.Timeout); ok {
			innermost(nil)
		}
		return out
	}}
	const schedule = "system trap\nnodes 1\nrand 1\ntimeout 1\nrestart 1\ncrash 1\n"
	text, result := traced(t, system, schedule)
	_, text, _ = strings.Cut(text, "1. timeout 1\n")
	require.Regexp(t, `^    n1 panicked: runtime error: index out of range \[0\] with length 0; down: n1
        at raftcheck/fuzz/trial\.innermost, trace_test\.go:\d+
        at raftcheck/fuzz/trial\.TestTrace_stackOfAPanic\.func1, trace_test\.go:\d+
        at raftcheck/fuzz/internal/fixture\.\(\*Trapped\)\.Step, fixture\.go:\d+
  ! NoPanic: n1 panicked: runtime error: index out of range \[0\] with length 0
2\. restart 1
    n1 boots
`, text)
	again, _ := traced(t, system, schedule)
	require.True(t, strings.HasSuffix(again, text))
	require.NotContains(t, text, "0x")
	require.Equal(t, "violated NoPanic after event 1: n1 panicked: "+
		"runtime error: index out of range [0] with length 0",
		result.Lines()[0])
}
