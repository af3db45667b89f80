package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// raftcheck runs a command line in a folder of its own and returns its exit code and output.
func raftcheck(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// here makes a fresh folder the current one and writes a file to it.
func here(t *testing.T, name, text string) {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
}

const voteTwice = `# A vote leaves its node before it is durable.
system reference+send-before-persist
nodes  3
rand   1

timeout 2
deliver 2->1
timeout 3
crash 1
restart 1
deliver 3->1
settle
call c1 1 put x 1
`

func TestFuzz_held(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errs := raftcheck(t, "fuzz", "-schedules", "20", "-seed", "3")
	require.Equal(t, exitHeld, code)
	require.Empty(t, errs, "quiet in a pipe")
	require.Contains(t, out, "seed        3\n")
	require.Contains(t, out, "schedules   20\n")
	require.Regexp(t, `(?m)^ElectionSafety +20 +0 +0$`, out)
	require.True(t, strings.HasSuffix(out, "\nheld\n"), out)
	require.NoDirExists(t, "testdata", "nothing was found")
}

// report is the output of raftcheck fuzz -json.
type report struct {
	Seed      uint64
	Schedules int
	Events    int
	PerSecond int    `json:"events_per_second"`
	TraceHash string `json:"trace_hash"`
	Verdict   string
	Stopped   bool
	Goals     struct{ Reached, Unreached, Missed []string }
	EndedBy   string `json:"ended_by"`

	Violations []violation
}

func fuzzJSON(t *testing.T, args ...string) (int, report) {
	t.Helper()
	code, out, _ := raftcheck(t, append([]string{"fuzz", "-json"}, args...)...)
	var r report
	require.NoError(t, json.Unmarshal([]byte(out), &r), out)
	return code, r
}

func TestFuzz_sameWithAnyNumberOfWorkers(t *testing.T) {
	t.Chdir(t.TempDir())
	code, one := fuzzJSON(t, "-schedules", "40", "-seed", "7", "-workers", "1")
	require.Equal(t, exitHeld, code)
	_, three := fuzzJSON(t, "-schedules", "40", "-seed", "7", "-workers", "3")
	_, other := fuzzJSON(t, "-schedules", "40", "-seed", "8", "-workers", "3")
	require.Equal(t, one.TraceHash, three.TraceHash)
	require.Equal(t, one.Events, three.Events)
	require.NotEqual(t, one.TraceHash, other.TraceHash)
	require.EqualValues(t, 7, one.Seed)
	require.Equal(t, 40, one.Schedules)
	require.Positive(t, one.PerSecond)
	require.NotEmpty(t, one.Goals.Reached)
	require.NotEmpty(t, one.Goals.Unreached, "40 schedules are few")
	require.Equal(t, []string{}, one.Goals.Missed, "and so not held to goals")
	require.Equal(t, "schedules", one.EndedBy)
	require.Empty(t, one.Violations)
	require.NotNil(t, one.Violations)
}

func TestFuzz_freshSeedEachTime(t *testing.T) {
	t.Chdir(t.TempDir())
	_, one := fuzzJSON(t, "-schedules", "2")
	_, two := fuzzJSON(t, "-schedules", "2")
	require.NotZero(t, one.Seed)
	require.NotEqual(t, one.Seed, two.Seed)
}

// TestFuzz_violated finds a broken promise, leaves the file, and says how to
// replay it; that command works.
func TestFuzz_violated(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"-system", "reference+send-before-persist", "-schedules", "2", "-seed", "2"}
	code, r := fuzzJSON(t, args...)
	require.Equal(t, exitViolated, code)
	require.Equal(t, "violated", r.Verdict)
	require.NotEmpty(t, r.Violations)
	for _, v := range r.Violations {
		code, out, _ := raftcheck(t, "replay", v.File)
		require.Equal(t, exitViolated, code)
		require.Contains(t, out, v.Property)
		require.NotContains(t, out, "the file says otherwise")
	}
	left, err := filepath.Glob("testdata/found/*")
	require.NoError(t, err)
	require.Len(t, left, 2*len(r.Violations), "one file a property, and its page")

	_, out, errs := raftcheck(t, append([]string{"fuzz"}, args...)...)
	require.Contains(t, errs, "found Durability in schedule ")
	require.Contains(t, out, "    go run ./scripts/raftcheck replay testdata/found/durability-")
	require.Contains(t, out, "    go run ./scripts/raftcheck show testdata/found/durability-")
}

// TestFuzz_unwritable: a finding is reported even if it cannot be written.
func TestFuzz_unwritable(t *testing.T) {
	here(t, "testdata", "a file where the folder should be")
	code, out, errs := raftcheck(t, "fuzz", "-system", "reference+send-before-persist", "-schedules", "2", "-seed", "2")
	require.Equal(t, exitViolated, code)
	require.Contains(t, errs, "a finding was not written")
	require.Contains(t, out, "\nviolated Durability after event ")
	require.NotContains(t, out, "raftcheck replay", "there is no file to replay")
}

// TestFuzz_interrupted: a campaign that is interrupted reports its results so far.
func TestFuzz_interrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	code := run(ctx, []string{"fuzz", "-schedules", "1000000000", "-seed", "1"}, &out, io.Discard)
	require.Equal(t, exitNotChecked, code, "schedules that did not run did not hold")
	require.Contains(t, out.String(), "stopped after 0 of 1,000,000,000 schedules")
}

func TestReplay(t *testing.T) {
	here(t, "twice.txt", voteTwice)
	code, out, errs := raftcheck(t, "replay", "twice.txt")
	require.Equal(t, exitViolated, code)
	require.Empty(t, errs)
	require.Contains(t, out, "# A vote leaves its node before it is durable.\n")
	require.Contains(t, out, "4. crash 1\n    n1 crashed")
	require.Contains(t, out, "violated ElectionSafety after event 7: n2 and n3 lead term 1\n")

	code, out, _ = raftcheck(t, "replay", "-json", "twice.txt")
	require.Equal(t, exitViolated, code)
	var r struct {
		Verdict   string
		TraceHash string `json:"trace_hash"`
		Verdicts  map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Equal(t, "violated", r.Verdict)
	require.Len(t, r.TraceHash, 16)
	require.Equal(t, "violated", r.Verdicts["ElectionSafety"])
	require.Equal(t, "held", r.Verdicts["LogMatching"])
}

func TestReplay_goldenDiffers(t *testing.T) {
	here(t, "twice.txt", voteTwice+"----\nheld\n")
	_, out, _ := raftcheck(t, "replay", "twice.txt")
	require.True(t, strings.HasSuffix(out, "the file says otherwise:\nheld\n"), out)
}

func TestShrink(t *testing.T) {
	here(t, "twice.txt", strings.Replace(voteTwice, "timeout 2", "tick 2 k=3\ntimeout 2", 1))
	code, out, errs := raftcheck(t, "shrink", "twice.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, errs, "Durability: 9 -> 1 events in ")
	require.NoError(t, os.WriteFile("small.txt", []byte(out), 0o644))
	code, out, _ = raftcheck(t, "replay", "small.txt")
	require.Equal(t, exitViolated, code)
	require.NotContains(t, out, "the file says otherwise")
}

func TestShrink_nothingFails(t *testing.T) {
	here(t, "sound.txt", strings.Replace(voteTwice, "+send-before-persist", "", 1))
	code, out, errs := raftcheck(t, "shrink", "sound.txt")
	require.Equal(t, exitNotChecked, code)
	require.Empty(t, out)
	require.Contains(t, errs, "sound.txt: expected a schedule that violates a property, found: held")
}

func TestShow(t *testing.T) {
	here(t, "put.txt", "system reference\nnodes  3\nrand   1\n\ntimeout 1\nsettle\ncall c1 1 put x 7\nsettle\ncrash 2\ncall c1 1 get x\nsettle\n")
	code, out, errs := raftcheck(t, "show", "put.txt")
	require.Equal(t, exitHeld, code, errs)
	require.Equal(t, "held\nput.html\n", out)
	page, err := os.ReadFile("put.html")
	require.NoError(t, err)
	for _, want := range []string{"<title>held · put.txt</title>", "call c1 1 put x 7", `<td>held</td>`} {
		require.True(t, bytes.Contains(page, []byte(want)), want)
	}
}

// TestBadInput: bad input was not checked, and the error says why.
func TestBadInput(t *testing.T) {
	here(t, "bad.txt", "system reference\nnodes  3\nrand   1\n\ntimeout 1\ncrash 4\n")
	require.NoError(t, os.WriteFile("unknown.txt", []byte("system paxos\nnodes  3\nrand   1\n\ntimeout 1\n"), 0o644))
	tests := []struct {
		args []string
		want string
	}{
		{nil, "usage:"},
		{[]string{"prove"}, `no command "prove"`},
		{[]string{"replay"}, "expected one FILE, found none"},
		{[]string{"replay", "none.txt"}, "no such file"},
		{[]string{"replay", "bad.txt"}, `bad.txt:6: expected "crash NODE [k=0..10000]" with nodes 1..3`},
		{[]string{"shrink", "bad.txt"}, "bad.txt:6:"},
		{[]string{"show", "bad.txt"}, "bad.txt:6:"},
		{[]string{"replay", "unknown.txt"}, `unknown.txt: no system "paxos"`},
		{[]string{"fuzz", "-system", "paxos"}, `no system "paxos"`},
		{[]string{"fuzz", "-profile", "sunny"}, `no profile "sunny"`},
		{[]string{"fuzz", "-schedules", "0"}, "expected -schedules from 1 to"},
		{[]string{"fuzz", "-workers", "0"}, "expected -workers from 1 to"},
		{[]string{"fuzz", "-seed", "x"}, "invalid value"},
		{[]string{"fuzz", "more"}, `found "more"`},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			code, out, errs := raftcheck(t, test.args...)
			require.Equal(t, exitNotChecked, code)
			require.Empty(t, out)
			require.Contains(t, errs, test.want)
		})
	}
}

// TestBug: a panic of raftcheck itself has an exit code of its own.
func TestBug(t *testing.T) {
	commands["panic"] = func(context.Context, []string, io.Writer, io.Writer) (int, error) { panic("broken") }
	defer delete(commands, "panic")
	code, _, errs := raftcheck(t, "panic")
	require.Equal(t, exitBug, code)
	require.Contains(t, errs, "raftcheck: bug: broken")
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12345678: "12,345,678"} {
		require.Equal(t, want, thousands(n))
	}
}

// TestFuzz_keepsWhatIsWrittenIntoAFinding: the prose of a counterexample outlives the next campaign.
func TestFuzz_keepsWhatIsWrittenIntoAFinding(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"-system", "reference+send-before-persist", "-schedules", "2", "-seed", "2"}
	_, first := fuzzJSON(t, args...)
	file := first.Violations[0].File
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append([]byte("# understood\n"), text...), 0o644))
	_, second := fuzzJSON(t, args...)
	require.Equal(t, first.Violations, second.Violations)
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(after), "# understood\n"))
}

// full is a device without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestRun_outputLost: a verdict that cannot be printed is none.
func TestRun_outputLost(t *testing.T) {
	t.Chdir(t.TempDir())
	var errs bytes.Buffer
	require.Equal(t, exitNotChecked, run(t.Context(), []string{"fuzz", "-schedules", "2", "-seed", "1"}, full{}, &errs))
	require.Contains(t, errs.String(), "no space left")
}
