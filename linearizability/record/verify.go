package record

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"raftcheck/linearizability"
	"raftcheck/linearizability/model"
)

// Folder is where a failed test leaves its history, below the test's own folder.
const Folder = "testdata/histories"

// Verify judges the history that was recorded, and fails the test unless it is
// linearizable: a history that is not, or whose search was given up, or that was
// recorded wrongly. On failure it writes the history and its picture to [Folder],
// under the name of the test; "raftcheck judge" reads the former if the words are
// those of its models. Call it once the clients have ended.
func Verify(t testing.TB, spec linearizability.Spec, r *Recorder) {
	t.Helper()
	h, err := r.History()
	if err != nil {
		t.Errorf("the history was not recorded as it happened: %v", err)
		return
	}
	result := linearizability.Check(spec, h)
	if result.Outcome == linearizability.Linearizable {
		return
	}
	t.Errorf("%v: %s", result.Outcome, model.Reason(spec, result, h))
	files, err := write(t.Name(), spec, h)
	if err != nil {
		t.Errorf("the history was not written: %v", err)
	}
	for _, file := range files {
		t.Logf("wrote %s", file)
	}
}

// write writes the history as text, and as a page. Each is written though the
// other cannot be.
func write(test string, spec linearizability.Spec, h linearizability.History) (files []string, err error) {
	if err := os.MkdirAll(Folder, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(Folder, fileName(test))
	text, unwritable := linearizability.File{
		Prose: []string{"Clients of " + test + "."}, Model: spec.Name, History: h,
	}.AppendText(nil)
	if unwritable == nil {
		unwritable = os.WriteFile(path+".txt", text, 0o644)
	}
	if unwritable == nil {
		files = append(files, path+".txt")
	}
	drawn := draw(path+".html", spec, h)
	if drawn == nil {
		files = append(files, path+".html")
	}
	return files, errors.Join(unwritable, drawn)
}

func draw(path string, spec linearizability.Spec, h linearizability.History) error {
	var page strings.Builder
	if err := linearizability.WritePicture(&page, spec, h, nil); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(page.String()), 0o644)
}

// fileName is the name of a test as a name of a file.
func fileName(test string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == ':' || r < ' ' {
			return '-'
		}
		return r
	}, test)
}
