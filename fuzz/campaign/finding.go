package campaign

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/models/trace"
)

// Finding is a set of signs, however many schedules show it.
type Finding struct {
	Property string `json:"property"`
	// Blocks is how many blocks have it: of each block, the first schedule that violates a
	// property first is shrunk and sorted.
	Blocks   int     `json:"blocks"`
	First    Seen    `json:"first"`
	Last     Seen    `json:"last"`
	Smallest Example `json:"smallest"`
	// Builds is how many of the blocks each build of the program ran.
	Builds map[string]int `json:"builds"`
}

// Seen is the schedule that showed a finding, and the build of the program.
type Seen struct {
	Schedule int    `json:"schedule"`
	Build    string `json:"build"`
}

// Example is a shrunk schedule, as a file that replays it.
type Example struct {
	Events  int    `json:"events"`
	Shape   string `json:"shape"` // families of its events
	Verdict string `json:"verdict"`
	Text    string `json:"text"`
	// Violated of Runs is how often it failed, of a system that is not deterministic.
	Violated int `json:"violated,omitempty"`
	Runs     int `json:"runs,omitempty"`
}

// newFinding describes the shrunk finding of a block.
func newFinding(f *fuzz.Finding, described *faults.Schedule, build string) *Finding {
	seen := Seen{f.Number, build}
	return &Finding{
		Property: f.Property, Blocks: 1, First: seen, Last: seen,
		Builds: map[string]int{build: 1},
		Smallest: Example{
			Events: len(f.Schedule.Events), Shape: shapeOf(f.Schedule), Verdict: f.Verdict, Text: described.String(),
			Violated: f.Recurrence.Violated, Runs: f.Recurrence.Runs,
		},
	}
}

// with is the sum for different schedules.
func (f *Finding) with(o *Finding) *Finding {
	sum := *f
	sum.Blocks += o.Blocks
	sum.Builds = maps.Clone(f.Builds)
	merge(&sum.Builds, o.Builds, plus)
	if o.First.Schedule < f.First.Schedule {
		sum.First = o.First
	}
	if o.Last.Schedule > f.Last.Schedule {
		sum.Last = o.Last
	}
	if o.Smallest.compare(f.Smallest) < 0 {
		sum.Smallest = o.Smallest
	}
	return &sum
}

// compare orders examples: the smallest first.
func (e Example) compare(o Example) int {
	return cmp.Or(cmp.Compare(e.Events, o.Events), cmp.Compare(len(e.Text), len(o.Text)),
		cmp.Compare(e.Text, o.Text))
}

// notOfNames are characters that lead elsewhere, or do not belong into names of files.
var notOfNames = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\pL\pN._+-]`) })

// FileName is the name of the file of a finding, by its key. A key that a file of the folder
// names may be any text, and the file lies in the folder of findings all the same.
func FileName(key string) string {
	property := notOfNames().ReplaceAllString(strings.ToLower(propertyOf(key)), "-")
	return fmt.Sprintf("%s-%08x.txt", property, uint32(trace.HashBytes(4, []byte(key))))
}

// writeFindings writes the smallest schedule of each finding, where it is not there yet.
func (f *Folder) writeFindings(t *Tally) error {
	for key, one := range t.Findings {
		name, text := "findings/"+FileName(key), []byte(one.Smallest.Text)
		there, err := trial.ReadFile(filepath.Join(f.Path, name), len(text))
		if err == nil && bytes.Equal(there, text) {
			continue
		}
		if err := trial.WriteWhole(f.Path, name, text); err != nil {
			return err
		}
	}
	return nil
}
