// Command raftcheck tests etcd's Raft, release 3.6.0.
package main

import (
	"raftcheck/models/services"
	"raftcheck/raft/etcd/v360"
	"raftcheck/scripts/command"
)

func main() { command.Main(services.All(), v360.System{}) }
