package fuzz_test

import (
	"context"
	"fmt"

	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// Example tests a Raft: put your own raft.System where reference.System is.
func Example() {
	c := fuzz.Campaign{Services: services.All(), System: reference.System{}, Profile: generate.Swarm, Seed: 1,
		Schedules: 50, Workers: 2}
	report, err := c.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings.InTurn() {
		fmt.Println(f.Describe("Example")) // the file that replays it
	}
	fmt.Println(report.Schedules, report.Outcome())
	// Output: 50 held
}
