// Command raftcheck tests package small.
package main

import (
	"example.com/small/adapter"
	"raftcheck/models/services"
	"raftcheck/scripts/command"
)

func main() { command.Main(services.All(), adapter.System{}) }
