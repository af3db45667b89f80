package explore

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

var update = flag.Bool("update", false, "rewrite the certificates in testdata/explored")

// pinnedStates is the largest number of states that this test explores again.
const pinnedStates = 150_000

// spilledStates is the largest number of states that it explores once more with half of them
// on disk.
const spilledStates = 6_000

// TestCertificates repeats the certified explorations: a change of behaviour changes the
// number of states. Certificates of large explorations are only parsed; the fingerprint
// of their code shows whether they are current.
func TestCertificates(t *testing.T) {
	files, err := filepath.Glob("../../testdata/explored/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	code := codeOf(reference.System{})
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			c, err := ParseCertificate(file, text, services.All())
			require.NoError(t, err)
			if c.States() > pinnedStates {
				return
			}
			e := c.Exploration()
			e.System, e.Memory, e.Workers = reference.System{}, 1<<30, 1
			again := e.certify(run(t, &e), code)
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(again.String()), 0o644))
				return
			}
			require.Equal(t, c.Found, again.Found)
			require.Equal(t, c.Code, again.Code,
				"the code is another one: go test ./fuzz/explore -run Certificates -update")
			if c.States() > spilledStates {
				return
			}
			e.Folder, e.resident = t.TempDir(), 16*c.States()
			spilled := run(t, &e)
			require.Positive(t, spilled.OnDisk, "memory must end")
			require.Equal(t, c.Found, e.certify(spilled, code).Found, "with states on disk")
		})
	}
}

func certificate(t *testing.T) *Certificate {
	t.Helper()
	e := exploration(reference.System{}, &faults.Schedule{Nodes: 2, Voters: 1, Prose: []string{"Two."}},
		Bounds{Terms: 1, Messages: 2})
	return e.Certify(run(t, e))
}

func TestParseCertificate(t *testing.T) {
	c := certificate(t)
	for _, properties := range [][]string{nil, {"ElectionSafety"}, {"ElectionSafety", "NoPanic"}} {
		c.Properties, c.FIFO, c.NoReduction = properties, !c.FIFO, !c.NoReduction
		again, err := ParseCertificate("c.txt", []byte(c.String()), services.All())
		require.NoError(t, err)
		require.Equal(t, c.String(), again.String())
		require.Equal(t, c.Bounds, again.Bounds)
		require.Equal(t, properties, again.Properties)
		require.Equal(t, c.States(), again.States())
	}
}

func TestParseCertificate_error(t *testing.T) {
	text := certificate(t).String()
	for _, test := range []struct{ old, new, want string }{
		{"terms", "tremors", `c.txt:5: expected "terms", found "tremors"`},
		{"messages    2", "messages    two", `c.txt:19: expected a number after "messages", found "two"`},
		{"heal        0\n", "", `c.txt:22: expected 22 lines before the first "----", found 21`},
		{"heal        0\n", "heal        0\nheal        0\n", `c.txt:23: expected "----", found "heal"`},
		{"----\n", "", `c.txt: expected two lines "----"`},
		{"nodes  2", "nodes  20", `c.txt:35: expected "nodes N`},
		{"links       unordered", "links       any", "c.txt: not as it would be written"},
		{"states    ", "states   ", `c.txt: expected "states N"`},
	} {
		_, err := ParseCertificate("c.txt", []byte(strings.Replace(text, test.old, test.new, 1)),
			services.All())
		require.ErrorContains(t, err, test.want)
	}
}

// sourced is the reference with every file of its source edited.
type sourced struct {
	reference.System
	edit func(string) string
}

func (s sourced) Source() fs.FS {
	edited := fstest.MapFS{}
	files, _ := fs.Glob(s.System.Source(), "*.go")
	for _, file := range files {
		text, _ := fs.ReadFile(s.System.Source(), file)
		edited[file] = &fstest.MapFile{Data: []byte(s.edit(string(text)))}
	}
	return edited
}

// TestCode: comments and layout do not change the fingerprint of the code.
func TestCode(t *testing.T) {
	code := codeOf(reference.System{})
	require.Len(t, code, 32)
	require.Equal(t, code, codeOf(sourced{edit: func(s string) string { return s + "\n\n// A remark.\n" }}))
	slower := func(s string) string { return strings.Replace(s, "HeartbeatTicks = 3", "HeartbeatTicks = 4", 1) }
	require.NotEqual(t, code, codeOf(sourced{edit: slower}))
	require.Equal(t, "unknown", codeOf(uncloned{}))
}
