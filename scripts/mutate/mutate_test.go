package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is a package with a site of each kind.
const source = `package small

const limit = 1 < 2

// Clamp returns n, at most most, and whether it was within the bounds.
func Clamp(n, most int) (int, bool) {
	within := true
	if n > most && n > 0 || !limit { // more
		n, within = most, false
		n += 0
	}
	switch {
	case n == 7:
		return n, within
	}
	for range n - n {
		if within {
			continue
		}
	}
	return n, within
}
`

// tested is the tests of the package. They leave some changes unseen.
const tested = `package small

import "testing"

func TestClamp(t *testing.T) {
	if n, ok := Clamp(9, 5); n != 5 || ok {
		t.Fatal(n, ok)
	}
	if n, ok := Clamp(5, 5); n != 5 || !ok {
		t.Fatal(n, ok)
	}
	if n, ok := Clamp(1, 5); n != 1 || !ok {
		t.Fatal(n, ok)
	}
}
`

// module writes a module with the package.
func module(t *testing.T) string {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "small"), 0o755))
	for name, text := range map[string]string{
		"go.mod": "module tiny\n\ngo 1.26\n", "small/small.go": source, "small/small_test.go": tested,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	return root
}

func TestSitesOf(t *testing.T) {
	sites, _, err := sitesOf(filepath.Join(module(t), "small"))
	require.NoError(t, err)
	var got []string
	for _, s := range sites {
		got = append(got, s.text)
	}
	require.Equal(t, []string{
		"leave out if n > most && n > 0 || !limit { // more n, within = most, false n += 0 }",
		"leave out return n, within",
		"leave out for range n - n { if within { continue } }",
		"false for true",
		"leave out || !limit",
		"leave out n > most && n > 0 ||",
		"leave out && n > 0",
		"leave out n > most &&",
		"n >= most for n > most",
		"n <= most for n > most",
		"n >= 0 for n > 0",
		"n <= 0 for n > 0",
		"limit for !limit",
		"leave out n, within = most, false",
		"leave out n += 0",
		"true for false",
		"n != 7 for n == 7",
		"leave out if within { continue }",
		"!within for within",
		"leave out continue",
	}, got)
}

func TestSample_judge(t *testing.T) {
	var out bytes.Buffer
	s := sample{folder: "small", tests: []tests{{"small", ""}}, seed: 1, size: 100}
	s.argued = parseArguments("# why\nsmall/small.go: leave out n += 0\n\tIt adds nothing.\n")
	survived, err := s.judge(t.Context(), module(t), &out)
	require.NoError(t, err)
	require.Equal(t, `small: 20 of 20 mutants, seed 1
survived  small/small.go:14: leave out return n, within
survived  small/small.go:16: leave out for range n - n { if within { continue } }
survived  small/small.go:8: leave out || !limit
survived  small/small.go:8: leave out && n > 0
survived  small/small.go:8: n >= 0 for n > 0
survived  small/small.go:13: n != 7 for n == 7
survived  small/small.go:17: leave out if within { continue }
survived  small/small.go:17: !within for within
survived  small/small.go:18: leave out continue
killed 10, survived with an argument 1, survived 9
`, out.String())
	require.Equal(t, 9, survived)
}

// TestSample_draw: a seed decides the sample, and a larger one has other sites.
func TestSample_draw(t *testing.T) {
	all := make([]site, 100)
	at := func(seed uint64) (lines []int) {
		for i := range all {
			all[i].line = i
		}
		for _, drawn := range (&sample{seed: seed, size: 5}).draw(all) {
			lines = append(lines, drawn.line)
		}
		return lines
	}
	require.Len(t, at(1), 5)
	require.IsIncreasing(t, at(1))
	require.Equal(t, at(1), at(1))
	require.NotEqual(t, at(1), at(2))
}

// TestSample_failsWithoutAMutant: tests that fail anyhow say nothing about mutants.
func TestSample_failsWithoutAMutant(t *testing.T) {
	root := module(t)
	test := filepath.Join(root, "small", "small_test.go")
	require.NoError(t, os.WriteFile(test, []byte(strings.Replace(tested, "n != 5", "n != 6", 1)), 0o644))
	s := sample{folder: "small", tests: []tests{{"small", ""}}, seed: 1, size: 1}
	_, err := s.judge(t.Context(), root, io.Discard)
	require.EqualError(t, err, "the tests fail without a mutant: --- FAIL: TestClamp")
	s.tests = nil
	_, err = s.judge(t.Context(), root, io.Discard)
	require.EqualError(t, err, "expected one of [faults linearizability linearizability/model models models/paper models/trace]")
}
