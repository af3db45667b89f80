package command

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
)

// TestReadme_properties: the table in README.md lists every property of every system with
// its kind, its rule and its source, in the order of verdicts.
func TestReadme_properties(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\n### Properties\n\n")
	require.True(t, found, "README.md has no section Properties")
	table, _, _ := strings.Cut(rest, "\n\n")
	want := "| property | kind | rule | source |\n|---|---|---|---|"
	for _, p := range trial.Properties(nil) {
		require.NotEmpty(t, p.Rule, p.Name)
		want += fmt.Sprintf("\n| %s | %s | %s | %s |", p.Name, p.Kind, p.Rule, p.Source)
	}
	require.Equal(t, want, table, "the table of properties in README.md is expected to be\n%s", want)
}
