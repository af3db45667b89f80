// Package services lists the services of this repository, the usual one first.
package services

import (
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/queue"
	"raftcheck/models/service"
)

// All returns every service, for programs that test a Raft with each of them.
func All() service.Set {
	return service.Set{kv.Service{}, election.Service{}, election.Service{Trusting: true}, queue.Service{}}
}
