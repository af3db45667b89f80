package trial

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models"
)

// TestResult_zeroIsNotChecked: a run that nobody judged did not hold.
func TestResult_zeroIsNotChecked(t *testing.T) {
	zero := Result{}
	require.Equal(t, models.NotChecked, zero.Outcome())
	require.Equal(t, models.NotChecked, zero.Of("ElectionSafety").Outcome)
	require.Equal(t, []string{"not checked"}, zero.Lines())
	require.Empty(t, zero.Violated())
}
