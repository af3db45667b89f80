package campaign

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	_ "raftcheck/scripts/garbage"
)

// asked is a campaign of small blocks, and schedules is its length.
var asked = Asked{Format: format, System: faulty.Name(), Profile: "swarm", Seed: 3, Block: 8}

const schedules = 32

// faulty is a system that fails in some schedules, in more than one way.
var faulty = func() raft.System {
	for _, s := range sabotage.Systems(reference.System{}) {
		if s.Name() == "reference+read-at-once" {
			return s
		}
	}
	panic("no such system")
}()

func newRunner() *trial.Runner { return trial.NewRunner(faulty, services.All()) }

func create(t *testing.T) *Folder {
	t.Helper()
	folder, err := Create(filepath.Join(t.TempDir(), "campaign"), asked)
	require.NoError(t, err)
	return folder
}

// runPart runs a part of the campaign, until it is done or so many schedules are run. It
// returns how many of them are kept.
func runPart(t *testing.T, folder *Folder, plan Plan, most int) (kept int) {
	t.Helper()
	plan.Limit = schedules
	keeper, err := folder.Start(plan, newRunner(), "build")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c := fuzz.Campaign{
		System: faulty, Services: services.All(), Profile: generate.Swarm, Seed: asked.Seed,
		Schedules: schedules, Workers: 2, Take: keeper.Take,
		Keep: func(n int, r *trial.Result, s *faults.Schedule) {
			keeper.Keep(ctx, n, r, s)
			if most--; most == 0 {
				stop()
			}
		},
	}
	_, err = c.Run(ctx)
	require.NoError(t, err)
	require.NoError(t, keeper.Close())
	return keeper.Kept()
}

var all = Plan{Shard: 1, Shards: 1}

// merged is the content of result.json after a merge.
func merged(t *testing.T, folder *Folder) string {
	t.Helper()
	total, err := folder.Merge()
	require.NoError(t, err)
	require.Equal(t, schedules, total.Schedules())
	return read(t, folder, "result.json")
}

func read(t *testing.T, folder *Folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder.Path, name))
	require.NoError(t, err)
	return string(text)
}

// wholeResult is that of whole, once it is known.
var wholeResult string

// whole is the result of the campaign run by one process, without an interruption.
func whole(t *testing.T) string {
	t.Helper()
	if wholeResult == "" {
		folder := create(t)
		runPart(t, folder, all, -1)
		wholeResult = merged(t, folder)
	}
	return wholeResult
}

// journals are the files of the folder's journals.
func journals(t *testing.T, folder *Folder) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder.Path, "done", "*.log"))
	require.NoError(t, err)
	return files
}

// TestKeeper_sameAsCampaign: a kept campaign counts as one that is not kept.
func TestKeeper_sameAsCampaign(t *testing.T) {
	folder := create(t)
	runPart(t, folder, all, -1)
	total, err := folder.Tally()
	require.NoError(t, err)
	c := fuzz.Campaign{
		System: faulty, Services: services.All(), Profile: generate.Swarm, Seed: asked.Seed,
		Schedules: schedules, Workers: 1,
	}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, report.TraceHash, uint64(total.TraceHash))
	require.Equal(t, report.Verdicts, total.Verdicts)
	require.Equal(t, report.Events, total.Events)
	require.Len(t, total.Goals, report.Goals.Len())
	require.NotEmpty(t, total.Findings)
}

// TestFolder_shards: shards, run one after the other or stopped and run again, are merged
// to the result of one process, byte for byte.
func TestFolder_shards(t *testing.T) {
	want := whole(t)
	folder := create(t)
	kept := 0
	for shard := range 3 {
		plan := Plan{Shard: shard + 1, Shards: 3}
		kept += runPart(t, folder, plan, 10)
		if shard == 1 {
			_, err := folder.Merge()
			require.NoError(t, err)
		}
		kept += runPart(t, folder, plan, -1)
	}
	require.Equal(t, schedules, kept, "nothing is done twice")
	require.Equal(t, want, merged(t, folder))
	require.Empty(t, journals(t, folder))
	require.Equal(t, want, merged(t, folder), "a second merge changes nothing")
}

// TestFolder_killed cuts the journal off at any byte, as a kill or a full disk may, and
// leaves journals of a merge that was killed before it removed them.
func TestFolder_killed(t *testing.T) {
	want := whole(t)
	complete := create(t)
	runPart(t, complete, all, -1)
	name := journals(t, complete)[0]
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		folder := create(t)
		require.NoError(t, os.Mkdir(filepath.Join(folder.Path, "done"), 0o755))
		cut := text[:random.IntN(len(text))]
		torn := filepath.Join(folder.Path, "done", filepath.Base(name))
		require.NoError(t, os.WriteFile(torn, cut, 0o644))
		runPart(t, folder, all, -1)
		require.Equal(t, want, merged(t, folder), "cut to %d bytes", len(cut))
		require.NoError(t, os.WriteFile(torn, cut, 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(folder.Path, "result.json.part"), cut, 0o644))
		require.Equal(t, want, merged(t, folder), "cut to %d bytes, and merged twice", len(cut))
	}
}

// TestFolder_twice: processes that do the same blocks, as locks did not hold, count once.
func TestFolder_twice(t *testing.T) {
	want := whole(t)
	folder := create(t)
	for i, most := range []int{10, 20, -1} {
		other := create(t) // it does not see the blocks of the others
		runPart(t, other, Plan{Shard: 1, Shards: 1}, most)
		for _, file := range journals(t, other) {
			to := filepath.Join(folder.Path, "done", filepath.Base(file))
			require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
			require.NoError(t, os.Rename(file, to))
		}
		if i == 1 {
			_, err := folder.Merge()
			require.NoError(t, err)
		}
	}
	require.Equal(t, want, merged(t, folder))
}

// TestFolder_locked: a second process on a shard, or a second merge, is an error that
// leaves the folder as it is.
func TestFolder_locked(t *testing.T) {
	defer func(was func()) { pause = was }(pause)
	pause = func() {}
	folder := create(t)
	keeper, err := folder.Start(all, newRunner(), "build")
	require.NoError(t, err)
	_, err = folder.Start(all, newRunner(), "build")
	require.EqualError(t, err, "another process runs shard 1 of 1 of the campaign in this folder")
	require.Len(t, journals(t, folder), 1)
	_, err = folder.Merge()
	require.NoError(t, err)
	require.Len(t, journals(t, folder), 1, "the journal of a process that runs stays")
	alone, err := tryLock(folder.Path, "merge")
	require.NoError(t, err)
	_, err = folder.Merge()
	require.ErrorIs(t, err, errHeld)
	alone.unlock()
	require.NoError(t, keeper.Close())
	keeper, err = folder.Start(all, newRunner(), "build")
	require.NoError(t, err)
	require.NoError(t, keeper.Close())
}

// TestFolder_diskFull: a write that fails ends the run, and what was kept stays.
func TestFolder_diskFull(t *testing.T) {
	folder := create(t)
	runPart(t, folder, all, 12)
	before, err := folder.Tally()
	require.NoError(t, err)
	keeper, err := folder.Start(Plan{Shard: 1, Shards: 1, Limit: schedules}, newRunner(), "build")
	require.NoError(t, err)
	require.NoError(t, keeper.journal.file.Close()) // the next write fails
	c := fuzz.Campaign{
		System: faulty, Services: services.All(), Profile: generate.Swarm, Seed: asked.Seed, Schedules: schedules,
		Workers: 1, Take: keeper.Take, Enough: func(*fuzz.Report) bool { return keeper.Failed() },
		Keep: func(n int, r *trial.Result, s *faults.Schedule) { keeper.Keep(t.Context(), n, r, s) },
	}
	_, err = c.Run(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, keeper.Close(), fs.ErrClosed)
	after, err := folder.Tally()
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// TestOpen_bad: a folder that is not as a campaign left it is an error that names the
// file, and nothing in it changes.
func TestOpen_bad(t *testing.T) {
	const half = "json: expected one JSON object, found the beginning"
	const others = `{"format":2,"system":"a","profile":"p","seed":1,"block":8}`
	tests := map[string]struct{ file, text, want string }{
		"no folder of a campaign": {"notes.txt", "hello", "expected the folder of a campaign"},
		"another version":         {"asked.json", `{"format":1,"colour":"red"}`, "format 2, found 1"},
		"half of a file":          {"asked.json", `{"format":2,"sys`, "asked." + half},
		"another program's file":  {"asked.json", `{"format":2,"colour":"red"}`, "unknown field"},
		"half of a result":        {"result.json", `{"asked":{"format":2`, "result." + half},
		"another result":          {"result.json", `{"asked":` + others + `,"tally":{}}`, "system a, not"},
		"numbers backwards":       {"result.json", `{"tally":{"done":[{"from":4,"to":2}]}}`, "expected ascending"},
		"more than can be": {"result.json",
			fmt.Sprintf(`{"tally":{"done":[{"from":0,"to":%d}]}}`, math.MaxInt), "expected at most"},
		"a damaged line": {"done/1-of-1.a.log", "00000000 {}\n", "1-of-1.a.log:1: expected the checksum"},
		"another campaign's line": {"done/1-of-1.a.log", string(sealed([]byte(others))),
			"1-of-1.a.log:1: the folder has"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			if test.file != "asked.json" && test.file != "notes.txt" {
				_, err := Create(path, asked)
				require.NoError(t, err)
			}
			file := filepath.Join(path, test.file)
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(test.text), 0o644))
			before := files(t, path)
			for _, use := range uses {
				folder, err := Open(path)
				if err == nil {
					err = use(folder)
				}
				require.ErrorContains(t, err, test.want)
				require.NotErrorIs(t, err, fs.ErrNotExist, "a new campaign must not begin there")
				require.Equal(t, before, files(t, path))
			}
		})
	}
}

// TestFileName_isInFolder: whatever text is the key of a finding, its file is in the folder.
func TestFileName_isInFolder(t *testing.T) {
	require.Regexp(t, `^linearizability-[0-9a-f]{8}\.txt$`, FileName("Linearizability: x"))
	for _, key := range []string{"../../x: y", `..\x`, "/x", "", "\x1b[2J", ":", "..", "\x00", "\xff/"} {
		require.Regexp(t, `^[a-z0-9.-]*-[0-9a-f]{8}\.txt$`, FileName(key), key)
	}
}

// uses are the ways to use a folder.
var uses = []func(*Folder) error{
	func(f *Folder) error { _, err := f.Tally(); return err },
	func(f *Folder) error { _, err := f.Merge(); return err },
	func(f *Folder) error { _, err := f.Start(all, newRunner(), "build"); return err },
}

// files are the files below a folder, with their content.
func files(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		all[file] = string(text)
		return err
	}))
	return all
}

// TestCreate_differs: the folder of another campaign is an error that says which.
func TestCreate_differs(t *testing.T) {
	folder := create(t)
	for want, change := range map[string]func(*Asked){
		"seed 3, not 6":                   func(a *Asked) { a.Seed = 6 },
		"profile swarm, not calm":         func(a *Asked) { a.Profile = "calm" },
		faulty.Name() + ", not reference": func(a *Asked) { a.System = "reference" },
		"blocks of 250 schedules, found":  func(a *Asked) { a.Block = 250 },
	} {
		other := asked
		change(&other)
		_, err := Create(folder.Path, other)
		require.ErrorContains(t, err, want)
	}
}

// TestWriteCorpus: the choices in the corpus make the schedule that reached the goal, for
// Go's fuzzer.
func TestWriteCorpus(t *testing.T) {
	folder := create(t)
	runPart(t, folder, all, -1)
	total, err := folder.Merge()
	require.NoError(t, err)
	choices := func(number int) []byte { return Choices(newRunner(), folder.Asked.Seed, number) }
	require.NoError(t, folder.WriteCorpus(total, choices))
	require.NoError(t, folder.WriteCorpus(total, choices), "a second time")
	corpus := filepath.Join(folder.Path, "corpus", "FuzzSchedule")
	inputs, err := generate.ReadNative(corpus)
	require.NoError(t, err)
	killed := filepath.Join(corpus, inputs[0].Name)
	require.NoError(t, os.Rename(killed, killed+".part"))
	require.NoError(t, folder.WriteCorpus(total, choices), "after a process that was killed")
	inputs, err = generate.ReadNative(corpus)
	require.NoError(t, err)
	require.Len(t, inputs, len(total.Goals))
	list := trial.GoalsOf(services.All())
	for _, input := range inputs {
		_, result := generate.Schedule(newRunner(), generate.Swarm, &generate.Bytes{Rest: input.Choices})
		name := input.Name[:strings.LastIndexByte(input.Name, '-')]
		goal, ok := list.Named(name)
		require.True(t, ok, input.Name)
		require.True(t, result.Goals.Has(goal), input.Name)
		require.Equal(t, total.Goals[name].Goals, result.Goals.Len(), input.Name)
	}
}

// TestWriteCorpus_isInFolder: whatever text a journal names as a goal, nothing beside the
// corpus is written or removed.
func TestWriteCorpus_isInFolder(t *testing.T) {
	folder := create(t)
	beside := filepath.Join(folder.Path, "x-1")
	require.NoError(t, os.WriteFile(beside, nil, 0o644))
	tally := &Tally{Goals: map[string]Reached{"../../x": {Rarest: 7}}}
	require.NoError(t, folder.WriteCorpus(tally, func(int) []byte { return []byte{1} }))
	require.FileExists(t, beside)
	require.NoFileExists(t, filepath.Join(folder.Path, "x-7"))
	require.FileExists(t, filepath.Join(folder.Path, "corpus", "FuzzSchedule", "..-..-x-7"))
}
