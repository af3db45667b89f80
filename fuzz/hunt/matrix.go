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
)

// Matrix asks which engine finds which mutant, how fast, and with how small a
// counterexample. Each mutant's program hunts itself, in a process of its own, so
// that one that hangs or crashes takes nothing along.
type Matrix struct {
	Builder *mutant.Builder
	Mutants []*Row // as ReadRows returns them
	Engines []Engine
	Seconds float64 // of CPU time for each mutant, engine and seed
	// Seeds is how many seeds, from 1 on, a seeded engine gets: the next one if it found
	// the bug under the one before.
	Seeds   int
	Workers int // processes at once
	// Progress, if set, is told before something is begun how much was done of how much.
	Progress func(done, all int, what string)
	// Finished, if set, is told of a row when it has all that it will have.
	Finished func(*Row)
}

// Bounds on what a matrix may ask for.
const (
	MaxSeeds   = 1000
	MaxWorkers = 1024
)

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

// ReadRows returns a row for each mutant of a folder, in the order of their names. A
// file that is no mutant is a row with an error.
func ReadRows(folder string) ([]*Row, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("expected mutants, files NAME.txt, in %s, found none", folder)
	}
	var rows []*Row
	for _, file := range files {
		r := &Row{Name: strings.TrimSuffix(filepath.Base(file), ".txt")}
		text, err := os.ReadFile(file)
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

// job is what one engine does in one program, under one seed after the other.
type job struct {
	row  *Row
	cell *Cell
}

// matrixRun is a matrix under way.
type matrixRun struct {
	*Matrix
	ctx  context.Context
	rows []*Row // the reference's is the last
	jobs []*job
	sync.Mutex
	done, all int
}

// Run builds all programs first, all of them of one source, and then has them hunt.
// When ctx ends the table has what was found so far. Whatever is wrong with a
// mutant or its program is an error in its row. An error that is returned is a
// matrix that cannot be made.
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

// each has the workers do n things, in their order, until ctx ends.
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

// begin tells of what is begun.
func (r *matrixRun) begin(what string) {
	r.Lock()
	defer r.Unlock()
	if r.Progress != nil {
		r.Progress(r.done, r.all, what)
	}
}

func (r *matrixRun) build(row *Row) {
	r.begin("building " + row.Name)
	defer func() { r.Lock(); r.done++; r.Unlock() }()
	if row.Error != "" {
		return
	}
	var err error
	if row.program, err = r.Builder.Build(r.ctx, row.mutant); err == nil {
		err = tidy(row.program)
	}
	if err != nil && r.ctx.Err() == nil {
		row.Error = err.Error()
	}
}

// plan lists the hunts of a row whose program was built.
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

func (r *matrixRun) hunt(j *job) {
	for found := true; found && len(j.cell.hunts) < j.cell.seeds; {
		found = r.huntOnce(j)
	}
	if r.ctx.Err() != nil {
		return // it was told to stop
	}
	r.Lock()
	defer r.Unlock()
	r.done++
	j.cell.over = true
	if j.row.waiting--; j.row.waiting == 0 {
		r.finish(j.row)
	}
}

// huntOnce hunts under the next seed and reports whether something was found. A bug
// that an engine did not find, within its time, it is not asked for again.
func (r *matrixRun) huntOnce(j *job) bool {
	seed := uint64(len(j.cell.hunts) + 1)
	r.begin(fmt.Sprintf("%s: %s, seed %d", j.row.Name, j.cell.Engine, seed))
	err := r.rebuild(j.row)
	var report *Report
	if err == nil {
		report, err = runProgram(r.ctx, j.row.program, r.Builder.Root, j.cell.Engine, r.Seconds, seed)
	}
	switch {
	case err == nil:
		j.cell.hunts = append(j.cell.hunts, report)
	case r.ctx.Err() == nil:
		j.cell.Error = fmt.Sprintf("seed %d: %v", seed, err)
	}
	return err == nil && report.Killed
}

// rebuild builds a program again if somebody has removed it since, to make room. It
// must come out as it was.
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

// finish sums a row up.
func (r *matrixRun) finish(row *Row) {
	row.sum()
	if r.Finished != nil {
		r.Finished(row)
	}
}

// unusedFor is how long a program is kept that another one of the same mutant has
// replaced: it is not known who else is using it.
const unusedFor = time.Hour

// tidy notes that a program is used, and removes those of the same mutant that
// were not for long: of another source, they will not be asked for again.
func tidy(program string) error {
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
