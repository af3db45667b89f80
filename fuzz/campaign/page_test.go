package campaign

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
)

// TestWritePage: the page has the verdicts, every goal, the heals and a link to the page of
// each finding that has one, and requests nothing.
func TestWritePage(t *testing.T) {
	folder := create(t)
	runPart(t, folder, Plan{Shard: 1, Shards: 1}, schedules)
	tally, err := folder.Merge()
	require.NoError(t, err)
	runner := newRunner()
	r := NewReport(t.Context(), asked, tally, nil, "build", runner)
	r.Reach(trial.GoalsOf(services.All()), services.All(), runner.System())
	require.NotEmpty(t, r.Findings)
	tally.Builds["later"] = 8
	var b bytes.Buffer
	require.NoError(t, r.WritePage(&b, func(file string) string {
		return "findings/" + strings.TrimSuffix(file, ".txt") + ".html"
	}))
	page := b.String()
	require.Contains(t, page, "<title>violated · campaign of reference&#43;read-at-once</title>")
	for _, f := range r.Findings {
		require.Contains(t, page, `<a href="findings/`+strings.TrimSuffix(f.File, ".txt")+`.html">`)
	}
	require.Contains(t, page, "<br>seen in 1 of 2 versions, last build")
	for _, name := range append(r.Properties, r.Reachable...) {
		require.Contains(t, page, "<th>"+name+"</th>")
	}
	heals := 0
	for _, n := range tally.Heals {
		heals += n
	}
	require.Positive(t, heals)
	require.LessOrEqual(t, heals, 2*schedules, "a schedule heals at its end, and some in plays")
	require.Empty(t, regexp.MustCompile(`(?i)(src|href)="?(https?:)?//|@import|url\(`).FindAllString(page, -1))
	require.Equal(t, 2, strings.Count(page, `<path class="line"`))
	require.ErrorContains(t, r.WritePage(full{}, func(string) string { return "" }), "no room")
}

// TestGoals_overTime: the goals are in the order in which they were reached, and their
// number grows up to all that were.
func TestGoals_overTime(t *testing.T) {
	r := &Report{Asked: asked, Reachable: []string{"c", "b", "a"}, Tally: &Tally{
		Done:  Spans{{0, 32}},
		Goals: map[string]Reached{"a": {Schedules: 9}, "b": {Schedules: 2}},
		Pairs: map[string]Sighting{"a b": {2, 16}, "a x": {3, 0}},
	}}
	require.Equal(t, []goal{{"a", 9, 0}, {"b", 2, 16}, {"c", 0, -1}}, r.goals())
	require.Equal(t, []dot{{8, 1}, {24, 2}, {32, 2}}, r.goalsOverTime())
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }
