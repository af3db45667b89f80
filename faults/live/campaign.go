package live

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"raftcheck/fuzz/generate"
	"raftcheck/models"
)

// totals are the figures of a campaign.
type totals struct {
	schedules, operations, unknown, faults int
	running                                time.Duration
}

func (t *totals) add(r *Result) {
	t.schedules++
	t.operations += len(r.History)
	t.unknown += r.Unknown
	t.faults += r.Faults
	t.running += r.Took
}

// campaign is one run of the command fuzz.
type campaign struct {
	*program
	flags   *flags
	runner  *Runner
	profile generate.Profile
	counts  *count
	sum     totals
	found   map[string]*Finding // the first one, by property
}

// fuzz runs random schedules. The first finding of each property is written at once, run
// again, shrunk, and written again.
func (p *program) fuzz(ctx context.Context, f *flags) (int, error) {
	profile, err := profileNamed(f.profile)
	if err != nil {
		return 0, err
	}
	if f.server.Services().Named(profile.Service) == nil {
		return 0, fmt.Errorf("expected a profile without the service %s, which %s lacks",
			profile.Service, f.server.Name())
	}
	for f.seed == 0 {
		f.seed = freshSeed()
	}
	c := campaign{
		program: p, flags: f, runner: p.newRunner(f), profile: profile,
		counts: newCount(), found: map[string]*Finding{},
	}
	fmt.Fprintf(p.out, "system      %s (%s)\nprofile     %s\nseed        %d\n",
		f.server.Name(), f.version, f.profile, f.seed)
	began := time.Now()
	for number := 0; number < f.schedules && err == nil; number++ {
		err = c.next(ctx, number)
	}
	p.printTotals(&c.sum, time.Since(began))
	c.counts.print(p.out)
	fmt.Fprintln(p.out, notLookedAt)
	for _, property := range Properties {
		if one := c.found[property.Name]; one != nil && err == nil {
			err = p.study(ctx, c.runner, one, f)
		}
	}
	switch {
	case c.counts.violated():
		return exitViolated, err
	case err != nil, c.sum.schedules == 0:
		return exitNotChecked, err
	}
	fmt.Fprintln(p.out, "\nheld")
	return exitHeld, nil
}

// next runs the schedule of a number, and writes its findings.
func (c *campaign) next(ctx context.Context, number int) error {
	s := Draw(c.profile, c.flags.server, generate.Numbered(c.flags.seed, number))
	result, err := c.runner.Run(ctx, s)
	c.clear(c.runner)
	if err != nil {
		return err
	}
	c.counts.add(result)
	c.sum.add(result)
	for _, property := range result.violated() {
		if c.found[property] != nil {
			continue
		}
		origin := fmt.Sprintf("fuzz system=%s profile=%s seed=%d schedule=%d",
			s.System, c.flags.profile, c.flags.seed, number)
		c.found[property] = newFinding(property, origin, c.flags.version, s, result)
		if err := c.keep(c.found[property]); err != nil {
			return err
		}
	}
	return nil
}

func freshSeed() uint64 {
	var b [4]byte
	rand.Read(b[:])
	return uint64(binary.LittleEndian.Uint32(b[:]))
}

// keep writes a finding, and says so.
func (p *program) keep(f *Finding) error {
	if err := f.write(); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "found %s: %s\n    %s\n", f.Property, f.File(), fit(f.Text))
	return nil
}

// study runs a finding's schedule again, shrinks it, counts again, and writes it.
func (p *program) study(ctx context.Context, r *Runner, f *Finding, flags *flags) error {
	err := f.count(ctx, r, flags.replays)
	if err == nil && f.Violated > 0 && 2*f.Violated >= f.Runs {
		f.Schedule, err = smaller(ctx, r, f.Schedule, f.Property, flags.tries)
		if err == nil {
			err = f.count(ctx, r, flags.replays)
		}
	}
	p.clear(r)
	fmt.Fprintf(p.out, "\nviolated %s: in %d of %d runs, %d of %d events left\n    %s replay %s\n",
		f.Property, f.Violated, f.Runs, len(f.Schedule.Events), f.Events, p.name, f.File())
	return errors.Join(err, f.write())
}

// printTotals prints the figures of a campaign.
func (p *program) printTotals(t *totals, took time.Duration) {
	minutes := max(took.Minutes(), 1e-9)
	fmt.Fprintf(p.out, "schedules   %d (%.1f a minute)\n", t.schedules, float64(t.schedules)/minutes)
	fmt.Fprintf(p.out, "operations  %d (%.0f a second of running), of which %d unknown\n",
		t.operations, float64(t.operations)/max(t.running.Seconds(), 1e-9), t.unknown)
	fmt.Fprintf(p.out, "faults      %d (%.1f a minute of running)\n\n",
		t.faults, float64(t.faults)/max(t.running.Minutes(), 1e-9))
}

// violated are the properties that the run violated.
func (r *Result) violated() (properties []string) {
	for _, p := range Properties {
		if r.Of(p.Name).Outcome == models.Violated {
			properties = append(properties, p.Name)
		}
	}
	return properties
}

// shrink prints the smallest schedule that violates the first property that a run of the
// schedule violates.
func (p *program) shrink(ctx context.Context, f *flags) (int, error) {
	r := p.newRunner(f)
	property := ""
	for range mostFirst {
		result, err := r.Run(ctx, f.schedule)
		if err != nil {
			return 0, err
		}
		if property = result.Violated(); property != "" {
			break
		}
	}
	if property == "" {
		return exitHeld, fmt.Errorf("%d runs violated no property", mostFirst)
	}
	s, err := smaller(ctx, r, f.schedule, property, f.tries)
	p.clear(r)
	fmt.Fprint(p.out, s)
	return exitViolated, err
}

// mostFirst is how often a schedule is run until a run violates a property.
const mostFirst = 5
