package main

import (
	"fmt"
	"strings"

	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// systems are the implementations that can be tested: our own, and our own
// with one promise broken.
var systems = append([]raft.System{reference.System{}}, sabotage.Systems(reference.System{})...)

func systemNamed(name string) (raft.System, error) {
	var names []string
	for _, s := range systems {
		if s.Name() == name {
			return s, nil
		}
		names = append(names, s.Name())
	}
	return nil, fmt.Errorf("expected a system of: %s; found %q", strings.Join(names, ", "), name)
}
