package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz"
	keep "raftcheck/fuzz/campaign"
	"raftcheck/fuzz/page"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// drawBeside runs a schedule, and writes its page beside its file.
func drawBeside(file string, system raft.System, s *faults.Schedule) (string, trial.Result, error) {
	run, result := page.Record(system, serviceSet, s, trial.ShownName(filepath.Base(file)))
	var drawn bytes.Buffer
	if err := run.Write(&drawn); err != nil {
		return "", result, fmt.Errorf("%s: %w", trial.ShownName(file), err)
	}
	name := strings.TrimSuffix(file, ".txt") + ".html"
	return name, result, writePage(name, drawn.Bytes())
}

// draw writes a page beside the file of each finding that the system survives: a page is
// drawn in this process.
func (k *findings) draw(ctx context.Context, r *fuzz.Report, system raft.System) (err error) {
	runner := newRunner(ctx, system)
	defer runner.Close()
	for _, f := range r.Findings {
		if file := k.files[f.Property]; file != "" && survives(runner, f) {
			s := f.Schedule.Clone()
			s.Golden = f.Lines
			_, _, failed := drawBeside(file, system, s)
			err = errors.Join(err, failed)
		}
	}
	return err
}

// survives reports whether the system survives the schedule of a finding.
func survives(runner runner, f *fuzz.Finding) bool {
	if f.Property == trial.Survival.Name {
		return false
	}
	result := runner.Run(f.Schedule)
	return result.Of(trial.Survival.Name).Outcome != models.Violated && runner.Err() == nil
}

// drawCampaign writes the page of a campaign into its folder, and a page beside the file of
// each finding that the system can run.
func drawCampaign(folder *keep.Folder, r *keep.Report, system raft.System) error {
	pages := map[string]string{}
	for _, f := range r.Findings {
		s, err := faults.Parse(f.File, []byte(f.Smallest.Text), serviceSet)
		if err != nil || s.Suits(system) != nil {
			continue // of another build; the report says so
		}
		name, _, err := drawBeside(filepath.Join(folder.Path, "findings", f.File), system, s)
		if err != nil {
			return err
		}
		pages[f.File] = "findings/" + filepath.Base(name)
	}
	var drawn bytes.Buffer
	if err := r.WritePage(&drawn, func(file string) string { return pages[file] }); err != nil {
		return err
	}
	return writePage(filepath.Join(folder.Path, "campaign.html"), drawn.Bytes())
}
