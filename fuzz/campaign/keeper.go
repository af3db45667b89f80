package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
)

// Keeper hands out the schedules of a campaign that are not done, and keeps their results.
// Its methods Take and Keep are those of a [fuzz.Campaign].
type Keeper struct {
	plan    Plan
	asked   Asked
	build   string
	goals   trial.Goals
	runner  Runner   // for shrinking
	journal *journal // nil if nothing is written
	locked  *lock

	taking sync.Mutex // of the fields below it
	done   Spans      // numbers that were done before
	from   int        // the block to look at next
	block  Span       // numbers of the current block that are not handed out yet
	open   []*block   // those handed out and not kept, in ascending order
	ended  bool

	total *Tally // of the folder and this run
	kept  int    // schedules of this run
	often sightings
	cut   bool // shrinking was cut short: the block is not kept, and none after it
	err   error
}

// Runner runs schedules of findings, in this process or in one apart.
type Runner interface {
	trial.Executor
	// Services returns those that clients can use.
	Services() service.Set
}

// Plan is the part of a campaign that a process does.
type Plan struct {
	Shard, Shards int         // block i is of shard i % Shards + 1
	Limit         int         // the campaign has the numbers below, and the rest of the last one's block
	Enough        func() bool // asked before each block; true hands out no more
}

// Name names the shard.
func (p Plan) Name() string { return fmt.Sprintf("%d-of-%d", p.Shard, p.Shards) }

// Start locks a shard of a folder, and returns its keeper.
func (f *Folder) Start(plan Plan, runner Runner, build string) (*Keeper, error) {
	locked, err := f.lock(plan.Name())
	if errors.Is(err, errHeld) {
		return nil, fmt.Errorf("another process runs shard %d of %d of the campaign in this folder",
			plan.Shard, plan.Shards)
	}
	if err != nil {
		return nil, err
	}
	total, err := f.Tally()
	if err != nil {
		locked.unlock()
		return nil, err
	}
	k := NewKeeper(f.Asked, plan, runner, build)
	k.done, k.total, k.locked = slices.Clone(total.Done), total, locked
	if k.journal, err = createJournal(f.Path, plan.Name(), f.Asked); err != nil {
		locked.unlock()
		return nil, err
	}
	return k, nil
}

// NewKeeper returns a keeper that keeps in memory alone.
func NewKeeper(asked Asked, plan Plan, runner Runner, build string) *Keeper {
	return &Keeper{
		plan: plan, asked: asked, build: build, goals: trial.GoalsOf(runner.Services()), runner: runner,
		total: &Tally{}, often: newSightings(),
	}
}

// Close ends the keeper, and makes its journal durable. Blocks that are not done are lost.
// The error is the first one of keeping, after which nothing was kept.
func (k *Keeper) Close() error {
	err := k.err
	if k.journal != nil {
		err = errors.Join(err, k.journal.close())
	}
	if k.locked != nil {
		k.locked.unlock()
	}
	return err
}

// Total is the tally of the campaign so far, in this run and before.
func (k *Keeper) Total() *Tally { return k.total }

// Kept is how many schedules this run has kept.
func (k *Keeper) Kept() int { return k.kept }

// Take returns the next number to do, and false if there is none. It may be called at
// any time.
func (k *Keeper) Take() (int, bool) {
	k.taking.Lock()
	defer k.taking.Unlock()
	if k.block.From == k.block.To && !k.next() {
		return 0, false
	}
	k.block.From++
	return k.block.From - 1, true
}

// next takes the next block of the shard that has numbers to do.
func (k *Keeper) next() bool {
	size := k.asked.Block
	for k.ended = k.ended || k.plan.Enough != nil && k.plan.Enough(); !k.ended; {
		b := Span{k.from, k.from + size}
		if k.from = b.To; b.From >= k.plan.Limit {
			k.ended = true
			break
		}
		if b.From/size%k.plan.Shards == k.plan.Shard-1 && !k.done.Meets(b) {
			k.block = b
			k.open = append(k.open, newBlock(b, &k.often))
			return true
		}
	}
	return false
}

// Keep keeps the result of a schedule, and each block that is done with it.
func (k *Keeper) Keep(ctx context.Context, number int, r *trial.Result, s *faults.Schedule) {
	if k.stopped() {
		return
	}
	k.taken(number).add(number, r, s, k.runner.System())
	for b := k.finished(); b != nil && !k.stopped(); b = k.finished() {
		k.err = k.publish(ctx, b)
	}
}

// taken returns the open block of a number.
func (k *Keeper) taken(number int) *block {
	k.taking.Lock()
	defer k.taking.Unlock()
	for _, b := range k.open {
		if b.span.From <= number && number < b.span.To {
			return b
		}
	}
	panic(fmt.Sprintf("nobody took schedule %d", number))
}

// finished removes the first open block and returns it if it is done, nil otherwise.
func (k *Keeper) finished() *block {
	k.taking.Lock()
	defer k.taking.Unlock()
	if len(k.open) == 0 || k.open[0].left > 0 {
		return nil
	}
	b := k.open[0]
	k.open = k.open[1:]
	return b
}

// publish shrinks and sorts the findings of a block, and appends the block to the journal.
func (k *Keeper) publish(ctx context.Context, b *block) error {
	t := b.tally(k.build, k.goals)
	for _, f := range b.found.InTurn() {
		if f.Shrink(ctx, k.runner); ctx.Err() != nil {
			k.cut = true
			return nil
		}
		described := f.Describe(k.asked.origin(f.Number))
		if f.Recurrence.Runs > 0 {
			described.Prose = append(described.Prose, reason+f.Verdict)
		}
		one := newFinding(f, described, k.build)
		merge(&t.Findings, map[string]*Finding{KeyOf(described): one}, (*Finding).with)
	}
	k.often.note(b, t, k.goals)
	if k.journal != nil {
		if err := k.journal.append(t.line()); err != nil {
			return err
		}
	}
	k.total.Add(t)
	k.kept += t.Schedules()
	return nil
}

// Failed reports whether keeping failed, so that the campaign must end.
func (k *Keeper) Failed() bool { return k.err != nil }

func (k *Keeper) stopped() bool { return k.cut || k.err != nil }
