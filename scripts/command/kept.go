package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/campaign"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/raft"
)

// keeping are the flags of a campaign that is kept, or whose findings are sorted.
type keeping struct {
	folder        string
	shard, shards int
	known         string
	given         func(string) bool // whether a flag was given
}

// maxShards bounds the parts of a campaign.
const maxShards = 1_000_000

func (k *keeping) define(set *flags) {
	k.shard, k.shards, k.given = 1, 1, set.given
	set.StringVar(&k.folder, "campaign", "",
		"keep the campaign in the folder `DIR`, and go on with it, in whole blocks of 250")
	set.Func("shard", "do part `PART` of the campaign, such as 3/8", k.parseShard)
	set.StringVar(&k.known, "known", "",
		"do not fail for the findings of `FILE`, or of each .txt of a folder")
}

func (k *keeping) parseShard(text string) (err error) {
	shard, shards, _ := strings.Cut(text, "/")
	k.shard, err = strconv.Atoi(shard)
	if err == nil {
		k.shards, err = strconv.Atoi(shards)
	}
	if err != nil || k.shard < 1 || k.shard > k.shards || k.shards > maxShards {
		return fmt.Errorf("expected I/N with I from 1 to N, and N of at most %d", maxShards)
	}
	return nil
}

// kept reports whether the campaign is kept in a folder, or in memory to sort its findings.
func (k *keeping) kept() bool { return k.folder != "" || k.known != "" }

// check wants flags that go together.
func (k *keeping) check(set *flags, f *fuzzFlags) error {
	switch {
	case set.given("campaign") && k.folder == "":
		return set.wrong("expected a folder for -campaign, found an empty name")
	case set.given("shard") && k.folder == "":
		return set.wrong("expected -campaign with -shard")
	case k.kept() && f.until != "":
		return set.wrong("expected no -until with -campaign or -known")
	}
	return nil
}

// kept is a campaign that is kept.
type kept struct {
	fuzz.Campaign
	keeper  *campaign.Keeper
	folder  *campaign.Folder // nil if it is in memory
	program raft.System      // of -exec, nil without it
	asked   campaign.Asked
	known   []campaign.Known
	build   string
	flags   *fuzzFlags
	bar     progress
	cpu     time.Duration
	start   time.Time
}

// runKept runs a campaign that is kept, and prints the report on all of it.
func runKept(ctx context.Context, flags *fuzzFlags, out, errs io.Writer) (code int, err error) {
	c := &kept{flags: flags, cpu: usedCPU(), start: time.Now()}
	system, err := c.open()
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := newRunner(ctx, system)
	defer runner.Close()
	if err := c.begin(ctx, runner); err != nil {
		return 0, err
	}
	c.bar.open(errs)
	_, bug := c.Run(ctx)
	c.bar.clear()
	if err := errors.Join(c.keeper.Close(), bug); err != nil {
		return 0, fmt.Errorf("seed %d profile %s: %w", c.asked.Seed, c.asked.Profile, err)
	}
	if err := c.merge(ctx, runner); err != nil {
		return 0, err
	}
	return c.finish(ctx, runner, out)
}

// open finds the system, the profile and the known findings that the flags name.
func (c *kept) open() (raft.System, error) {
	if err := c.askedFor(); err != nil {
		return nil, err
	}
	system, err := c.system()
	if err != nil {
		return nil, err
	}
	profile, ok := generate.ProfileNamed(c.asked.Profile)
	if !ok {
		return nil, misuse{fmt.Errorf("no profile %q", c.asked.Profile), "list profiles"}
	}
	c.Campaign = fuzz.Campaign{
		System: system, Services: serviceSet, Profile: profile,
		Seed: c.asked.Seed, Schedules: c.flags.schedules, Workers: c.flags.workers, Apart: processesOf(system),
	}
	if c.build, err = campaign.Build(); err != nil {
		return nil, err
	}
	return system, c.readKnown()
}

// system is the one that is asked for.
func (c *kept) system() (raft.System, error) {
	if c.program != nil {
		return c.program, nil
	}
	return systemNamed(c.asked.System)
}

// askedFor sets the campaign: that of the folder, which must agree with the flags, or by the
// flags of a new one.
func (c *kept) askedFor() error {
	c.asked = campaign.NewAsked(c.flags.system, c.flags.profile, c.flags.seed)
	var err error
	if c.flags.exec != "" {
		if c.program, err = systemOf(c.flags.system, c.flags.exec); err != nil {
			return err
		}
		c.asked.System = c.program.Name()
	}
	if c.flags.folder != "" {
		c.folder, err = campaign.Open(c.flags.folder)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.folder != nil {
		c.fill(c.folder.Asked)
		if err := c.folder.Asked.Differs(c.asked); err != nil {
			return fmt.Errorf("%s: %w", trial.ShownName(c.flags.folder), err)
		}
		return nil
	}
	for c.asked.Seed == 0 {
		c.asked.Seed = freshSeed()
	}
	system, err := c.system()
	if err == nil {
		c.asked.System = system.Name()
	}
	return err
}

// fill takes from the folder what no flag says.
func (c *kept) fill(folder campaign.Asked) {
	if c.asked.System == "" {
		c.asked.System = folder.System
	}
	if !c.flags.given("profile") {
		c.asked.Profile = folder.Profile
	}
	if c.asked.Seed == 0 {
		c.asked.Seed = folder.Seed
	}
}

// readKnown reads the known findings of the folder and of -known.
func (c *kept) readKnown() (err error) {
	if c.folder != nil {
		if c.known, err = c.folder.Known(serviceSet); err != nil {
			return err
		}
	}
	if c.flags.known != "" {
		more, err := campaign.ReadKnown(c.flags.known, serviceSet)
		if err != nil {
			return err
		}
		c.known = append(c.known, more...)
	}
	return nil
}

// begin starts to keep. From here on there is a folder, if one is asked for.
func (c *kept) begin(ctx context.Context, runner runner) (err error) {
	plan := campaign.Plan{
		Shard: c.flags.shard, Shards: c.flags.shards, Limit: c.flags.schedules, Enough: c.enough,
	}
	c.keeper = campaign.NewKeeper(c.asked, plan, runner, c.build)
	if c.flags.folder != "" {
		if c.folder == nil {
			if c.folder, err = campaign.Create(c.flags.folder, c.asked); err != nil {
				return err
			}
		}
		if c.keeper, err = c.folder.Start(plan, runner, c.build); err != nil {
			return err
		}
		host, _ := os.Hostname() // for people; "" will do
		when := clock().UTC().Format(time.RFC3339)
		run := campaign.Run{When: when, Host: host, Shard: plan.Name(), Build: c.build}
		if err = c.folder.Log(run); err != nil {
			return errors.Join(err, c.keeper.Close())
		}
	}
	c.Take = c.keeper.Take
	c.Keep = func(n int, r *trial.Result, s *faults.Schedule) { c.keeper.Keep(ctx, n, r, s) }
	c.Enough = func(*fuzz.Report) bool { return c.keeper.Failed() }
	c.Progress = c.progress
	return nil
}

// enough reports whether the budget of CPU time is used.
func (c *kept) enough() bool {
	return c.flags.seconds > 0 && (usedCPU()-c.cpu).Seconds() >= c.flags.seconds
}

func (c *kept) progress(r *fuzz.Report) {
	c.bar.show(func(elapsed time.Duration) string {
		return fmt.Sprintf("%s schedules in this run, %s events, %s events/s, violated: %s",
			thousands(r.Schedules), thousands(r.Events), thousands(perSecond(r.Events, elapsed)), violatedNames(r))
	})
}

// merge merges the folder of a campaign that is not in shards.
func (c *kept) merge(ctx context.Context, runner runner) error {
	if c.folder == nil || c.flags.shards > 1 {
		return nil
	}
	total, err := c.folder.Merge()
	if err != nil {
		return err
	}
	return c.folder.WriteCorpus(total, choices(ctx, runner, c.asked.Seed))
}

// choices returns a function for the choices of a numbered schedule: none if the system does
// not survive it, or if ctx has ended. A later merge makes those.
func choices(ctx context.Context, runner runner, seed uint64) func(number int) []byte {
	return func(number int) (made []byte) {
		if ctx.Err() != nil {
			return nil
		}
		runner.Do("choices", choicesOrder{seed, number}, func(p apart.Part) { p.Get(&made) })
		return made
	}
}

// finish prints the report, and returns the exit code. Once ctx has ended it runs no schedule.
func (c *kept) finish(ctx context.Context, runner runner, out io.Writer) (int, error) {
	r, err := reportOn(ctx, c.folder, c.asked, c.keeper.Total(), c.known, runner)
	if err != nil {
		return 0, err
	}
	if c.flags.json {
		printJSON(out, keptReportOf(r))
	} else {
		fmt.Fprintf(out, "this run    %s\n", plural(c.keeper.Kept(), "schedule"))
		printKept(out, r, c.flags.folder)
	}
	if c.folder != nil && c.flags.shards == 1 {
		if err := drawCampaign(ctx, c.folder, r, runner); err != nil {
			return 0, err
		}
	}
	code := exitCode(r.Outcome())
	if ctx.Err() != nil && code == exitHeld {
		code = exitNotChecked
	}
	return code, nil
}
