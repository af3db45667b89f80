package trial

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

const weather = `system reference
nodes  3
rand   1

timeout 1
settle
cut 1 2 | 3
timeout 3
mend
settle
crash 2
restart 2
call c1 3 put x 7
fail 3
corrupt 1
crash 1
restart 1
heal k=400
`

// note is an annotation as the page holds it. The page counts time in hundreds,
// one for each moment that it shows.
var note = regexp.MustCompile(`"Tag":"(\w+)","Start":(\d+?)(?:00)?,"End":(\d+?)(?:00)?,"Description":"([^"]*)"`)

// drawn is the page of a schedule, and the annotations on it, in their order.
func drawn(t *testing.T, system raft.System, s *faults.Schedule) (page string, notes []string) {
	t.Helper()
	var b bytes.Buffer
	_, err := Picture(system, s, &b)
	require.NoError(t, err)
	for _, m := range note.FindAllStringSubmatch(b.String(), -1) {
		notes = append(notes, fmt.Sprintf("%s %s..%s %s", m[1], m[2], m[3], m[4]))
	}
	return b.String(), notes
}

// TestPicture_showsTheWeather wants beside the clients' operations what befell
// the cluster: who led and for how long, who was down, what was cut, what failed.
func TestPicture_showsTheWeather(t *testing.T) {
	s, err := faults.Parse("weather", []byte(weather))
	require.NoError(t, err)
	page, notes := drawn(t, reference.System{}, s)
	require.Contains(t, page, `"c1 x put 7 -\u003e ok"`)
	require.Equal(t, []string{
		"faults 1..1 cut 1 2 | 3",
		"faults 2..2 mend",
		"n1 0..3 leads term 1",
		"n2 5..6 down",
		"n3 4..8 leads term 2",
		"faults 9..9 n1: disk rots, record 4 of 4",
		"n1 10..11 down",
		"n3 8..12 disk failed",
		"n3 12..13 down",
		"faults 16..16 healed: well",
		"n1 11..16 disk refused", // for ever
		"n2 14..16 leads term 3",
	}, notes)
}

// TestPicture_showsAPanic: a node that panicked is down as after a crash.
func TestPicture_showsAPanic(t *testing.T) {
	s := fixture.TrapSchedule(t, "2", "timeout 2\ntick 1\nrestart 2\n")
	_, notes := drawn(t, fixture.Trap{OnStep: fixture.PanicsOnTimeout}, s)
	require.Equal(t, []string{"n2 0..1 down"}, notes)
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestPicture_cannotBeWritten returns the writer's error.
func TestPicture_cannotBeWritten(t *testing.T) {
	s, err := faults.Parse("weather", []byte(weather))
	require.NoError(t, err)
	_, err = Picture(reference.System{}, s, full{})
	require.ErrorContains(t, err, "no room")
}
