package explore_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/mutant"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestExplore_findsMutants wants bugs that Rafts had found by exploration alone,
// each with a shortest counterexample, which the reference survives.
func TestExplore_findsMutants(t *testing.T) {
	tests := []struct {
		mutant   string
		start    string
		flags    string
		property string
		depth    int // of the shortest counterexample
	}{
		{"vote-not-persisted", "", "-terms 1 -calls 0 -crashes 1 -messages 5", "ElectionSafety", 8},
		{"commit-previous-term-by-counting", "", "-terms 4 -calls 0 -messages 4", "LeaderCompleteness", 30},
		{"commit-beyond-last-new-entry", "", "-terms 2 -calls 0 -drops 2 -ticks 3 -messages 4",
			"StateMachineSafety", 16},
		{"single-server-change-without-term-commit", hunt.FourServers, "-terms 2 -calls 0 -changes 1 -messages 4",
			"LeaderCompleteness", 15},
		{"read-before-quorum-confirmation", "nodes  3\nrand   0\n\ntimeout 1\nsettle\n",
			"-terms 1 -calls 1 -reads 1 -messages 4", "Linearizability", 9},
		{"lost-append-not-sent-again", "", "-terms 1 -calls 1 -drops 1 -messages 4 -heal 400", "Liveness", 14},
		{"lease-too-long", deposedSoon, "-terms 1 -calls 1 -leasereads 1 -time 11 -ahead 1 -messages 3",
			"Linearizability", 39},
	}
	mutants, err := mutant.Read("../../testdata/mutants")
	require.NoError(t, err)
	builder := mutant.Builder{Root: "../..", Program: "./scripts/raftcheck", Folder: t.TempDir() + "/built"}
	for _, test := range tests {
		t.Run(test.mutant, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(mutants, func(m *mutant.Mutant) bool { return m.Name == test.mutant })
			require.GreaterOrEqual(t, i, 0)
			program, err := builder.Build(t.Context(), mutants[i])
			require.NoError(t, err)
			folder := t.TempDir()
			args := append([]string{"explore", "-json", "-workers", "1", "-property", test.property},
				strings.Fields(test.flags)...)
			if test.start != "" {
				require.NoError(t, os.WriteFile(filepath.Join(folder, "start.txt"),
					[]byte("system reference\n"+test.start), 0o644))
				args = append(args, "start.txt")
			}
			requireFound(t, folder, exec.CommandContext(t.Context(), program, args...), test.property, test.depth)
		})
	}
}

// deposedSoon is a cluster whose leader is cut off right after a round of messages.
const deposedSoon = `nodes  3
prevote on
rand   2

tick 3 k=10
timeout 1
settle
tick 1 k=3
settle
cut 1 | 2 3
`

// requireFound runs an exploration of a mutant in a folder.
func requireFound(t *testing.T, folder string, command *exec.Cmd, property string, depth int) {
	t.Helper()
	command.Dir = folder
	out, err := command.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 1, exit.ExitCode(), string(exit.Stderr))
	var report struct {
		Violations []struct {
			Property, File string
			Depth          int
		}
		Loop []string
	}
	require.NoError(t, json.Unmarshal(out, &report))
	require.Len(t, report.Violations, 1)
	require.Equal(t, property, report.Violations[0].Property)
	require.Equal(t, depth, report.Violations[0].Depth)
	require.Equal(t, property == "Liveness", len(report.Loop) > 0, "events that come back for ever")
	s, err := trial.ReadSchedule(filepath.Join(folder, report.Violations[0].File), services.All())
	require.NoError(t, err)
	sound := trial.NewRunner(reference.System{}, services.All()).Run(s)
	require.Equal(t, models.Held, sound.Outcome(), sound.Lines())
}
