// Command raftcheck tests etcd's Raft, release 3.3.27.
package main

import (
	"raftcheck/models/services"
	"raftcheck/raft/etcd/v3327"
	"raftcheck/scripts/command"
)

func main() { command.Main(services.All(), v3327.System{}) }
