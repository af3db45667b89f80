package generate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/queue"
	"raftcheck/models/service"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestProfile_mixWithoutAService: a mix leaves out the profiles whose service the program
// lacks, and draws nothing else differently if it has them all.
func TestProfile_mixWithoutAService(t *testing.T) {
	set := service.Set{kv.Service{}}
	require.NoError(t, Swarm.Validate(set))
	require.Equal(t, []service.Service{kv.Service{}}, compact(Swarm.Services(set)))
	all := services.All()
	sound := service.Set{kv.Service{}, election.Service{}, queue.Service{}}
	require.Equal(t, []service.Service(sound), compact(Swarm.Services(all)), "every service, but one that is wrong")
	for _, p := range Swarm.served(set) {
		require.Empty(t, p.Service)
	}
	require.Len(t, Swarm.served(set), len(Swarm.Of)-3, "workers are in swarm twice, queues once")

	runner, whole := trial.NewRunner(reference.System{}, set), trial.NewRunner(reference.System{}, all)
	same := trial.NewRunner(reference.System{}, sound)
	for seed := range uint64(50) {
		s, _ := Schedule(runner, Swarm, NewPRNG(seed))
		require.Equal(t, kv.Service{}, s.Service)
		one, _ := Schedule(whole, Swarm, NewPRNG(seed))
		other, _ := Schedule(same, Swarm, NewPRNG(seed))
		require.Equal(t, one.String(), other.String())
	}
}

// TestProfile_withoutItsService is an error that names the services that there are.
func TestProfile_withoutItsService(t *testing.T) {
	set := service.Set{kv.Service{}}
	require.ErrorContains(t, Queue.Validate(set), "expected service queue, which profile queue needs, found kv")
	mix := Profile{Name: "mix", Of: []Profile{Queue}}
	require.ErrorContains(t, mix.Validate(set), "expected a service of profile mix")
	require.Panics(t, func() { Schedule(trial.NewRunner(reference.System{}, set), Queue, NewPRNG(1)) })
}

// compact lists the services of a profile, each once.
func compact(all []service.Service) (list []service.Service) {
	seen := map[string]bool{}
	for _, s := range all {
		if !seen[s.Name()] {
			list = append(list, s)
		}
		seen[s.Name()] = true
	}
	return list
}
