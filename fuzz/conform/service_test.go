package conform

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/queue"
	"raftcheck/models/service"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestStoring: a service will do whose read shows the last write. A queue shows the first
// one, and an election the first of its candidates.
func TestStoring(t *testing.T) {
	require.Equal(t, kv.Service{}, storing(services.All()))
	require.Equal(t, kv.Service{}, storing(service.Set{queue.Service{}, election.Service{}, kv.Service{}}))
	require.Nil(t, storing(service.Set{queue.Service{}, election.Service{}}))
}

// TestCheck_withoutAStore: rules that write a value are not checked without a service for
// that, and the others are.
func TestCheck_withoutAStore(t *testing.T) {
	outcomes := map[string]models.Outcome{}
	for _, r := range Check(reference.System{}, service.Set{queue.Service{}}) {
		require.NotEqual(t, models.Violated, r.Outcome, "%s: %s", r.Name, r.Text)
		if outcomes[r.Name] = r.Outcome; r.Outcome == models.NotChecked {
			require.Equal(t, errNotStoring.Error(), r.Text)
		}
	}
	require.Equal(t, models.Held, outcomes["boot"])
	require.Equal(t, models.Held, outcomes["election"])
	require.Equal(t, models.Held, outcomes["determinism"])
	require.Equal(t, models.NotChecked, outcomes["commands"])
	require.Equal(t, models.NotChecked, outcomes["recovery"])
}
