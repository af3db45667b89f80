package apart

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// stacked is a panic with the stack of the goroutine that recovered from it.
type stacked struct {
	error
	stack string
}

func (s stacked) Stack() string { return s.stack }

// The stacks of two panics below a step, from the innermost frame on.
const (
	stackBefore = "goroutine 7 [running]:\nruntime/debug.Stack()\n\t/go/debug/stack.go:26 +0x5e\npanic({0x1, 0x2})\n" +
		"\t/go/runtime/panic.go:783 +0x13a\n"
	stackAfter = "raftcheck/faults.(*World).Apply(0x1)\n\t/src/faults/world.go:12 +0x1b\n" +
		"raftcheck/scripts/command.huntTask(0x1)\n\t/src/scripts/command/hunt_task.go:44 +0x1b\n"
	mineFrame = "mine.(*node).Status(0x1)\n\t/src/mine/node.go:4 +0x1b\n"
)

// TestPanicked: whose panic it was, the stack says of the goroutine in which it was. It may have
// come here as an error.
func TestPanicked(t *testing.T) {
	ours, mine := stackBefore+stackAfter, stackBefore+mineFrame+stackAfter
	inShrink := stackBefore + "raftcheck/fuzz/shrink.drop(0x1)\n\t/src/fuzz/shrink/shrink.go:7 +0x1b\n" + stackAfter
	inTest := stackBefore + "raftcheck/scripts/command.quitter.Step(0x1)\n\t/src/scripts/command/signals_test.go:7 +0x1b\n" +
		stackAfter
	for _, here := range []string{ours, mine, inShrink} {
		require.Equal(t, broken, panicked(stacked{errors.New("odd"), ours}, here).Sort)
		require.Equal(t, broken, panicked(fmt.Errorf("hunting: %w", stacked{errors.New("odd"), inShrink}), here).Sort)
		a := panicked(fmt.Errorf("hunting: %w", stacked{errors.New("odd"), mine}), here)
		require.Equal(t, dead, a.Sort)
		require.Equal(t, "at mine.(*node).Status, node.go:4\n", a.Stack)
	}
	text := stacked{errors.New("odd\n" + ours), ours}
	require.Equal(t, "odd\n"+ours, panicked(text, mine).Text, "the stack, once")
	text = stacked{errors.New("odd\n" + mine), mine}
	require.Equal(t, "a call panics: odd", panicked(text, ours).Text)
	require.Equal(t, broken, panicked("odd", ours).Sort)
	require.Equal(t, broken, panicked("odd", inShrink).Sort)
	require.Equal(t, dead, panicked("odd", mine).Sort)
	require.Equal(t, dead, panicked("odd", inTest).Sort)
}
