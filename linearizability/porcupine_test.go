package linearizability

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Porcupine keeps one step for each set of reads placed, however many orders of
// them it tries.
func TestPorcupine_chargesOnlyWhatIsKept(t *testing.T) {
	const reads = 10
	h := History{{Client: 100, Key: "x", Input: "get", Output: "nowhere", Call: 0, Return: 1}}
	for i := range reads {
		h = append(h, Operation{Client: 1 + i, Key: "x", Input: "get", Output: "nil", Call: 0, Return: 1})
	}
	outcome, m := porcupineKey(register, h, maxPorcupineSteps)
	require.Equal(t, NotLinearizable, outcome)
	require.Equal(t, (1<<reads-1)*m.stepBytes, maxPorcupineBytes-m.bytes)
	require.Greater(t, m.taken, reads<<(reads-1), "every order was tried")
}
