package mutant

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// biting is a row of the table in testdata/scenarios: the story breaks the mutant, which
// violates the property.
type biting struct{ story, mutant, property string }

// readBiting returns the rows, and the stories that have a reason for breaking no mutant.
func readBiting(t *testing.T) (rows []biting, excused []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "testdata/scenarios/README.md"))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 || cells[0] == "| story" {
			continue
		}
		row := biting{strings.TrimPrefix(cells[0], "| "), cells[1], strings.TrimSuffix(cells[2], " |")}
		if row.mutant == "none" {
			require.Greater(t, len(strings.Fields(row.property)), 4, "%s: a reason", row.story)
			excused = append(excused, row.story)
			continue
		}
		rows = append(rows, row)
	}
	return rows, excused
}

// TestStories wants each story to break the mutants that the table in testdata/scenarios
// names for it.
func TestStories(t *testing.T) {
	rows, excused := readBiting(t)
	files, err := filepath.Glob(filepath.Join(root, "testdata/scenarios/*.txt"))
	require.NoError(t, err)
	for _, file := range files {
		story := strings.TrimSuffix(filepath.Base(file), ".txt")
		bites := slices.ContainsFunc(rows, func(r biting) bool { return r.story == story })
		require.NotEqual(t, bites, slices.Contains(excused, story), "%s: a mutant, or a reason for none", story)
	}
	for _, row := range rows {
		t.Run(row.story+"/"+row.mutant, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(root, "testdata/scenarios", row.story+".txt")
			lines, verdicts := replay(t, row.mutant, file)
			require.Equal(t, "violated", verdicts[row.property], "%s", lines)
		})
	}
}
