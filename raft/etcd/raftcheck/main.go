// Command raftcheck tests etcd's Raft, with the precautions that an application can take and without.
package main

import (
	"raftcheck/models/services"
	"raftcheck/raft/etcd"
	"raftcheck/scripts/command"
)

func main() { command.Main(services.All(), etcd.System{}, etcd.Unguarded{}) }
