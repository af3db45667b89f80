// Command raftcheck tests our own Raft, our own Raft with one promise broken, and Paxos.
// Package command implements it.
package main

import (
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/paxos"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	"raftcheck/scripts/command"
)

func main() {
	sound := reference.System{}
	systems := append([]raft.System{sound, paxos.Single{}, paxos.Multi{}}, sabotage.Systems(sound)...)
	command.Main(services.All(), systems...)
}
