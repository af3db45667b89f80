// Command raftcheck tests package small.
package main

import (
	"example.com/small/adapter"
	"raftcheck/scripts/command"
)

func main() { command.Main(adapter.System{}) }
