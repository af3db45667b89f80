// Command raftcheck tests our own Raft, and our own Raft with one promise broken.
// Package command implements it.
package main

import (
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	"raftcheck/scripts/command"
)

func main() {
	sound := reference.System{}
	command.Main(services.All(), append([]raft.System{sound}, sabotage.Systems(sound)...)...)
}
