package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models/services"
)

// sized is a finding whose smallest schedule has so many events, of these families.
func sized(events int, shape string) *Finding {
	return &Finding{Blocks: 1, Builds: map[string]int{"b": 1}, Smallest: Example{Events: events, Shape: shape}}
}

// TestBugs: a finding is of the bug of the smallest one that has a third of its signs, and whose
// families of events it has, or which has its own. Findings of a row are ever larger.
func TestBugs(t *testing.T) {
	type finding struct{ key, shape string }
	for name, test := range map[string]struct {
		findings []finding
		want     [][]string
	}{
		"nothing": {nil, nil},
		"a third of the signs": {[]finding{{"A | B | C", ""}, {"A", ""}, {"A | B | C | D", ""}},
			[][]string{{"A | B | C", "A", "A | B | C | D"}}},
		"a fourth":        {[]finding{{"A", ""}, {"A | B | C | D", ""}}, [][]string{{"A"}, {"A | B | C | D"}}},
		"no chain of two": {[]finding{{"A", ""}, {"A | B", ""}, {"B", ""}}, [][]string{{"A", "A | B"}, {"B"}}},
		"the most alike one": {[]finding{{"A | B | C", ""}, {"C | D | E | F", ""}, {"C | D", ""}},
			[][]string{{"A | B | C"}, {"C | D | E | F", "C | D"}}},
		"shapes that nest":   {[]finding{{"A", "disk"}, {"A | B", "disk link"}}, [][]string{{"A", "A | B"}}},
		"shapes that do not": {[]finding{{"A", "disk"}, {"A | B", "link"}}, [][]string{{"A"}, {"A | B"}}},
	} {
		findings := map[string]*Finding{}
		for i, f := range test.findings {
			findings[f.key] = sized(i, f.shape)
		}
		var got [][]string
		for _, b := range (&Tally{Findings: findings}).Bugs() {
			got = append(got, b.Keys)
			require.Equal(t, len(b.Keys), b.Blocks, name)
		}
		require.Equal(t, test.want, got, name)
	}
	same := map[string]*Finding{"B": sized(1, ""), "A": sized(1, "")}
	require.Equal(t, []string{"A"}, (&Tally{Findings: same}).Bugs()[0].Keys, "the order is that of the keys")
}

// TestBugs_known: a known finding is a bug before any is found, and one of which nothing is
// found is none.
func TestBugs_known(t *testing.T) {
	s := &faults.Schedule{Nodes: 3, Events: []faults.Event{{Kind: faults.Crash, Node: 1}}}
	known := []Judged{
		{Known: Known{Name: "other", Key: "Z", Schedule: s}},
		{Known: Known{Name: "that", Key: "A | B", Schedule: s}},
	}
	list := bugs(map[string]*Finding{"A": sized(1, ""), "C": sized(2, "process")}, known)
	require.Len(t, list, 2)
	require.Equal(t, "that", list[0].known.Name)
	require.Equal(t, []string{"A"}, list[0].Keys)
	require.Nil(t, list[1].known)
}

// TestShapeOf: the shape has no events that are there in nearly every schedule.
func TestShapeOf(t *testing.T) {
	const header = "system reference\nnodes  3\nrand   1\n\n"
	for events, want := range map[string]string{
		"timeout 1\npersist 1\ndeliver 1->2\nsettle\nheal k=400\n": "",
		"cut 1 | 2 3\ntimeout 1\ncrash 2\ncut 2 | 1 3\nfail 1\n":   "disk link process",
	} {
		s, err := faults.Parse("shape.txt", []byte(header+events), services.All())
		require.NoError(t, err)
		require.Equal(t, want, shapeOf(s))
	}
}
