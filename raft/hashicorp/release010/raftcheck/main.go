// Command raftcheck tests hashicorp/raft, release 0.1.0.
package main

import (
	"raftcheck/models/services"
	"raftcheck/raft/hashicorp/release010"
	"raftcheck/scripts/command"
)

func main() { command.Main(services.All(), release010.System{}) }
