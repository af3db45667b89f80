// Command raftcheck tests package lab.
package main

import (
	"example.com/lab/adapter"
	"raftcheck/models/services"
	"raftcheck/scripts/command"
)

func main() { command.Main(services.All(), adapter.System{}) }
