package generate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

// TestGenerate_ends: half of the schedules end with a probe of a well cluster, and some have
// a steady core before.
func TestGenerate_ends(t *testing.T) {
	probes, cores := 0, 0
	var told []trace.Kind
	runner := trial.NewRunner(reference.System{}, services.All(), kindsTo(func(k trace.Kind) { told = append(told, k) }))
	const schedules = 600
	for number := range schedules {
		told = told[:0]
		s, _ := Schedule(runner, Swarm, Numbered(4, number))
		for i, e := range s.Events {
			switch e.Kind {
			case faults.Probe:
				require.Equal(t, len(s.Events)-1, i)
				require.Equal(t, faults.Heal, s.Events[i-1].Kind)
				require.NotEqual(t, trace.Ignored, told[len(told)-1])
				probes++
			case faults.Steady:
				cores++
			}
		}
	}
	require.InDelta(t, schedules/2, probes, schedules/10)
	require.Greater(t, cores, schedules/steadyIn/2)
	require.Less(t, cores, schedules/steadyIn*2)
}

// kindsTo reports the kind of each record.
type kindsTo func(trace.Kind)

func (f kindsTo) Observe(r *trace.Record) { f(r.Kind) }
