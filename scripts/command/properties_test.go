package command

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
)

// TestProperties_areListed: models/PROPERTIES.md lists every property of every system with
// its kind, its rule and its source, in the order of verdicts, and README.md names them.
func TestProperties_areListed(t *testing.T) {
	want, names := "| property | kind | rule | source |\n|---|---|---|---|\n", []string{}
	for _, p := range trial.Properties(nil) {
		require.NotEmpty(t, p.Rule, p.Name)
		want += fmt.Sprintf("| %s | %s | %s | %s |\n", p.Name, p.Kind, p.Rule, p.Source)
		names = append(names, p.Name)
	}
	text, err := os.ReadFile("../../models/PROPERTIES.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(text), "\n\n|")
	require.Equal(t, want, "|"+table, "the table of models/PROPERTIES.md is expected to be\n%s", want)

	text, err = os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, list, _ := strings.Cut(string(text), "Every run is judged by ")
	list, _, _ = strings.Cut(list, ".")
	list = strings.ReplaceAll(strings.ReplaceAll(list, "\n", " "), " and ", ", ")
	require.Equal(t, names, strings.Split(list, ", "), "the properties in README.md")
}
