// Command raftcheck tests hashicorp/raft, release 0.1.0.
package main

import (
	"raftcheck/raft/hashicorp/release010"
	"raftcheck/scripts/command"
)

func main() { command.Main(release010.System{}) }
