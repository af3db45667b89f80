package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/campaign"
	"raftcheck/fuzz/page"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// errNotDrawn is the error of a page of a schedule whose system does not survive its boot, or
// the end of the run.
var errNotDrawn = errors.New("a system that does not survive the schedule is not drawn")

// drawn runs a schedule, and draws it. A page of a system that does not survive an event ends
// there, and one of a system that leaves goroutines is whole; one to play on is not drawn.
func drawn(r runner, form page.Form, s *faults.Schedule, title string) (page.Drawn, error) {
	var d page.Drawn
	var err error
	take := func(p apart.Part) {
		var part drawnPart
		if p.Get(&part); part.Error != "" {
			err = errors.New(part.Error)
		}
		d = part.Drawn
	}
	ended := r.Do("page", pageOrder{s.String(), title, form, nil}, take)
	if ended == nil {
		return d, cmp.Or(err, r.Err())
	}
	death := &ended.Result
	if form == page.Still && (d.Body != nil || death.Of(trial.Survival.Name).Event > 0) {
		d, err = page.Drawn{}, nil
		died := r.Once("page", pageOrder{s.String(), title, form, death}, take)
		if !died || d.Body != nil {
			return d, cmp.Or(err, r.Err())
		}
	}
	return page.Drawn{Lines: death.Lines(), Outcome: models.Violated}, errNotDrawn
}

// drawBeside runs a schedule, and writes its page beside its file.
func drawBeside(file string, r runner, s *faults.Schedule) (string, page.Drawn, error) {
	d, err := drawn(r, page.Still, s, trial.ShownName(filepath.Base(file)))
	if errors.Is(err, errNotDrawn) {
		return "", d, err
	}
	if err != nil {
		return "", d, fmt.Errorf("%s: %w", trial.ShownName(file), err)
	}
	name := pageBeside(file)
	return name, d, writePage(name, d.Body)
}

// pageBeside is the page of a schedule's file.
func pageBeside(file string) string { return strings.TrimSuffix(file, ".txt") + ".html" }

// draw writes a page beside the file of each finding, until ctx ends: it reports how many
// have none then.
func (k *findings) draw(ctx context.Context, r *fuzz.Report, system raft.System) (err error) {
	runner := newRunner(ctx, system)
	defer runner.Close()
	missing := 0
	for _, f := range r.Findings.InTurn() {
		file := k.files[f]
		if file == "" {
			continue
		}
		s := f.Schedule.Clone()
		s.Golden = f.Lines
		var failed error
		if ctx.Err() == nil {
			_, _, failed = drawBeside(file, runner, s)
		}
		switch {
		case ctx.Err() != nil:
			missing++
		case !errors.Is(failed, errNotDrawn):
			err = errors.Join(err, failed)
		}
	}
	if missing > 0 {
		fmt.Fprintf(k.errs, "%s: ended before the pages of %s were drawn; '%s show FILE' draws one\n",
			name, plural(missing, "finding"), program)
	}
	return err
}

// drawCampaign writes the page of a campaign into its folder, and a page beside the file of
// each finding that the system can run. Once ctx has ended it runs none, and the page of the
// campaign links those that are there.
func drawCampaign(
	ctx context.Context, folder *campaign.Folder, r *campaign.Report, runner runner,
) error {
	pages := map[string]string{}
	for _, f := range r.Findings {
		s, err := faults.Parse(f.File, []byte(f.Smallest.Text), serviceSet)
		if err != nil || s.Suits(runner.System()) != nil {
			continue // of another build; the report says so
		}
		file := filepath.Join(folder.Path, "findings", f.File)
		if ctx.Err() == nil {
			_, _, err = drawBeside(file, runner, s)
		}
		if errors.Is(err, errNotDrawn) {
			continue
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if _, err := os.Stat(pageBeside(file)); err == nil {
			pages[f.File] = "findings/" + filepath.Base(pageBeside(file))
		}
	}
	var drawn bytes.Buffer
	if err := r.WritePage(&drawn, func(file string) string { return pages[file] }); err != nil {
		return err
	}
	return writePage(filepath.Join(folder.Path, "campaign.html"), drawn.Bytes())
}
