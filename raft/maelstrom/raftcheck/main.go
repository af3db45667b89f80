// Command raftcheck tests clusters of nodes that were written for Maelstrom.
package main

import (
	"raftcheck/faults/live"
	"raftcheck/raft/maelstrom"
)

func main() { live.Main(maelstrom.Server{}, maelstrom.Server{Memory: true}) }
