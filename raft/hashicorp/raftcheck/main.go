// Command raftcheck tests hashicorp/raft.
package main

import (
	"raftcheck/models/services"
	"raftcheck/raft/hashicorp"
	"raftcheck/scripts/command"
)

func main() { command.Main(services.All(), hashicorp.System{}) }
