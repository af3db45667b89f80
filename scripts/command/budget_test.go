package command

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWithin: a phase ends once its budget is spent, of CPU time or by waiting, and no sooner.
func TestWithin(t *testing.T) {
	was := overtime
	overtime = 0
	t.Cleanup(func() { overtime = was })
	began := func(seconds float64, cpu, passed time.Duration) *fuzzRun {
		return &fuzzRun{flags: &fuzzFlags{seconds: seconds}, cpu: usedCPU() - cpu, start: time.Now().Add(-passed)}
	}
	for name, c := range map[string]*fuzzRun{
		"CPU time": began(1, time.Hour, 0), "waiting": began(1, 0, time.Hour),
	} {
		ctx, end := c.within(context.Background(), 100)
		<-ctx.Done()
		require.ErrorIs(t, context.Cause(ctx), errSpent, name)
		end(nil)
	}
	ctx, end := began(0, time.Hour, time.Hour).within(context.Background(), 100)
	require.NoError(t, ctx.Err(), "without -seconds")
	end(nil)
	ctx, end = began(1, 0, 0).within(context.Background(), 1e9)
	end(nil)
	require.ErrorIs(t, context.Cause(ctx), context.Canceled, "the phase came to its own end")
}
