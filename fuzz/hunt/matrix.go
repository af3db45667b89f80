package hunt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"raftcheck/fuzz/mutant"
	"raftcheck/fuzz/trial"
)

// Matrix measures which engine finds which mutant, how fast, and how small its
// counterexample is. Each mutant's program hunts itself in a process of its own, so that
// a program that hangs or crashes affects no other.
type Matrix struct {
	Builder *mutant.Builder
	Mutants []*Row // as ReadRows returns them
	Engines []Engine
	Seconds float64 // of CPU time for each mutant, engine and seed
	// Outcomes makes outcomes alone count, as in [Hunt].
	Outcomes bool
	// Seeds is the number of seeds for a seeded engine, from 1 on. It gets the next seed
	// only if it found the bug under the one before.
	Seeds   int
	Workers int // processes that run at the same time
	// Progress, if set, is called before each task with the tasks done so far, the number
	// of all tasks, and the name of the task.
	Progress func(done, all int, task string)
	// Finished, if set, is called with each row when all its hunts are over.
	Finished func(*Row)
}

// Limits of a matrix.
const (
	MaxSeeds   = 1000
	MaxWorkers = 1024
)

// validate returns an error that names the field with which the matrix cannot run.
func (x *Matrix) validate() error {
	switch {
	case len(x.Mutants) == 0:
		return errors.New("expected mutants, found none")
	case len(x.Engines) == 0:
		return errors.New("expected engines, found none")
	case !(x.Seconds > 0 && x.Seconds <= MaxSeconds):
		return fmt.Errorf("expected more than 0 and at most %d seconds, found %v", MaxSeconds, x.Seconds)
	case x.Seeds < 1 || x.Seeds > MaxSeeds:
		return fmt.Errorf("expected seeds from 1 to %d, found %d", MaxSeeds, x.Seeds)
	case x.Workers < 1 || x.Workers > MaxWorkers:
		return fmt.Errorf("expected workers from 1 to %d, found %d", MaxWorkers, x.Workers)
	}
	return nil
}

// maxMutants bounds the mutants of a folder: each is built and hunted.
const maxMutants = 1000

// ReadRows returns a row for each mutant in a folder, in the order of their names. A
// file that cannot be read as a mutant becomes a row with an error.
func ReadRows(folder string) ([]*Row, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	switch folder := trial.ShownName(folder); {
	case len(files) == 0:
		return nil, fmt.Errorf("expected mutants, files NAME.txt, in %s, found none", folder)
	case len(files) > maxMutants:
		return nil, fmt.Errorf("expected at most %d mutants in %s, found %d", maxMutants, folder, len(files))
	}
	var rows []*Row
	for _, file := range files {
		r := &Row{Name: trial.ShownName(strings.TrimSuffix(filepath.Base(file), ".txt"))}
		text, err := trial.ReadFile(file, mutant.MaxFileBytes)
		if err == nil {
			r.mutant, err = mutant.Parse(filepath.ToSlash(file), text)
		}
		if err != nil {
			r.Error = err.Error()
		} else {
			r.Properties = r.mutant.Properties
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b *Row) int { return strings.Compare(a.Name, b.Name) })
	return rows, nil
}

// job is the hunts of one engine in one program, one seed after the other.
type job struct {
	row  *Row
	cell *Cell
}

// matrixRun is a matrix under way.
type matrixRun struct {
	*Matrix
	ctx  context.Context
	rows []*Row // the last is the reference's
	jobs []*job
	sync.Mutex
	done, all int
}

// Run builds all programs, from the same source, and then runs their hunts. If ctx ends,
// the table holds the results so far. An error of a mutant or its program is in its
// row. The returned error is of a matrix that cannot run.
func (x *Matrix) Run(ctx context.Context) (*Table, error) {
	if err := x.validate(); err != nil {
		return nil, err
	}
	r := &matrixRun{Matrix: x, ctx: ctx}
	reference := &Row{Name: "reference"}
	r.rows = append(slices.Clone(x.Mutants), reference)
	r.all = len(r.rows)
	r.each(len(r.rows), func(i int) { r.build(r.rows[i]) })
	for _, row := range r.rows {
		r.plan(row)
	}
	r.done, r.all = 0, len(r.jobs)
	r.each(len(r.jobs), func(i int) { r.hunt(r.jobs[i]) })
	t := &Table{
		Seconds: x.Seconds, Seeds: x.Seeds, Mutants: x.Mutants, Reference: reference, Stopped: ctx.Err() != nil,
	}
	for _, e := range x.Engines {
		t.Engines = append(t.Engines, e.Name)
	}
	for _, row := range r.rows {
		if row.waiting > 0 {
			r.finish(row)
		}
	}
	t.sum()
	return t, nil
}

// each calls do n times, in order, on the workers in parallel, until ctx ends.
func (r *matrixRun) each(n int, do func(int)) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var group sync.WaitGroup
	for range min(r.Workers, n) {
		group.Go(func() {
			for i := range next {
				if r.ctx.Err() == nil {
					do(i)
				}
			}
		})
	}
	group.Wait()
}

// begin reports the start of a task.
func (r *matrixRun) begin(task string) {
	r.Lock()
	defer r.Unlock()
	if r.Progress != nil {
		r.Progress(r.done, r.all, task)
	}
}

// build builds the program of a row.
func (r *matrixRun) build(row *Row) {
	r.begin("building " + row.Name)
	defer func() { r.Lock(); r.done++; r.Unlock() }()
	if row.Error != "" {
		return
	}
	var err error
	if row.program, err = r.Builder.Build(r.ctx, row.mutant); err == nil {
		err = removeUnused(row.program)
	}
	if err != nil && r.ctx.Err() == nil {
		row.Error = err.Error()
	}
}

// plan adds the cells of a row, and a job for each if the program was built.
func (r *matrixRun) plan(row *Row) {
	for _, e := range r.Engines {
		c := &Cell{Engine: e.Name, seeds: 1}
		if e.Seeded {
			c.seeds = r.Seeds
		}
		row.Cells = append(row.Cells, c)
		if row.program != "" {
			row.waiting++
			r.jobs = append(r.jobs, &job{row, c})
		}
	}
}

// hunt runs the hunts of a job, and finishes the row after its last job.
func (r *matrixRun) hunt(j *job) {
	for found := true; found && len(j.cell.hunts) < j.cell.seeds; {
		found = r.huntOnce(j)
	}
	if r.ctx.Err() != nil {
		return // interrupted, so that the job is not done
	}
	r.Lock()
	defer r.Unlock()
	r.done++
	j.cell.over = true
	if j.row.waiting--; j.row.waiting == 0 {
		r.finish(j.row)
	}
}

// huntOnce hunts under the next seed and reports whether a violation was found. An
// engine that finds nothing under one seed gets no further seeds.
func (r *matrixRun) huntOnce(j *job) bool {
	seed := uint64(len(j.cell.hunts) + 1)
	r.begin(fmt.Sprintf("%s: %s, seed %d", j.row.Name, j.cell.Engine, seed))
	err := r.rebuild(j.row)
	var report *Report
	if err == nil {
		report, err = runProgram(r.ctx, j.row.program, r.Builder.Root, j.cell.Engine, r.Seconds, seed, r.Outcomes)
	}
	switch {
	case err == nil:
		j.cell.hunts = append(j.cell.hunts, report)
	case r.ctx.Err() == nil:
		j.cell.Error = fmt.Sprintf("seed %d: %v", seed, err)
	}
	return err == nil && report.Killed
}

// rebuild builds a program again if it was removed since, to make room. The result must
// be the same program.
func (r *matrixRun) rebuild(row *Row) error {
	if _, err := os.Stat(row.program); err == nil {
		return nil
	}
	program, err := r.Builder.Build(r.ctx, row.mutant)
	if err == nil && program != row.program {
		err = errors.New("its program was removed, and the source has changed since it was built")
	}
	return err
}

// finish computes the numbers of a row and reports it.
func (r *matrixRun) finish(row *Row) {
	row.sum()
	if r.Finished != nil {
		r.Finished(row)
	}
}

// unusedFor is the time for which the program of an older source is kept: another
// matrix may be using it.
const unusedFor = time.Hour

// removeUnused marks a program as used, and removes programs of the same mutant that
// were not used for long. They are of another source, which will not be built again.
func removeUnused(program string) error {
	now := time.Now()
	if err := os.Chtimes(program, now, now); err != nil {
		return err
	}
	sum := strings.LastIndexByte(program, '-') + 1
	others, err := filepath.Glob(program[:sum] + strings.Repeat("[0-9a-f]", len(program)-sum))
	if err != nil {
		return err
	}
	for _, other := range others {
		if info, err := os.Stat(other); err == nil && now.Sub(info.ModTime()) > unusedFor {
			os.Remove(other)
		}
	}
	return nil
}
