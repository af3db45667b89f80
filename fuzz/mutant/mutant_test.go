package mutant

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	_ "raftcheck/scripts/garbage"
)

const (
	root   = "../.."
	corpus = "../../testdata/mutants"
)

// source reads a file of this module.
func source(path string) ([]byte, error) { return os.ReadFile(filepath.Join(root, path)) }

const canonical = `# A voter compares only the lengths
#
# of the logs.
source    Raft paper, section 5.4.1
property  LeaderCompleteness CommitQuorum
seconds   10
schedule  testdata/scenarios/split-vote.txt

edit raft/reference/election.go
= func (n *Node) vote(from raft.NodeID, m *message) {
- 	if old {
+ 	if new {
+
+ 	// and another line

edit models/kv/machine.go
- gone
`

func TestParse(t *testing.T) {
	m, err := Parse("testdata/mutants/vote-no-log-check.txt", []byte(canonical))
	require.NoError(t, err)
	require.Equal(t, &Mutant{
		Name:       "vote-no-log-check",
		Prose:      []string{"A voter compares only the lengths", "", "of the logs."},
		Source:     "Raft paper, section 5.4.1",
		Properties: []string{"LeaderCompleteness", "CommitQuorum"},
		Seconds:    10,
		Schedule:   "testdata/scenarios/split-vote.txt",
		Edits: []Edit{
			{Path: "raft/reference/election.go", at: 9, Lines: []Line{
				{Stays, "func (n *Node) vote(from raft.NodeID, m *message) {"},
				{Goes, "\tif old {"}, {Comes, "\tif new {"}, {Comes, ""}, {Comes, "\t// and another line"},
			}},
			{Path: "models/kv/machine.go", at: 16, Lines: []Line{{Goes, "gone"}}},
		},
		file: "testdata/mutants/vote-no-log-check.txt",
	}, m)
	require.Equal(t, canonical, m.String())
}

// TestParse_otherWays: other spellings of a mutant print as the canonical one.
func TestParse_otherWays(t *testing.T) {
	m, err := Parse("a.txt", []byte("# b \nsource own\nproperty   NoPanic \nseconds 0\n\n\n"+
		"edit models/a.go\n- \n- x\n\n\n"))
	require.NoError(t, err)
	require.Equal(t, "# b\nsource    own\nproperty  NoPanic\nseconds   0\n\nedit models/a.go\n-\n- x\n",
		m.String())
}

func TestParse_error(t *testing.T) {
	const header = "# prose\nsource own\nproperty NoPanic\nseconds 1\n"
	const edit = "edit raft/reference/a.go\n"
	tests := []struct{ name, file, text, want string }{
		{"no text file", "a.go", "", `a.go: expected a file named NAME.txt, of a-z 0-9 and -`},
		{"a name with a capital", "x/Bug.txt", "", `x/Bug.txt: expected a file named NAME.txt, of a-z 0-9 and -`},
		{"nothing", "a.txt", "", `a.txt:1: expected "# what is wrong", found the end of the file`},
		{"no prose", "a.txt", "source own\n", `a.txt:1: expected "# what is wrong", found "source own"`},
		{"empty prose", "a.txt", "#\nsource own\n", `a.txt:1: expected "# what is wrong", found "#"`},
		{"a control character", "a.txt", "# \x01\n",
			`a.txt:1: expected UTF-8 without control characters other than tabs, found "# \x01"`},
		{"another line end", "a.txt", "# a\r\n",
			`a.txt:1: expected UTF-8 without control characters other than tabs, found "# a\r"`},
		{"no UTF-8", "a.txt", "# \xff\n",
			`a.txt:1: expected UTF-8 without control characters other than tabs, found "# \xff"`},
		{"no source", "a.txt", "# a\nproperty NoPanic\n",
			`a.txt:2: expected "source ADDRESS, or a section of a paper, or own", found "property NoPanic"`},
		{"an empty source", "a.txt", "# a\nsource\n",
			`a.txt:2: expected "source ADDRESS, or a section of a paper, or own", found "source"`},
		{"an unknown property", "a.txt", "# a\nsource own\nproperty NoPanic Luck\n", `found "Luck"`},
		{"a property twice", "a.txt", "# a\nsource own\nproperty NoPanic NoPanic\n",
			`a.txt:3: expected each property once, found NoPanic again`},
		{"too many seconds", "a.txt", "# a\nsource own\nproperty NoPanic\nseconds 601\n",
			`a.txt:4: expected seconds of 0 to 600, found "601"`},
		{"seconds in another form", "a.txt", "# a\nsource own\nproperty NoPanic\nseconds 01\n",
			`a.txt:4: expected seconds of 0 to 600, found "01"`},
		{"no seconds", "a.txt", "# a\nsource own\nproperty NoPanic\n",
			`a.txt:4: expected "seconds N, of 0 to 600", found the end of the file`},
		{"a schedule elsewhere", "a.txt", header + "schedule scripts/a.txt\n",
			`a.txt:5: expected "schedule FILE", a text file in testdata, found "schedule scripts/a.txt"`},
		{"a schedule by a detour", "a.txt", header + "schedule testdata/../a.txt\n",
			`a.txt:5: expected "schedule FILE"`},
		{"no schedule", "a.txt", header + "schedule\n", `a.txt:5: expected "schedule FILE"`},
		{"a schedule twice", "a.txt", header + "schedule testdata/a.txt\nschedule testdata/a.txt\n",
			`a.txt:6: expected "edit FILE"`},
		{"no edit", "a.txt", header, `a.txt:5: expected "edit FILE", found the end of the file`},
		{"a line before the edit", "a.txt", header + "- x\n", `a.txt:5: expected "edit FILE", found "- x"`},
		{"a file elsewhere", "a.txt", header + "edit faults/disk.go\n",
			`a.txt:5: expected a Go file, no test, in raft/reference, raft/paxos or models, found "faults/disk.go"`},
		{"a way out", "a.txt", header + "edit models/../faults/disk.go\n", `found "models/../faults/disk.go"`},
		{"a test", "a.txt", header + "edit models/view_test.go\n", `found "models/view_test.go"`},
		{"no Go", "a.txt", header + "edit models/view.txt\n", `found "models/view.txt"`},
		{"no sign", "a.txt", header + edit + "x\n",
			`a.txt:6: expected a line that begins with "= ", "- " or "+ ", or is blank, found "x"`},
		{"no blank behind the sign", "a.txt", header + edit + "-x\n",
			`a.txt:6: expected a line that begins with "= ", "- " or "+ ", or is blank, found "-x"`},
		{"no lines", "a.txt", header + edit,
			`a.txt:6: expected a "- " or "= " line with text in the edit, found none`},
		{"nothing to look for", "a.txt", header + edit + "+ x\n\n",
			`a.txt:7: expected a "- " or "= " line with text in the edit, found none`},
		{"only blank lines to look for", "a.txt", header + edit + "-\n+ x\n\n",
			`a.txt:8: expected a "- " or "= " line with text in the edit, found none`},
		{"no change", "a.txt", header + edit + "- x\n+ x\n",
			`a.txt:8: expected an edit that changes something, found none`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := Parse(test.file, []byte(test.text))
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, test.file)
			require.Nil(t, m)
		})
	}
}

func TestParse_bounds(t *testing.T) {
	_, err := Parse("a.txt", make([]byte, MaxFileBytes+1))
	require.EqualError(t, err, "a.txt: expected at most 1048576 bytes, found 1048577")
	long := make([]byte, MaxLineBytes+1)
	_, err = Parse("a.txt", long)
	require.EqualError(t, err, "a.txt:1: expected a line of at most 1024 bytes, found 1025")
}

// FuzzParse: a parsed mutant prints as text that parses to the same mutant.
func FuzzParse(f *testing.F) {
	f.Add([]byte(canonical))
	f.Add([]byte("# b \n#\nsource own\nproperty NoPanic  Liveness\nseconds 0\nschedule  testdata/a.txt \n" +
		"edit models/a.go\n- \n- x\n\n\n"))
	f.Add([]byte("# b\nsource own\nproperty NoPanic\nseconds 600\nedit models/a.go\n= x\n+\n=  y\n" +
		"+ \t\t \n- \t"))
	f.Add([]byte("# \nsource  \t\nproperty\nseconds -1\nedit ../models/a.go\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse("f.txt", text)
		if err != nil {
			require.Nil(t, m)
			return
		}
		printed := m.String()
		again, err := Parse("f.txt", []byte(printed))
		require.NoError(t, err)
		require.Equal(t, printed, again.String())
		for i := range m.Edits {
			m.Edits[i].at = again.Edits[i].at // blank lines before an edit are not kept
		}
		require.Equal(t, m, again)
	})
}

// edited is a mutant of one file, with these edits.
func edited(edits ...[]Line) *Mutant {
	m := &Mutant{Name: "bug", file: "bug.txt"}
	for i, lines := range edits {
		m.Edits = append(m.Edits, Edit{Path: "models/a.go", Lines: lines, at: 10 * (i + 1)})
	}
	return m
}

func TestApply(t *testing.T) {
	m := edited(
		[]Line{{Stays, "c"}, {Goes, "d"}, {Comes, "D"}, {Comes, "dd"}},
		[]Line{{Goes, "a"}, {Stays, "b"}},
	)
	m.Edits = append(m.Edits, Edit{Path: "raft/reference/b.go", Lines: []Line{{Goes, "x"}, {Comes, "\ty"}}})
	texts := map[string]string{"models/a.go": "a\nb\nc\nd\n", "raft/reference/b.go": "x\n\tx"}
	changed, err := m.Apply(func(path string) ([]byte, error) { return []byte(texts[path]), nil })
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{
		"models/a.go": []byte("b\nc\nD\ndd\n"), "raft/reference/b.go": []byte("\ty\n\tx"),
	}, changed)
}

func TestApply_error(t *testing.T) {
	const text = "a\nb\na\nc\n"
	tests := []struct {
		name   string
		mutant *Mutant
		want   string
	}{
		{"missing", edited([]Line{{Goes, "z"}}),
			`mutant bug: bug.txt:10: edit models/a.go: what it looks for is not in the source: no line "z"`},
		{"indented otherwise", edited([]Line{{Goes, "\tb"}}), `no line "\tb"`},
		{"not in a row", edited([]Line{{Stays, "b"}, {Goes, "c"}}),
			"it has all of the lines, and not one after the other"},
		{"twice", edited([]Line{{Goes, "b"}}, []Line{{Goes, "a"}, {Comes, "x"}}),
			`mutant bug: bug.txt:20: edit models/a.go: what it looks for is in the source 2 times, at lines 1 and 3`},
		{"overlapping", edited([]Line{{Goes, "b"}}, []Line{{Stays, "b"}, {Goes, "a"}}),
			`bug.txt:20: edit models/a.go: it overlaps another edit at line 2 of the source`},
		{"no change", edited([]Line{{Stays, "b"}}), `expected an edit that changes something`},
		{"elsewhere", &Mutant{Name: "bug", Edits: []Edit{{Path: "models/../go.go"}}},
			`expected a Go file, no test, in raft/reference, raft/paxos or models`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed, err := test.mutant.Apply(func(string) ([]byte, error) { return []byte(text), nil })
			require.ErrorContains(t, err, test.want)
			require.Nil(t, changed)
		})
	}
	gone := errors.New("gone")
	_, err := edited([]Line{{Goes, "a"}}).Apply(func(string) ([]byte, error) { return nil, gone })
	require.ErrorIs(t, err, gone)
	require.ErrorContains(t, err, "mutant bug: bug.txt:10: edit models/a.go: gone")
}
