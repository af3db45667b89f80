package page

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// written is the page of a schedule.
func written(t *testing.T, system raft.System, s *faults.Schedule) string {
	t.Helper()
	run, _ := Record(system, services.All(), s, "page.txt")
	var b bytes.Buffer
	require.NoError(t, run.Write(&b))
	return b.String()
}

// TestWrite_sameBytes: two runs of a schedule give the same page.
func TestWrite_sameBytes(t *testing.T) {
	kept(t, func(t *testing.T, system raft.System, s *faults.Schedule) {
		first, second := written(t, system, s), written(t, system, s)
		require.True(t, first == second)
	})
}

// TestWrite_isWhole: the page requests nothing, and its data is the run.
func TestWrite_isWhole(t *testing.T) {
	s := fixture.Written(t, "nodes 3\n", weather)
	s.Prose = []string{"<script>alert(1)</script> & so on"}
	page := written(t, reference.System{}, s)
	require.Contains(t, page, "default-src 'none'")
	require.NotContains(t, page, "alert(1)</script>")
	require.Empty(t, regexp.MustCompile(`(?i)(src|href)="?(https?:)?//|@import|url\(`).FindAllString(page, -1))
	_, rest, _ := strings.Cut(page, `<div id="run" hidden>`)
	data, _, _ := strings.Cut(rest, "</div>")
	packed, err := base64.StdEncoding.DecodeString(data)
	require.NoError(t, err)
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	var run, again Run
	require.NoError(t, json.NewDecoder(unzipped).Decode(&run))
	recorded, _ := Record(reference.System{}, services.All(), s, "page.txt")
	text, err := json.Marshal(recorded)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, again, run)
}

// TestWrite_heading: the title is the verdict, and its reason the first line.
func TestWrite_heading(t *testing.T) {
	s := fixture.Written(t, "nodes 1\n", "expect 1 leader\ntimeout 1\n")
	page := written(t, reference.System{}, s)
	require.Contains(t, page, "<title>violated Expectation after event 1 · page.txt</title>")
	require.Regexp(t, `id="reason">[^<]*n1`, page)
	held := fixture.Written(t, "nodes 1\n", "timeout 1\n")
	require.Contains(t, written(t, reference.System{}, held), "<title>held ·")
}

// maxBytes is the most bytes of the page of a long run.
const maxBytes = 5 << 20

// TestWrite_long: the page of a run of 20,000 events is below its bound.
func TestWrite_long(t *testing.T) {
	s := longRun(t)
	require.Len(t, s.Events, faults.MaxEvents)
	page := written(t, reference.System{}, s)
	t.Logf("%d bytes", len(page))
	require.Less(t, len(page), maxBytes)
}

// longRun is a schedule of five nodes with as many events as there may be: a client that
// writes, and messages that arrive one at a time.
func longRun(t *testing.T) *faults.Schedule {
	round := "call c1 1 put x 1\npersist 1\ndeliver 1->2\ndeliver 1->3\ndeliver 1->4\ndeliver 1->5\n" +
		"persist 2\npersist 3\npersist 4\npersist 5\ndeliver 2->1\ndeliver 3->1\ndeliver 4->1\ndeliver 5->1\n" +
		"tick 1 k=3\ncall c2 2 get x\nabandon c2\ntick 2\n"
	events := "timeout 1\nsettle\n" + strings.Repeat(round, faults.MaxEvents)
	lines := strings.SplitAfterN(events, "\n", faults.MaxEvents+1)
	return fixture.Written(t, "nodes 5\n", strings.Join(lines[:faults.MaxEvents], ""))
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestWrite_cannotBeWritten returns the writer's error.
func TestWrite_cannotBeWritten(t *testing.T) {
	run, _ := Record(reference.System{}, services.All(), fixture.Written(t, "nodes 1\n", "timeout 1\n"), "full")
	require.ErrorContains(t, run.Write(full{}), "no room")
}
