// Command raftcheck tests hashicorp/raft, release 1.7.0.
package main

import (
	"raftcheck/raft/hashicorp"
	"raftcheck/scripts/command"
)

func main() { command.Main(hashicorp.System{}) }
