// Command raftcheck tests hashicorp/raft.
package main

import (
	"raftcheck/raft/hashicorp"
	"raftcheck/scripts/command"
)

func main() { command.Main(hashicorp.System{}) }
