package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stored is where the histories are from, seen from a fresh folder.
func stored(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs("../../testdata/histories")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	return folder
}

func TestJudge_violated(t *testing.T) {
	folder := stored(t)
	code, out, errs := raftcheck(t, "judge", filepath.Join(folder, "stale-read.edn"))
	require.Equal(t, exitViolated, code)
	require.Empty(t, errs)
	require.Contains(t, out, "format      edn\nmodel       register, from nil\noperations  3, of them unknown 0\n"+
		"clients     2\nkeys        1\nfaults      2\n            client c1 is number 0 of the file, c2 is 1, and so on\n----\n"+
		"violated: key x: c1 wrote 1 (1..2), then c1 wrote 2 (3..5), then c2 read 1 (7..8); 1 was written once\n")
}

func TestJudge_held(t *testing.T) {
	folder := stored(t)
	code, out, errs := raftcheck(t, "judge", filepath.Join(folder, "appends.jsonl"))
	require.Equal(t, exitHeld, code)
	require.Empty(t, errs)
	require.True(t, strings.HasSuffix(out, "\n----\nheld\n"), out)
}

// TestJudge_failedCas: without its meaning nothing is judged, and with it the verdict follows.
func TestJudge_failedCas(t *testing.T) {
	file := filepath.Join(stored(t), "failed-cas.log")
	code, out, errs := raftcheck(t, "judge", file)
	require.Equal(t, exitNotChecked, code)
	require.Empty(t, out)
	require.Contains(t, errs, "failed-cas.log:6: expected the meaning of a failed cas")
	code, _, _ = raftcheck(t, "judge", "-failed-cas", "never", file)
	require.Equal(t, exitHeld, code)
	code, _, _ = raftcheck(t, "judge", "-failed-cas", "answered", file)
	require.Equal(t, exitViolated, code)
}

// TestJudge_initial: a value before all operations decides; some models have none.
func TestJudge_initial(t *testing.T) {
	folder := stored(t)
	require.NoError(t, os.WriteFile("h.jsonl", []byte(`{"client": 1, "call": 0, "return": 1, "op": "read", "answer": 0}`), 0o644))
	code, out, _ := raftcheck(t, "judge", "h.jsonl")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "key x: c1 read 0 (0..1), which nobody wrote")
	code, _, _ = raftcheck(t, "judge", "-initial", "0", "h.jsonl")
	require.Equal(t, exitHeld, code)
	code, _, errs := raftcheck(t, "judge", "-initial", "0", filepath.Join(folder, "dequeued-twice.jsonl"))
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "expected no -initial, as model fifo-queue has no initial value")
}

// TestJudge_several: a table, the reasons, and the worst verdict.
func TestJudge_several(t *testing.T) {
	folder := stored(t)
	require.NoError(t, os.WriteFile("bad.edn", []byte("{:process 0"), 0o644))
	code, out, errs := raftcheck(t, "judge", filepath.Join(folder, "appends.jsonl"), "bad.edn", "missing.edn")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "raftcheck: bad.edn:1: expected a value, found the end of the file\n")
	require.Contains(t, errs, "raftcheck: open missing.edn: no such file")
	require.Contains(t, out, "\nheld 1, violated 0, not checked 2\n")
	code, out, _ = raftcheck(t, "judge", filepath.Join(folder, "lost-element.jsonl"), "bad.edn",
		filepath.Join(folder, "stale-read.txt"))
	require.Equal(t, exitViolated, code)
	require.Regexp(t, `(?m)^ +4 +0 +1 +0 +\d+ +violated +.*lost-element.jsonl$`, out)
	require.Regexp(t, `(?m)^ +- +- +- +- +- +not checked +bad.edn$`, out)
	require.Regexp(t, `(?m)^    violated: key x: no order explains these 2 operations .*; c2 read -> \{"a"\} \(7..8\)$`, out)
	require.Contains(t, out, "\nheld 0, violated 2, not checked 1\n")
}

// TestJudge_standardInput: "-" is a file too, and has a page.
func TestJudge_standardInput(t *testing.T) {
	folder := stored(t)
	text, err := os.Open(filepath.Join(folder, "lock-held-twice.edn"))
	require.NoError(t, err)
	defer text.Close()
	stdin = text
	defer func() { stdin = os.Stdin }()
	code, out, errs := raftcheck(t, "judge", "-page", "-")
	require.Equal(t, exitViolated, code)
	require.Empty(t, errs)
	require.Contains(t, out, "history     standard input\n")
	require.Contains(t, out, "page        history.html\n")
	require.FileExists(t, "history.html")
}

// unending ends a context at its first read, and then waits for the end of the test.
type unending struct {
	stop  func()
	ended chan struct{}
}

func (e unending) Read([]byte) (int, error) {
	e.stop()
	<-e.ended
	return 0, io.EOF
}

// TestJudge_interrupted: it ends at once, with the verdicts so far.
func TestJudge_interrupted(t *testing.T) {
	folder := stored(t)
	ctx, stop := context.WithCancel(t.Context())
	input := unending{stop, make(chan struct{})}
	defer close(input.ended)
	stdin = input
	defer func() { stdin = os.Stdin }()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"judge", filepath.Join(folder, "lock-held-twice.edn"), "-"}, &out, &errs)
	require.Equal(t, exitViolated, code)
	require.Contains(t, out.String(), "violated")
	require.Equal(t, "raftcheck: interrupted before - was judged\n", errs.String())
}

// TestJudge_page: it is beside its file, and shows the faults.
func TestJudge_page(t *testing.T) {
	folder := stored(t)
	content, err := os.ReadFile(filepath.Join(folder, "stale-read.edn"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("h.edn", content, 0o644))
	code, _, _ := raftcheck(t, "judge", "-page", "h.edn")
	require.Equal(t, exitViolated, code)
	page, err := os.ReadFile("h.html")
	require.NoError(t, err)
	require.Contains(t, string(page), ":start cut n1 off")
	require.Contains(t, string(page), "c1 x write 2")
}

// TestJudge_pageOfMany: a page has no room for all, so one is drawn of the end that has no order.
func TestJudge_pageOfMany(t *testing.T) {
	var lines strings.Builder
	for i := range maxPageOperations + 10 {
		fmt.Fprintf(&lines, "{\"client\": 1, \"call\": %d, \"return\": %d, \"op\": \"read\"", 2*i, 2*i+1)
		lines.WriteString(", \"answer\": null}\n")
	}
	here(t, "h.jsonl", lines.String())
	code, out, errs := raftcheck(t, "judge", "-page", "h.jsonl")
	require.Equal(t, exitNotChecked, code)
	require.True(t, strings.HasSuffix(out, "----\nheld\n"), out)
	require.Contains(t, errs, "h.jsonl: picture of a history: expected at most 10000 operations, found 10010")
	here(t, "h.jsonl", lines.String()+`{"client": 2, "call": 30000, "return": 30001, "op": "read", "answer": 7}`)
	code, out, errs = raftcheck(t, "judge", "-page", "h.jsonl")
	require.Equal(t, exitViolated, code)
	require.Empty(t, errs)
	require.Contains(t, out, "page        h.html\n")
	page, err := os.ReadFile("h.html")
	require.NoError(t, err)
	require.Contains(t, string(page), "c2 x read -\\u003e 7")
}

// TestJudge_expect: the verdict of the file is compared, and does not decide.
func TestJudge_expect(t *testing.T) {
	here(t, "h.txt", "model register\nexpect linearizable\n\nc1 0..1 x read -> 7\n")
	code, out, _ := raftcheck(t, "judge", "h.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "which nobody wrote\nthe file says otherwise: expect linearizable\n")
}

// TestJudge_faultsOfText are counted and drawn.
func TestJudge_faultsOfText(t *testing.T) {
	here(t, "h.txt", "model register\n\nc1 0..1 x read -> 7\nfault 0..5 node 2 cut off\n")
	_, out, _ := raftcheck(t, "judge", "-page", "h.txt")
	require.Contains(t, out, "faults      1\n")
	page, err := os.ReadFile("h.html")
	require.NoError(t, err)
	require.Contains(t, string(page), "node 2 cut off")
}

// TestJudge_ourServices: histories as text name the models of services too.
func TestJudge_ourServices(t *testing.T) {
	folder := stored(t)
	texts, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	require.NoError(t, err)
	require.Greater(t, len(texts), 20)
	code, out, errs := raftcheck(t, append([]string{"judge"}, texts...)...)
	require.Equal(t, exitViolated, code)
	require.Empty(t, errs)
	require.NotContains(t, out, "the file says otherwise")
	require.Contains(t, out, ", not checked 0\n")
}

// TestJudge_election: JSON lines and EDN have elections too.
func TestJudge_election(t *testing.T) {
	folder := stored(t)
	file := filepath.Join(folder, "granted-twice.jsonl")
	code, out, errs := raftcheck(t, "judge", "-model", "election", file)
	require.Equal(t, exitViolated, code)
	require.Empty(t, errs)
	require.Contains(t, out, "format      json\nmodel       election, from nil\noperations  3, of them unknown 1\n")
	require.Contains(t, out, "violated: key db: no order explains "+
		"c2 campaign 40 -> token-2-until-70-at-30-for-c2 (6..9), whatever became of the others\n")
	code, out, _ = raftcheck(t, "judge", filepath.Join(folder, "taken-over.edn"))
	require.Equal(t, exitHeld, code)
	require.Contains(t, out, "model       election, from nil")
	code, _, errs = raftcheck(t, "judge", "-model", "queue", file)
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, `granted-twice.jsonl:1: expected an operation of model queue, found "campaign"`)
	code, _, errs = raftcheck(t, "judge", "-initial", "1", file)
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "expected no -initial, as model election has no initial value")
	_, out, _ = raftcheck(t, "list", "models")
	require.Regexp(t, `(?m)^election +histories of the service$`, out)
	require.Regexp(t, `(?m)^queue +histories as text, of the service$`, out)
}

func TestJudge_json(t *testing.T) {
	folder := stored(t)
	code, out, _ := raftcheck(t, "judge", "-json", filepath.Join(folder, "stale-read.edn"), "missing.edn")
	require.Equal(t, exitViolated, code)
	var r judgeReport
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Equal(t, "violated", r.Verdict)
	require.Len(t, r.Histories, 2)
	h := r.Histories[0]
	require.Equal(t, "edn register nil violated x", strings.Join([]string{h.Format, h.Model, h.Initial, h.Verdict, h.Key}, " "))
	require.Equal(t, []int{3, 0, 2, 1, 2}, []int{h.Operations, h.Unknown, h.Clients, h.Keys, h.Faults})
	require.Contains(t, h.Reason, "1 was written once")
	require.Equal(t, "not checked", r.Histories[1].Verdict)
	require.Contains(t, r.Histories[1].Error, "missing.edn")
}

func TestJudge_misuse(t *testing.T) {
	for args, want := range map[string]string{
		"judge":                     "expected one or more FILE, found none",
		"judge - -":                 "expected standard input once, found 2 times -",
		"judge -format xml f":       `expected -format text, edn, log or json, found "xml"`,
		"judge -model paxos f":      `no model "paxos"; see 'list models'`,
		"judge -failed-cas maybe f": `expected -failed-cas answered or never, found "maybe"`,
	} {
		code, out, errs := raftcheck(t, strings.Fields(args)...)
		require.Equal(t, exitNotChecked, code, args)
		require.Empty(t, out)
		require.Equal(t, "raftcheck: "+want+"\nrun 'go run ./scripts/raftcheck help judge'\n", errs)
	}
}

// TestJudge_unknownOperation: an operation that the model lacks is an error of a text, and no
// violation.
func TestJudge_unknownOperation(t *testing.T) {
	for model, line := range map[string]string{
		"kv": "c1 0..1 x frobnicate 1 -> ok", "election": "c1 0..1 x keepalive -> kept",
		"register": "c1 0..1 x write -> ok",
	} {
		file := filepath.Join(t.TempDir(), "text.txt")
		text := "# A history.\nmodel " + model + "\n\n" + line + "\n"
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		code, out, errs := raftcheck(t, "judge", file)
		require.Equal(t, exitNotChecked, code, out)
		require.Contains(t, errs, file+":4: expected an operation of model "+model+", found ")
	}
}
