package mutant

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestSchedules wants each schedule that a mutant's file names to find the mutant. The
// reference must survive the schedule.
func TestSchedules(t *testing.T) {
	mutants, err := Read(corpus)
	require.NoError(t, err)
	runner := trial.NewRunner(reference.System{}, services.All())
	for _, m := range mutants {
		if m.Schedule == "" {
			require.NotZero(t, m.Seconds, "%s: neither random schedules nor one of its own must find it", m.Name)
			continue
		}
		file := filepath.Join(root, m.Schedule)
		schedule, err := trial.ReadSchedule(file, services.All())
		require.NoError(t, err)
		sound := runner.Run(schedule)
		require.Equal(t, models.Held, sound.Outcome(), "%s: %s", m.Schedule, sound.Lines())
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			lines, _ := replay(t, m.Name, file)
			require.Contains(t, m.Properties, firstViolated(lines))
		})
	}
}

// firstViolated returns the first violated property of Raft in the lines of a verdict. A
// mutant is also in other states than a story expects of the reference.
func firstViolated(lines []string) string {
	for _, line := range lines {
		if text, ok := strings.CutPrefix(line, "violated "); ok {
			property, _, _ := strings.Cut(strings.ReplaceAll(text, ":", " "), " ")
			if property != trial.Expectation.Name {
				return property
			}
		}
	}
	return "nothing"
}

// bugs is the number of known bugs of Raft implementations in README.md.
const bugs = 91

// TestBugs wants README.md to name, for each known bug, the mutants that have it, or the
// reason why there is none.
func TestBugs(t *testing.T) {
	mutants := allMutants(t)
	rows := readTable(t, filepath.Join(corpus, "README.md"))
	require.Equal(t, bugs, len(rows))
	for bug, here := range rows {
		if reason, ok := strings.CutPrefix(here, "none: "); ok {
			require.Greater(t, len(strings.Fields(reason)), 4, "%s: a reason", bug)
			require.False(t, hasMutant(mutants, bug), "README.md must name the mutant of %s, which exists", bug)
			continue
		}
		for link := range strings.SplitSeq(here, ", ") {
			name, _, _ := strings.Cut(strings.TrimPrefix(link, "["), "]")
			file := strings.TrimSuffix(strings.TrimPrefix(link, "["+name+"]("), ")")
			require.FileExists(t, filepath.Join(corpus, file), bug)
			require.Equal(t, name+".txt", filepath.Base(file), bug)
			require.True(t, hasMutant(mutants, name), "README.md names for %s the mutant %s: write it", bug, name)
		}
	}
}

func hasMutant(mutants []*Mutant, name string) bool {
	return slices.ContainsFunc(mutants, func(m *Mutant) bool { return m.Name == name })
}

// readTable returns the rows of the tables of a text, the second cell by the first.
func readTable(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 4 || strings.TrimSpace(cells[1]) == "bug" || strings.Trim(cells[1], "-") == "" {
			continue
		}
		bug := strings.TrimSpace(cells[1])
		require.NotContains(t, rows, bug, "it is there twice")
		rows[bug] = strings.TrimSpace(cells[2])
	}
	return rows
}
