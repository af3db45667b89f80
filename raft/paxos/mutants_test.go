package paxos_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/mutant"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/paxos"
)

// The starts of explorations.
const (
	empty = ""
	// led has n1 lead ballot 1.
	led = "timeout 1\nsettle\n"
	// alone has n1 accept in ballot 1 a value that no other node heard of.
	alone = led + "call c1 1 put x 1\npersist 1\nlose 1->2\nlose 1->3\n"
)

// hunts has the explorations that find each mutant, with the number of events of the shortest
// counterexample after the start.
var hunts = map[string][]struct {
	start, bounds, property string
	depth                   int
}{
	"value-of-latest-promise": {
		{alone, "-terms 2 -calls 1 -messages 8", "StateMachineSafety", 11},
	},
	"promise-not-durable": {
		{empty, "-terms 1 -calls 0 -writes 1", "Durability", 3},
		{led, "-terms 1 -calls 2 -writes 1 -crashes 1", "StateMachineSafety", 16},
	},
	"accepted-not-durable": {
		{empty, "-terms 1 -calls 1 -writes 1", "Durability", 7},
		{led, "-terms 1 -calls 2 -writes 1 -crashes 1", "StateMachineSafety", 15},
	},
	"quorum-off-by-one": {
		{empty, "-terms 2 -calls 2 -messages 8", "StateMachineSafety", 4},
	},
}

// TestMutants: explorations find the classic mistakes, with the shortest counterexample, which
// the node without the mistake survives. Random schedules find them as well.
func TestMutants(t *testing.T) {
	mutants, err := mutant.Read("../../testdata/mutants/paxos")
	require.NoError(t, err)
	require.Len(t, mutants, len(hunts))
	builder := mutant.Builder{Root: "../..", Program: "./scripts/raftcheck", Folder: t.TempDir() + "/built"}
	for _, m := range mutants {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			program, err := builder.Build(t.Context(), m)
			require.NoError(t, err)
			require.NotEmpty(t, hunts[m.Name])
			for _, h := range hunts[m.Name] {
				explores(t, program, h.start, h.bounds, h.property, h.depth)
			}
			for _, system := range []string{"paxos", "multi-paxos"} {
				hunted := found(t, t.TempDir(), program, "hunt -json -engine swarm -seed 2 -system "+system)
				require.Contains(t, m.Properties, hunted.Property)
			}
		})
	}
}

// report is the part of the programs' reports that the test reads.
type report struct {
	Property   string // of a hunt
	Violations []struct {
		Property, File string
		Depth          int
	}
}

// found runs a command that finds a violation.
func found(t *testing.T, folder, program, args string) (r report) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, strings.Fields(args)...)
	command.Dir = folder
	out, err := command.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, args)
	require.Equal(t, 1, exit.ExitCode(), string(exit.Stderr))
	require.NoError(t, json.Unmarshal(out, &r))
	return r
}

// explores wants the shortest counterexample of an exploration.
func explores(t *testing.T, program, start, bounds, property string, depth int) {
	t.Helper()
	folder := t.TempDir()
	text := "system paxos\nnodes  3\nrand   0\n\n" + start
	require.NoError(t, os.WriteFile(filepath.Join(folder, "start.txt"), []byte(text), 0o644))
	r := found(t, folder, program, "explore -json -workers 1 -property "+property+" "+bounds+" start.txt")
	require.Len(t, r.Violations, 1)
	require.Equal(t, property, r.Violations[0].Property)
	require.Equal(t, depth, r.Violations[0].Depth)
	s, err := trial.ReadSchedule(filepath.Join(folder, r.Violations[0].File), services.All())
	require.NoError(t, err)
	sound := trial.NewRunner(paxos.Single{}, services.All()).Run(s)
	require.Equal(t, models.Held, sound.Outcome(), sound.Lines())
}
