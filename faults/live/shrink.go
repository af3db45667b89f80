package live

import (
	"context"
	"slices"

	"raftcheck/faults"
	"raftcheck/models"
)

// shrinker makes a schedule smaller that violates a property in most of its runs. A
// schedule fails if two of at most three runs violate the property.
type shrinker struct {
	runner   *Runner
	property string
	best     *faults.Schedule
	tries    int // how many smaller schedules may still be tried
	err      error
}

// smaller returns the smallest schedule that it finds within so many tries.
func smaller(
	ctx context.Context, r *Runner, s *faults.Schedule, property string, tries int,
) (*faults.Schedule, error) {
	k := shrinker{runner: r, property: property, best: s.Clone(), tries: tries}
	k.best.Notes, k.best.Golden = nil, nil
	for before := -1; before != len(k.best.Events); {
		before = len(k.best.Events)
		k.cut(ctx)
	}
	k.shorten(ctx)
	return k.best, k.err
}

// try makes a schedule the best one if it fails.
func (k *shrinker) try(ctx context.Context, events []faults.Event) bool {
	if k.tries <= 0 || k.err != nil {
		return false
	}
	k.tries--
	s := *k.best
	s.Events = events
	for failed, held := 0, 0; ; {
		result, err := k.runner.Run(ctx, &s)
		if err != nil {
			k.err = err
			return false
		}
		if result.Of(k.property).Outcome == models.Violated {
			failed++
		} else {
			held++
		}
		if held == 2 || failed == 2 {
			if failed == 2 {
				k.best = &s
			}
			return failed == 2
		}
	}
}

// cut takes stretches of events away, long ones first.
func (k *shrinker) cut(ctx context.Context) {
	for size := len(k.best.Events) / 2; size >= 1; size /= 2 {
		for end := len(k.best.Events); end >= size; {
			if k.try(ctx, slices.Delete(slices.Clone(k.best.Events), end-size, end)) {
				end = min(end-size, len(k.best.Events))
				continue
			}
			end -= size
		}
	}
}

// shorten halves the times that pass.
func (k *shrinker) shorten(ctx context.Context) {
	for i := range k.best.Events {
		if e := k.best.Events[i]; e.Kind == faults.Run && e.K > 1 {
			events := slices.Clone(k.best.Events)
			events[i].K /= 2
			k.try(ctx, events)
		}
	}
}
