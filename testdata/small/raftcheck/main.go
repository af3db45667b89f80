// Command raftcheck tests package small.
package main

import (
	"example.com/small/adapter"
	"example.com/small/counter"
	"raftcheck/models/services"
	"raftcheck/scripts/command"
)

func main() { command.Main(append(services.All(), counter.Service{}), adapter.System{}) }
