package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/campaign"
	"raftcheck/raft"
)

// TestFuzz_campaign: a campaign in a folder goes on where it stopped, and its shards are
// merged to the result of one process, byte for byte.
func TestFuzz_campaign(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errs := raftcheck(t, "fuzz", "-campaign", "one",
		"-seed", "3", "-profile", "calm", "-schedules", "150")
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "this run    250 schedules\n")
	code, out, errs = raftcheck(t, "fuzz", "-campaign", "one", "-schedules", "300")
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "this run    250 schedules\n")
	require.Contains(t, out, "seed        3\n")
	require.Contains(t, out, "schedules   500, run by 1 build\n")
	require.Regexp(t, `(?m)^ElectionSafety +500 +0 +0$`, out)
	require.Contains(t, out, "They say nothing about")
	require.True(t, strings.HasSuffix(out, "\nheld\n"), out)

	for _, shard := range []string{"2/2", "1/2"} {
		code, _, errs = raftcheck(t, "fuzz", "-campaign", "two", "-shard", shard,
			"-seed", "3", "-profile", "calm", "-schedules", "300")
		require.Equal(t, exitHeld, code, errs)
	}
	code, out, errs = raftcheck(t, "campaign", "merge", "two")
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "  two/result.json: 500 schedules\n")
	one, err := os.ReadFile("one/result.json")
	require.NoError(t, err)
	two, err := os.ReadFile("two/result.json")
	require.NoError(t, err)
	require.Equal(t, string(one), string(two))

	code, out, _ = raftcheck(t, "campaign", "status", "two")
	require.Equal(t, exitHeld, code)
	require.Contains(t, out, "schedules   500\n            0 to 499\n")
	require.Contains(t, out, "runs        2\n")
}

// TestFuzz_campaignFails: a finding fails the run until it is known, and a known one says
// so. Sorted findings are there without a folder too.
func TestFuzz_campaignFails(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"fuzz", "-system", "reference+read-at-once", "-seed", "1", "-schedules", "12"}
	code, out, errs := raftcheck(t, append(args, "-campaign", "kept")...)
	require.Equal(t, exitViolated, code, errs)
	require.Contains(t, out, "\nnew: violated Linearizability")
	files, err := filepath.Glob("kept/findings/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	require.Contains(t, out, program+" replay "+files[0]+"\n")
	pages, err := filepath.Glob("kept/findings/*.html")
	require.NoError(t, err)
	require.Len(t, pages, len(files), "a page beside each finding")
	page, err := os.ReadFile("kept/campaign.html")
	require.NoError(t, err)
	require.True(t, strings.Contains(string(page), `<a href="findings/`+filepath.Base(pages[0])+`">violated `))
	require.NoDirExists(t, "testdata", "findings are in the folder")

	require.NoError(t, os.Mkdir("kept/known", 0o755))
	var text []byte
	for _, file := range files {
		text, err = os.ReadFile(file)
		require.NoError(t, err)
		known := filepath.Join("kept/known", filepath.Base(file))
		require.NoError(t, os.WriteFile(known, []byte("# any node answers\n"+string(text)), 0o644))
	}
	code, out, errs = raftcheck(t, "campaign", "report", "kept")
	require.Equal(t, exitHeld, code, errs)
	require.Regexp(t, `(?m)^    known as linearizability-[0-9a-f]+: any node answers$`, out)
	code, out, _ = raftcheck(t, "campaign", "report", "-json", "kept")
	require.Equal(t, exitHeld, code)
	var report keptReport
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Equal(t, "known", report.Findings[0].Standing)
	require.Equal(t, recurrence{1, 1}, report.Known[0].Now)

	code, out, errs = raftcheck(t, append(args, "-known", "kept/known")...)
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "known as linearizability")
	require.Contains(t, out, "\n    system reference+read-at-once\n", "a finding without a file is printed")
	held := strings.Replace(string(text), "reference+read-at-once", "reference", 1)
	require.NoError(t, os.WriteFile("mended.txt", []byte("# mended\n"+held), 0o644))
	code, out, errs = raftcheck(t, "fuzz", "-seed", "1", "-schedules", "12", "-known", "mended.txt")
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "\nknown mended no longer fails: remove it")
}

// counting is a system that calls a function when a schedule begins: when node 1 boots from an
// empty disk.
type counting struct {
	raft.System
	begins func()
}

func (counting) Name() string { return "counting" }

func (s counting) Boot(c raft.NodeConfig) (raft.Node, error) {
	if c.ID == 1 && len(c.Disk) == 0 {
		s.begins()
	}
	return s.System.Boot(c)
}

// TestFuzz_campaignEnds: once a campaign is to end, the schedule under way is the last one. The
// report has the findings of the folder, and a later merge makes the corpus.
func TestFuzz_campaignEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	broken, err := systemNamed("reference+read-at-once")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended, after := false, 0
	register(t, counting{broken, func() {
		if ended {
			stop()
		}
		if ctx.Err() != nil {
			after++
		}
	}})
	begin := []string{"fuzz", "-system", "counting", "-workers", "1", "-campaign", "kept"}
	code, _, errs := raftcheck(t, append(begin, "-seed", "1", "-schedules", "9")...)
	require.Equal(t, exitViolated, code, errs)
	require.NoError(t, os.RemoveAll("kept/corpus"))
	ended = true
	var out bytes.Buffer
	require.Equal(t, exitViolated, run(ctx, append(begin, "-schedules", "1000"), &out, io.Discard))
	require.LessOrEqual(t, after, 2, "schedules begun since then: one, and perhaps once more")
	require.Contains(t, out.String(), "this run    0 schedules\n")
	require.Contains(t, out.String(), "\nnew: violated Linearizability")
	require.Contains(t, out.String(), " (not run now: the campaign was ended first)\n")
	corpus, err := filepath.Glob("kept/corpus/FuzzSchedule/*")
	require.NoError(t, err)
	require.Empty(t, corpus)
	code, _, errs = raftcheck(t, "campaign", "merge", "kept")
	require.Equal(t, exitHeld, code, errs)
	require.FileExists(t, "kept/findings/linearizability-855a81c6.html")
	corpus, err = filepath.Glob("kept/corpus/FuzzSchedule/*")
	require.NoError(t, err)
	require.Greater(t, len(corpus), 20)
}

// TestFuzz_campaignBad: a folder or flags that do not fit are an error, and touch nothing.
func TestFuzz_campaignBad(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("mine", 0o755))
	require.NoError(t, os.WriteFile("mine/notes.txt", []byte("hello"), 0o644))
	code, _, errs := raftcheck(t, "fuzz", "-campaign", "kept",
		"-seed", "3", "-profile", "calm", "-schedules", "2")
	require.Equal(t, exitHeld, code, errs)
	for args, want := range map[string]string{
		"fuzz -campaign mine":                     "expected the folder of a campaign",
		"fuzz -campaign kept -seed 4":             "kept: the folder has a campaign of seed 3, not 4",
		"fuzz -campaign kept -profile swarm":      "a campaign of profile calm, not swarm",
		"fuzz -campaign kept -system reference+x": "system reference, not reference+x",
		"fuzz -campaign new -system reference+x":  `no system "reference+x"`,
		"fuzz -campaign new -profile sunny":       `no profile "sunny"`,
		"fuzz -campaign new -known nowhere":       "no such file",
		"fuzz -campaign new -until Liveness":      "expected no -until with -campaign",
		"fuzz -shard 1/2":                         "expected -campaign with -shard",
		"fuzz -campaign new -shard 3/2":           "expected I/N with I from 1 to N",
		"fuzz -campaign new -shard 1":             "expected I/N with I from 1 to N",
		"campaign":                                "expected status, merge or report",
		"campaign begin kept":                     "expected status, merge or report",
		"campaign report":                         "expected one DIR, found none",
		"campaign report nowhere":                 "nowhere: no campaign is there",
		"campaign merge mine":                     "expected the folder of a campaign",
	} {
		code, out, errs := raftcheck(t, strings.Fields(args)...)
		require.Equal(t, exitNotChecked, code, args)
		require.Empty(t, out, args)
		require.Contains(t, errs, want, args)
	}
	require.NoDirExists(t, "new")
	files, err := os.ReadDir("mine")
	require.NoError(t, err)
	require.Len(t, files, 1)
}

// TestPrintSorted: a finding says which versions show it, and a known one that it came back.
func TestPrintSorted(t *testing.T) {
	smallest := campaign.Example{Events: 3, Shape: "client link"}
	f := &campaign.Finding{Builds: map[string]int{"c2 b": 1}, Smallest: smallest}
	r := &campaign.Report{Tally: &campaign.Tally{Builds: map[string]int{"c1 a": 250, "c2 b": 250}}}
	var out strings.Builder
	printSorted(&out, r, campaign.Sorted{Bug: campaign.Bug{Finding: f}}, "")
	require.Contains(t, out.String(), "\n    3 events (client, link); in ")
	require.Contains(t, out.String(), "\n    seen in 1 of 2 versions, last c2\n")
	out.Reset()
	known := campaign.Known{Name: "torn", Why: "a torn write"}
	printKnown(&out, campaign.Judged{Known: known, Now: campaign.Now{Violated: 1, Runs: 1}, Back: "c1 a"})
	require.Equal(t, "\nknown torn is back: it did not fail on build c1 a\n    a torn write\n", out.String())
}

// TestPrintKept_isPrintable: no text of a folder's files reaches the terminal as it is.
func TestPrintKept_isPrintable(t *testing.T) {
	f := &campaign.Finding{Smallest: campaign.Example{Verdict: "\x1b[2J\r", Text: "\x07\n"}}
	r := &campaign.Report{Tally: &campaign.Tally{}, Findings: []campaign.Sorted{{Bug: campaign.Bug{Finding: f}}}}
	r.Asked.System = "\x00"
	var out strings.Builder
	printKept(&out, r, "")
	require.False(t, strings.ContainsFunc(out.String(), isControl), out.String())
	require.Contains(t, out.String(), `\x1b[2J\r`)
}
