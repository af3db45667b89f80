package campaign

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestKnown: a known finding does not fail the run and says when it no longer fails; an
// unknown one does.
func TestKnown(t *testing.T) {
	folder := create(t)
	runPart(t, folder, all, -1)
	total, err := folder.Merge()
	require.NoError(t, err)
	report := NewReport(t.Context(), asked, total, nil, "later", newRunner())
	require.Equal(t, "violated", report.Outcome().String())
	known := filepath.Join(folder.Path, "known")
	require.NoError(t, os.Mkdir(known, 0o755))
	for _, f := range report.Findings {
		require.Equal(t, "new", f.Standing("later"))
		require.Equal(t, f.Smallest.Text, read(t, folder, "findings/"+f.File))
		text := "# a local read is stale by design\n" + f.Smallest.Text
		require.NoError(t, os.WriteFile(filepath.Join(known, f.File), []byte(text), 0o644))
	}
	list, err := folder.Known(services.All())
	require.NoError(t, err)
	report = NewReport(t.Context(), asked, total, list, "later", newRunner())
	require.Equal(t, "held", report.Outcome().String())
	require.Equal(t, "known", report.Findings[0].Standing("later"))
	require.Equal(t, "a local read is stale by design", report.Findings[0].Why)
	require.True(t, report.Known[0].Now.Fails())

	mended := trial.NewRunner(renamed{reference.System{}}, services.All())
	report = NewReport(t.Context(), asked, total, list, "later", mended)
	require.False(t, report.Known[0].Now.Fails())
	report = NewReport(t.Context(), asked, total, nil, "later", mended)
	require.Equal(t, "gone", report.Findings[0].Standing("later"))
	require.Equal(t, "held", report.Outcome().String())
}

// TestRecall: a known finding that comes back fails the run, until its file is another one.
func TestRecall(t *testing.T) {
	folder := create(t)
	runPart(t, folder, all, -1)
	total, err := folder.Merge()
	require.NoError(t, err)
	list := knownOf(NewReport(t.Context(), asked, total, nil, "one", newRunner()))
	mended := trial.NewRunner(renamed{reference.System{}}, services.All())
	for _, step := range []struct {
		build          string
		runner         *trial.Runner
		outcome, stand string
	}{
		{"one", newRunner(), "held", "known"}, {"two", mended, "held", "known"}, {"three", mended, "held", "known"},
		{"four", newRunner(), "violated", "back"}, {"five", newRunner(), "violated", "back"},
	} {
		report := NewReport(t.Context(), asked, total, list, step.build, step.runner)
		require.NoError(t, folder.Recall(report))
		require.Equal(t, step.outcome, report.Outcome().String(), step.build)
		require.Equal(t, step.stand, report.Findings[0].Standing(step.build), step.build)
		if step.stand == "back" {
			require.Equal(t, "two", report.Known[0].Back, "the first build on which it did not fail")
		}
	}
	for i := range list {
		list[i].Schedule.Prose = append(list[i].Schedule.Prose, "and again")
	}
	report := NewReport(t.Context(), asked, total, list, "five", newRunner())
	require.NoError(t, folder.Recall(report))
	require.Equal(t, "held", report.Outcome().String(), "with other words it is another one")
	require.Equal(t, 1, strings.Count(read(t, folder, "gone.log"), list[0].Name))
}

// knownOf are the findings of a report as known ones.
func knownOf(r *Report) (list []Known) {
	for _, f := range r.Findings {
		s, err := faults.Parse(f.File, []byte("# why\n"+f.Smallest.Text), services.All())
		if err != nil {
			panic(err)
		}
		list = append(list, Known{f.File, "why", KeyOf(s), s})
	}
	return list
}

// renamed is a system under the name of the faulty one.
type renamed struct{ raft.System }

func (renamed) Name() string { return faulty.Name() }

// TestReadKnown_bad: a file that cannot name a finding says what it lacks.
func TestReadKnown_bad(t *testing.T) {
	const schedule = "system reference\nnodes  3\nrand   1\n\nsettle\n"
	const stuck = "----\nviolated Liveness: stuck\n"
	for text, want := range map[string]string{
		schedule: "expected a first line of prose",
		"# violated Liveness: stuck.\n" + schedule + stuck: "expected a first line of prose",
		"# by design\n" + schedule:                         "expected the verdict that is known below ----",
		"# by design\n" + schedule + "----\nheld\n":        "expected the verdict that is known below ----",
		"# by design\nhello\n":                             "known.txt:2: ",
	} {
		file := filepath.Join(t.TempDir(), "known.txt")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		_, err := ReadKnown(file, services.All())
		require.ErrorContains(t, err, want)
	}
	_, err := ReadKnown("nowhere.txt", services.All())
	require.True(t, errors.Is(err, fs.ErrNotExist))
}
