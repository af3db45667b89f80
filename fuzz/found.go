package fuzz

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"raftcheck/faults"
	"raftcheck/models/trace"
)

// FileName is the finding's name below testdata: the property, and a hash of
// the schedule as it was found, so that shrinking replaces the file.
func (f *Finding) FileName() string {
	return path.Join("found", fmt.Sprintf("%s-%08x.txt", strings.ToLower(f.Property), uint32(f.Hash)))
}

// NewFinding is a schedule whose run violates a property.
func NewFinding(property string, s *faults.Schedule, r *Result) *Finding {
	return &Finding{
		Property: property, Schedule: s, Hash: scheduleHash(s),
		Verdict: r.Of(property).String(), Lines: r.Lines(), Events: len(s.Events), traceHash: r.TraceHash,
	}
}

// scheduleHash is a hash of what a schedule does, its prose left out.
func scheduleHash(s *faults.Schedule) uint64 {
	bare := *s
	bare.Prose, bare.Notes, bare.Golden = nil, nil, nil
	return trace.HashBytes(3, []byte(bare.String()))
}

// Describe gives the finding's schedule the prose and the verdict of a
// counterexample file; origin says where it came from.
func (f *Finding) Describe(origin string) *faults.Schedule {
	s := f.Schedule.Clone()
	for _, line := range f.Lines {
		s.Prose = append(s.Prose, line+".")
	}
	story := fmt.Sprintf("found     %s", origin)
	if f.Shrunk {
		story += fmt.Sprintf("; shrunk %d -> %d events", f.Events, len(s.Events))
	}
	s.Prose = append(s.Prose, "property  "+f.Property+" ("+sourceOf(f.Property)+")", story)
	s.Golden = f.Lines
	return s
}

// sourceOf says where a property is promised.
func sourceOf(property string) string {
	for _, p := range Properties() {
		if p.Name == property {
			return p.Source
		}
	}
	return "unknown"
}

// WriteBelow writes a schedule to a file below a folder, which is made if it
// is not there. A name that leads out of the folder is refused. The file is
// there whole or not at all.
func WriteBelow(folder, name string, s *faults.Schedule) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := root.WriteFile(name+".part", []byte(s.String()), 0o644); err != nil {
		return err
	}
	return root.Rename(name+".part", name)
}

// ReadSchedule reads a schedule file.
func ReadSchedule(file string) (*faults.Schedule, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	// One byte more than Parse allows is enough for it to refuse the rest.
	if _, err := text.ReadFrom(io.LimitReader(f, faults.MaxFileBytes+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return faults.Parse(file, text.Bytes())
}
