// Command raftcheck stands for the real one in tests: it is built in no time, and
// hunts nothing.
package main

import (
	"os"

	"raftcheck/raft/reference"
)

func main() { os.Exit(reference.Hunt(os.Args[4], os.Args[8])) }
