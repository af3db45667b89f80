package trial

import (
	"bytes"
	"errors"
	"fmt"
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
var note = regexp.MustCompile(`"Tag":"([\w-]+)",` +
	`"Start":(\d+?)(?:00)?,"End":(\d+?)(?:00)?,"Description":"([^"]*)"`)

// drawn is the page of a schedule, and the annotations on it, in their order.
func drawn(t *testing.T, system raft.System, s *faults.Schedule) (page string, notes []string) {
	t.Helper()
	var b bytes.Buffer
	_, err := Picture(system, services.All(), s, &b)
	require.NoError(t, err)
	for _, m := range note.FindAllStringSubmatch(b.String(), -1) {
		notes = append(notes, fmt.Sprintf("%s %s..%s %s", m[1], m[2], m[3], m[4]))
	}
	return b.String(), notes
}

// TestPicture_showsTheWeather wants beside the clients' operations what befell
// the cluster: who led and for how long, who was down, what was cut, what failed.
func TestPicture_showsTheWeather(t *testing.T) {
	s, err := faults.Parse("weather", []byte(weather), services.All())
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
		"links 14..14 n3 to n1: a message is lost",
		"links 15..15 n2 to n1: a message is lost",
		"links 17..17 n2 to n1: a message is lost",
		"links 18..18 n2 to n1: a message is lost",
		"links 19..19 n2 to n1: a message is lost",
		"links 20..20 n2 to n1: a message is lost",
		"links 21..21 n2 to n1: a message is lost",
		"links 22..22 n2 to n1: a message is lost",
		"links 24..24 n2 to n1: a message is lost",
		"faults 25..25 healed: well",
		"n1 11..25 disk refused", // for ever
		"n2 16..25 leads term 3",
	}, notes)
}

// TestPicture_showsTheLinksAndTheDisks: a message that is doubled or lost is a note, and a
// disk that is wiped a stretch of time to the end.
func TestPicture_showsTheLinksAndTheDisks(t *testing.T) {
	s := fixture.Written(t, "nodes 2\n", "timeout 1\npersist 1\nduplicate 1->2\ndrop 1->2\nwipe 2\nrun k=1\n")
	_, notes := drawn(t, reference.System{}, s)
	require.Subset(t, notes, []string{
		"links 0..0 n1 to n2: a message is doubled", "links 1..1 n1 to n2: a message is lost",
	})
	require.Regexp(t, `^n2 \d+..\d+ disk gone$`, notes[len(notes)-1])
}

// showsService is a schedule of a service, and what its page has.
var showsService = map[string]struct {
	events string
	calls  []string // as the page writes them
	notes  []string
}{
	"kv": {"call c1 1 cas x nil 7\nsettle\n", []string{`"c1 x cas nil 7 -\u003e ok"`}, nil},
	"election": {
		"call c1 1 campaign x 9\nsettle\nwork c1\nland c1\n",
		[]string{`"c1 x campaign 9 -\u003e token-1-until-9-at-0-for-c1"`},
		[]string{"c1 sends a write with token 1", "c1 writes with token 1: taken"},
	},
	"election-unfenced": {
		"call c1 1 campaign x 9\nsettle\nwork c1\nrun k=20\n" +
			"call c2 1 campaign x 9\nsettle\nwork c2\nland c2\nland c1\n",
		[]string{`"c2 x campaign 9 -\u003e token-2-until-29-at-20-for-c2"`},
		[]string{"c1 writes with token 1: taken, though 2 was here"},
	},
	"queue": {
		"call c1 1 enqueue x 7\nsettle\ncall c2 1 dequeue x\nsettle\n",
		[]string{`"c1 x enqueue 7 -\u003e ok"`, `"c2 x dequeue -\u003e 7"`}, nil,
	},
}

// TestPicture_ofEachService: the page has the calls, an order that explains them, and the
// acts in the world outside of the cluster.
func TestPicture_ofEachService(t *testing.T) {
	for _, svc := range services.All() {
		t.Run(svc.Name(), func(t *testing.T) {
			test, ok := showsService[svc.Name()]
			require.True(t, ok, "add a schedule to showsService")
			s := fixture.Written(t, "nodes 1\nservice "+svc.Name()+"\n", "timeout 1\nsettle\n"+test.events)
			page, notes := drawn(t, reference.System{}, s)
			for _, call := range test.calls {
				require.True(t, strings.Contains(page, call), "%s in the page", call)
			}
			require.False(t, strings.Contains(page, `"PartialLinearizations":[]`),
				"an order explains the calls")
			text := strings.Join(notes, "\n")
			for _, note := range test.notes {
				require.Contains(t, text, note)
			}
		})
	}
}

// TestPicture_differs: the pages of two stories that differ in what a database takes differ.
func TestPicture_differs(t *testing.T) {
	pages := map[string]bool{}
	for _, name := range []string{"double-writer", "double-writer-fenced"} {
		s, err := ReadSchedule("../../testdata/scenarios/"+name+".txt", services.All())
		require.NoError(t, err)
		page, _ := drawn(t, reference.System{}, s)
		pages[page] = true
	}
	require.Len(t, pages, 2)
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
	s, err := faults.Parse("weather", []byte(weather), services.All())
	require.NoError(t, err)
	_, err = Picture(reference.System{}, services.All(), s, full{})
	require.ErrorContains(t, err, "no room")
}
