package command

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/hunt"
)

var update = flag.Bool("update", false, "write the kill matrix to testdata/mutants/README.md")

// matrixReadme has the kill matrix between the other two.
const (
	matrixReadme = "../../testdata/mutants/README.md"
	matrixBegins = "<summary>The kill matrix</summary>\n\n"
	matrixEnds   = "\n</details>"
)

// TestReadme_killMatrix: testdata/mutants/README.md shows the kill matrix that was
// measured last, and every mutant is in it. A killed mutant has a counterexample; a
// test of package mutant requires that it still kills.
//
//	go run ./scripts/raftcheck mutants -json -found testdata/found/mutants > testdata/mutants/matrix.json
//	go run ./scripts/raftcheck mutants -json -outcomes -engine swarm -seconds 4 -seeds 1 > testdata/mutants/outcomes.json
//	go test ./scripts/command -run killMatrix -update
func TestReadme_killMatrix(t *testing.T) {
	table := *readTable(t, "../../testdata/mutants/matrix.json")
	var killed, measured []string
	for _, r := range table.Mutants {
		measured = append(measured, r.Name)
		if r.Killed {
			killed = append(killed, r.Name)
		}
	}
	require.Equal(t, namesIn(t, "../../testdata/mutants"), measured)
	require.Equal(t, namesIn(t, "../../testdata/found/mutants"), killed)
	for _, e := range table.Summary.Engines {
		require.Zero(t, e.FalseAlarms, e.Engine)
	}

	var want bytes.Buffer
	printMarkdown(&want, &table, readTable(t, "../../testdata/mutants/outcomes.json"))
	readme, err := os.ReadFile(matrixReadme)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(readme), matrixBegins)
	require.True(t, found)
	shown, after, found := strings.Cut(rest, matrixEnds)
	require.True(t, found)
	if *update {
		require.NoError(t, os.WriteFile(matrixReadme, []byte(before+matrixBegins+want.String()+matrixEnds+after), 0o644))
		return
	}
	require.Equal(t, want.String(), shown, "go test ./scripts/command -run killMatrix -update")
}

func readTable(t *testing.T, file string) *hunt.Table {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var table hunt.Table
	require.NoError(t, json.Unmarshal(text, &table))
	return &table
}

// TestPrintMarkdown_outcomes: a second table adds the outcomes, as far as they were measured.
func TestPrintMarkdown_outcomes(t *testing.T) {
	cell := func(property string, executions int) []*hunt.Cell {
		if executions == 0 {
			return []*hunt.Cell{{Engine: "swarm", Runs: 1}}
		}
		return []*hunt.Cell{{Engine: "swarm", Killed: true, Property: property, Executions: &executions}}
	}
	rules := &hunt.Table{Engines: []string{"swarm"}, Mutants: []*hunt.Row{
		{Name: "a", Cells: cell("Voting", 3)}, {Name: "b", Cells: cell("Voting", 4)}, {Name: "c", Cells: cell("", 0)},
	}}
	outcomes := &hunt.Table{Engines: []string{"swarm"}, Mutants: []*hunt.Row{
		{Name: "a", Cells: cell("Linearizability", 5000)}, {Name: "b", Cells: cell("", 0)},
	}}
	var out bytes.Buffer
	printMarkdown(&out, rules, outcomes)
	require.Equal(t, `| mutant | property | outcome | swarm |
|---|---|---|--:|
| a | Voting | Linearizability 5,000 | 3 |
| b | Voting | - | 4 |
| c | - | ? | - |
`, out.String())
	out.Reset()
	printMarkdown(&out, rules, nil)
	require.Contains(t, out.String(), "| mutant | property | swarm |\n|---|---|--:|\n| a | Voting | 3 |\n")
}

// namesIn lists the files of a folder, without .txt.
func namesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	require.NoError(t, err)
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".txt"))
	}
	return names
}
