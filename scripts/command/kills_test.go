//go:build unix

package command

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var kills = flag.Int("kills", 1, "the number of campaigns that are killed at a random moment")

// foundLine is the line that names the file of a finding. The file begins with the property;
// that of a schedule with a lower number may take its place.
var foundLine = regexp.MustCompile(`(?m)^found \w+ in schedule \d+: (\S+)-\w+.txt$`)

// longestLife is a time in which the campaigns of TestKills come to their end on most machines.
const longestLife = time.Second

// TestKills kills campaigns. Each finding that was reported has a file, and the report of
// the next campaign with the same seed says what its files say.
func TestKills(t *testing.T) {
	t.Parallel()
	for i := range *kills {
		args := fmt.Sprintf("fuzz -system reference+join-alone -seed %d -schedules 8 -workers 2", i+1)
		cmd, _, errs := started(t, "", args)
		time.AfterFunc(rand.N(longestLife), func() { cmd.Process.Kill() })
		said, err := io.ReadAll(errs)
		require.NoError(t, err)
		cmd.Wait()
		for _, found := range foundLine.FindAllSubmatch(said, -1) {
			left, err := filepath.Glob(filepath.Join(cmd.Dir, string(found[1])) + "-*")
			require.NoError(t, err)
			require.NotEmpty(t, left, "lost")
		}
		requireFilesAsReported(t, cmd.Dir, args)
	}
}

// requireFilesAsReported runs a campaign to its end, and compares its files with its report.
func requireFilesAsReported(t *testing.T, folder, args string) {
	t.Helper()
	code, out, _ := runIn(t, folder, strings.Fields(args+" -json")...)
	require.Equal(t, exitViolated, code)
	var r report
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.NotEmpty(t, r.Violations)
	left, err := filepath.Glob(filepath.Join(folder, "testdata/found/*.txt*")) // the killed campaign may have found more
	require.NoError(t, err)
	replays := map[string]string{}
	for _, file := range left {
		require.NotContains(t, file, ".part")
		code, replayed, _ := runIn(t, folder, "replay", file)
		require.Equal(t, exitViolated, code)
		require.NotContains(t, replayed, "the file says otherwise")
		replays[file] = replayed
	}
	for _, v := range r.Violations {
		require.Contains(t, replays[filepath.Join(folder, v.File)], "\n"+v.Verdict+"\n")
	}
}
