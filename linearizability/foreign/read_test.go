package foreign_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/foreign"
	"raftcheck/linearizability/model"
	"raftcheck/models/election"
	_ "raftcheck/scripts/garbage"
)

const histories = "../../testdata/histories"

// judge reads a file and judges it.
func judge(t *testing.T, file string, o foreign.Options) (*foreign.Recording, linearizability.Result) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(histories, file))
	require.NoError(t, err)
	read, err := foreign.Read(file, content, o)
	require.NoError(t, err)
	require.NoError(t, read.History.Validate())
	return read, linearizability.Check(specOf(t, read), read.History)
}

func specOf(t *testing.T, read *foreign.Recording) linearizability.Spec {
	t.Helper()
	if read.Model == "election" {
		return election.Spec()
	}
	spec, ok := model.Named(read.Model, read.Initial)
	require.True(t, ok)
	return spec
}

// TestRead_files reads every stored history that is not of a service of this module.
func TestRead_files(t *testing.T) {
	const held, violated = linearizability.Linearizable, linearizability.NotLinearizable
	type want struct {
		format foreign.Format
		model  string
		ops    int
		faults int
		is     linearizability.Outcome
	}
	files := map[string]want{
		"stale-read.edn":          {foreign.EDN, "register", 3, 2, violated},
		"lock-held-twice.edn":     {foreign.EDN, "mutex", 2, 0, violated},
		"half-a-transaction.edn":  {foreign.EDN, "txn", 4, 0, violated},
		"independent-keys.edn":    {foreign.EDN, "cas-register", 4, 0, held},
		"failed-cas.log":          {foreign.Log, "cas-register", 3, 1, held},
		"appends.jsonl":           {foreign.JSON, "kv-append", 5, 1, held},
		"dequeued-twice.jsonl":    {foreign.JSON, "fifo-queue", 4, 0, violated},
		"lost-element.jsonl":      {foreign.JSON, "set", 4, 0, violated},
		"cas-answers.jsonl":       {foreign.JSON, "cas-register", 4, 0, held},
		"cas-after-rewrite.jsonl": {foreign.JSON, "cas-register", 5, 0, held},
		"granted-twice.jsonl":     {foreign.JSON, "election", 3, 1, violated},
		"taken-over.edn":          {foreign.EDN, "election", 6, 2, held},
		"key-value.txt":           {foreign.Text, "kv-append", 5, 0, held},
	}
	for file, w := range files {
		t.Run(file, func(t *testing.T) {
			read, result := judge(t, file, foreign.Options{FailedCas: foreign.Never})
			require.Equal(t, w.format, read.Format)
			require.Equal(t, w.model, read.Model)
			require.Len(t, read.History, w.ops)
			require.Len(t, read.Notes, w.faults)
			require.Equal(t, w.is, result.Outcome, result.Reason)

			named, again := judge(t, file, foreign.Options{
				Format: w.format, Model: w.model, FailedCas: foreign.Never,
			})
			require.Equal(t, read, named, "found by looking as if named")
			require.Equal(t, result, again)
		})
	}
	paths, err := filepath.Glob(filepath.Join(histories, "*.[ejl]*"))
	require.NoError(t, err)
	require.Len(t, paths, len(files)-1, "each is in the table")
}

// TestRead_failedCas: its meaning decides, and must be said.
func TestRead_failedCas(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(histories, "failed-cas.log"))
	require.NoError(t, err)
	_, err = foreign.Read("f", content, foreign.Options{})
	require.ErrorContains(t, err,
		"f:6: expected the meaning of a failed cas, which the file does not say; give -failed-cas")
	_, result := judge(t, "failed-cas.log", foreign.Options{FailedCas: foreign.Never})
	require.Equal(t, linearizability.Linearizable, result.Outcome)
	read, result := judge(t, "failed-cas.log", foreign.Options{FailedCas: foreign.Answered})
	require.Equal(t, "no", read.History[1].Output)
	require.Equal(t, linearizability.NotLinearizable, result.Outcome,
		"it was 1, and the answer was that it was not")
	for _, meaning := range []foreign.FailedCas{"", foreign.Never, foreign.Answered} {
		read, err := foreign.Read("f",
			[]byte(`{"client": 1, "call": 1, "op": "cas", "arg": [1, 2], "failed": true}`),
			foreign.Options{FailedCas: meaning})
		require.NoError(t, err, "JSON lines say that it never happened")
		require.Empty(t, read.History)
	}
}

// TestRead_words: operations are in the words of their model, at the times of the file.
func TestRead_words(t *testing.T) {
	for file, want := range map[string][]string{
		"stale-read.edn": {"c1 1..2 x write 1 -> ok", "c1 3..5 x write 2 -> ok", "c2 7..8 x read -> 1"},
		"half-a-transaction.edn": {
			"c1 1..3 :x+:y w :x 1 w :y 1 -> ok", "c2 2..4 :x+:y r :x r :y -> 1 nil",
			"c1 5..? :z append :z 7", "c3 7..8 :z r :z -> [7]",
		},
		"independent-keys.edn": {
			"c1 1..2 5 write 1 -> ok", "c1 3..4 5 cas 1 2 -> ok", "c2 5..6 6 read -> nil", "c2 7..8 5 read -> 2",
		},
		"failed-cas.log": {"c1 1..2 x write 1 -> ok", "c3 7..? x write 3", "c4 11..12 x read -> 3"},
		"appends.jsonl": {
			`c1 20..40 x append "ab" -> ok`, `c2 24..? x append "cd"`, `c1 40..50 x get -> "ab"`,
			`c1 52..53 x get -> "abcd"`, "c1 54..56 7 get -> nil",
		},
		"lost-element.jsonl": {
			`c1 1..2 x add "b" -> ok`, `c1 3..4 x add "a" -> ok`, `c2 5..6 x contains "b" -> true`,
			`c2 7..8 x read -> {"a"}`,
		},
		"granted-twice.jsonl": {
			"c1 0..5 db campaign 40 -> token-1-until-50-at-10-for-c1",
			"c2 6..9 db campaign 40 -> token-2-until-70-at-30-for-c2", "c3 7..? db keepalive 1 40",
		},
		"taken-over.edn": {
			"c1 1..2 :db campaign 40 -> token-1-until-50-at-10-for-c1",
			"c1 5..7 :db keepalive 1 40 -> ok-until-70-at-30-for-c1",
			"c2 6..8 :db campaign 40 -> held-by-c1-until-70-at-31-for-c2",
			"c2 9..10 :db campaign 40 -> token-2-until-110-at-70-for-c2",
			"c1 12..13 :db resign 1 -> lost-at-71-for-c1",
			"c3 14..15 :db holder -> c2-token-2-until-110-at-71",
		},
	} {
		read, _ := judge(t, file, foreign.Options{FailedCas: foreign.Never})
		var got []string
		for i := range read.History {
			got = append(got, read.History[i].String())
		}
		require.Equal(t, want, got, file)
	}
}

// TestRead_pairs: a pair is a key and a value only if all values are such pairs.
func TestRead_pairs(t *testing.T) {
	read := func(operations string) string {
		r, err := foreign.Read("f", []byte(operations), foreign.Options{})
		require.NoError(t, err)
		return r.History[0].Key + " " + r.History[0].Input
	}
	require.Equal(t, "x cas 0 1", read(`{:process 0, :type :invoke, :f :cas, :value [0 1]}`))
	require.Equal(t, "0 cas 1 2", read(`{:process 0, :type :invoke, :f :cas, :value [0 [1 2]]}`))
	require.Equal(t, "0 write [1,2]", read(`{:process 0, :type :invoke, :f :write, :value [0 [1 2]]}`))
	require.Equal(t, "x write [0,1]", read(
		`{:process 0, :type :invoke, :f :write, :value [0 1]} {:process 1, :type :invoke, :f :read, :value nil}`))
}

// TestRead_faults: a fault that a nemesis starts lasts until it stops.
func TestRead_faults(t *testing.T) {
	read, _ := judge(t, "stale-read.edn", foreign.Options{})
	require.Equal(t, []linearizability.Annotation{
		{Row: "nemesis", Start: 4, End: 9, Text: ":start cut n1 off"},
		{Row: "nemesis", Start: 9, End: 10, Text: ":stop healed"},
	}, read.Notes)
	read, _ = judge(t, "failed-cas.log", foreign.Options{FailedCas: foreign.Never})
	require.Equal(t, []linearizability.Annotation{
		{Row: "nemesis", Start: 3, End: 12, Text: ":start Cut off n1 -> n2"},
	}, read.Notes, "it never stopped")
	read, _ = judge(t, "appends.jsonl", foreign.Options{})
	require.Equal(t, []linearizability.Annotation{
		{Row: "faults", Start: 28, End: 60, Text: "node 2 restarts"},
	}, read.Notes)
}

// TestRead_initial: a value of the command line is written as values of the format are.
func TestRead_initial(t *testing.T) {
	const edn = `{:process 0, :type :invoke, :f :read} {:process 0, :type :ok, :f :read, :value "a b"}`
	for initial, want := range map[string]string{`"a b"`: `"a␣b"`, "": "nil", "+3N": "3", ":k": ":k"} {
		read, err := foreign.Read("f", []byte(edn), foreign.Options{Initial: initial})
		require.NoError(t, err)
		require.Equal(t, want, read.Initial)
	}
	_, err := foreign.Read("f", []byte(edn), foreign.Options{Initial: "1 2"})
	require.ErrorContains(t, err, `initial value:1: expected one value, found "1 2"`)
	read, err := foreign.Read("f", []byte("model register\n\n"), foreign.Options{Initial: "a"})
	require.NoError(t, err)
	require.Equal(t, "a", read.Initial)
}

// TestRead_errors name the line.
func TestRead_errors(t *testing.T) {
	const (
		call = "{:process 0, :type :invoke, :f :read}\n"
		json = `{"client": 0, "call": 1, "return": 2, "op": "write", "arg": 1}` + "\n"
		line = "INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"
	)
	deep := strings.Repeat("[", 100_000)
	for name, test := range map[string]struct{ content, want string }{
		"nothing":        {"", `f:1: expected a history: a text`},
		"something else": {"<html>\n", `f:1: expected a history: a text`},
		"text":           {"model kv\nc1\n", `f:2: expected`},
		"no operation":   {"[]", "f:1: expected an operation in format edn, found none"},
		"no end":         {"[" + call, "f:2: expected a value, found the end of the file"},
		"behind the end": {"[" + call + "] 7",
			`f:2: expected the end of the file behind the history, found "7"`},
		"no map":        {call + "7", "f:2: expected a map with :process"},
		"half a map":    {call + "{:a}", "f:2: expected a value for each key of a map"},
		"wrong bracket": {call + "[1}", `f:2: expected a value, found "}"`},
		"open string":   {call + "{:value \"a\nb", "f:2: expected a quote at the end of a string"},
		"escape":        {call + `{:value "\q"}`, "f:2: expected a string with known escapes"},
		"code":          {call + `{:value "\u12"}`, "f:2: expected a string with known escapes"},
		"number":        {call + "{:value 12x}", `f:2: expected a number, found "12x"`},
		"deep":          {call + deep, "f:2: expected at most 64 lists in lists, found another"},
		"deep tags":     {call + strings.Repeat("#a ", 100_000), "f:2: expected at most 64 values in values"},
		"deep discards": {call + strings.Repeat("#_", 100_000), "f:2: expected at most 64 values in values"},
		"long": {call + "[" + strings.Repeat("1 ", 600_000),
			"f:2: expected a value of at most 1048576 bytes"},
		"no process":  {"{:type :ok, :f :read}", "f:1: expected a :process, found none"},
		"bad process": {"{:process -1, :type :ok, :f :read}", "f:1: expected a :process from 0"},
		"no type":     {"{:process 1, :f :read}", "f:1: expected a :type, found none"},
		"bad type": {"{:process 1, :type :done, :f :read}",
			"f:1: expected :type :invoke, :ok, :fail or :info"},
		"no f":  {"{:process 1, :type :ok}", "f:1: expected an :f, found none"},
		"bad f": {"{:process 1, :type :ok, :f 7}", "f:1: expected an :f like :read"},
		"two calls": {call + "\n" + call,
			"f:3: expected the return of read by process 0, called in line 1, found another call"},
		"no call": {strings.ReplaceAll(call, "invoke", "ok"),
			"f:1: expected the return of a call, found that of read"},
		"another return": {call + "{:process 0, :type :ok, :f :write}",
			"f:2: expected the return of a call, found that of write"},
		"no model": {strings.ReplaceAll(call, "read", "bogus"),
			`f:1: expected operations of one model, found "bogus"`},
		"two models": {call + "{:process 1, :type :invoke, :f :lock}",
			`expected operations of one model, found "read", "lock"`},
		"operand of a cas": {"{:process 0, :type :invoke, :f :cas, :value 1}",
			"f:1: expected an operand like [1 2] of cas"},
		"empty transaction": {"{:process 0, :type :invoke, :f :txn, :value []}",
			"f:1: expected a list of operations of a transaction"},
		"bad transaction": {"{:process 0, :type :invoke, :f :txn, :value [[:x 1]]}",
			"f:1: expected [:r key nil]"},
		"nothing to write": {"{:process 0, :type :invoke, :f :txn, :value [[:w 1]]}",
			"f:1: expected a value to write"},
		"log": {line + line, "f:2: expected the return of read by process 0"},
		"log value": {line + "INFO  jepsen.util - 0\t:ok\t:read\t[1",
			"f:2: expected a value, found the end"},
		"log line": {line + strings.Repeat("x", 1<<20+1),
			"f:2: expected a line of at most 1048576 bytes"},
		"json":       {json + "{", "f:2: expected a JSON object of the fields client"},
		"json field": {json + `{"process": 1}`, `unknown field "process"`},
		"json array": {json + "[]", "f:2: expected a JSON object"},
		"json twice": {json + strings.TrimSpace(json) + "7", "f:2: expected one JSON object a line"},
		"json client": {json + `{"client": -1, "call": 1, "return": 2, "op": "read"}`,
			"f:2: expected a JSON object"},
		"json no client": {json + `{"call": 1, "return": 2, "op": "read"}`,
			"f:2: expected a client and an op, found none"},
		"json no call": {json + `{"client": 1, "return": 2, "op": "read"}`, "f:2: expected a call from 0"},
		"json late": {json + `{"client": 1, "call": 4611686018427387903, "op": "read", "unknown": true}`,
			"f:2: expected a call from 0 to 2^62"},
		"json backwards": {json + `{"client": 1, "call": 5, "return": 4, "op": "read"}`,
			"f:2: expected a return from the call"},
		"json no return": {json + `{"client": 1, "call": 5, "op": "read"}`,
			"f:2: expected a return, or unknown"},
		"json both": {json + `{"client": 1, "call": 5, "op": "read", "unknown": true, "failed": true}`,
			"f:2: expected either unknown or failed"},
		"json answered": {json + `{"client": 1, "call": 5, "op": "read", "unknown": true, "answer": 1}`,
			"f:2: expected no return and no answer of an unknown"},
		"json failed answer": {json + `{"client": 1, "call": 5, "op": "read", "failed": true, "answer": 1}`,
			"f:2: expected no answer of a failed"},
		"json no answer": {json + `{"client": 1, "call": 5, "return": 6, "op": "read"}`,
			"f:2: expected an answer of read, found none"},
		"json cas": {json +
			`{"client": 1, "call": 5, "return": 6, "op": "cas", "arg": [1, 2], "answer": 2}`,
			"f:2: expected an answer true or false of cas"},
		"json overlap": {json + `{"client": 1, "call": 3, "return": 9, "op": "write", "arg": 1}` + "\n" +
			`{"client": 1, "call": 8, "return": 9, "op": "write", "arg": 2}`,
			"f:3: expected a call of client 1 behind its return in line 2"},
		"json fault": {json + `{"fault": "x", "call": 1}`, "f:2: expected a return of the fault"},
		"json fault and op": {json + `{"fault": "x", "call": 1, "return": 2, "op": "read"}`,
			"f:2: expected either an operation or a fault"},
		"json number": {json + `{"client": 1, "call": 3, "return": 4, "op": "write", "arg": 1e999}`,
			"f:2: expected a number that is not too large"},
		"json deep": {json + `{"client": 1, "call": 3, "return": 4, "op": "write", "arg": ` + deep[:99] +
			strings.Repeat("]", 99) + "}", "f:2: expected fewer lists in lists"},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := foreign.Read("f", []byte(test.content), foreign.Options{})
			require.ErrorContains(t, err, test.want)
			require.Nil(t, read)
		})
	}
}

func TestRead_large(t *testing.T) {
	_, err := foreign.Read("f", make([]byte, 64<<20+1), foreign.Options{})
	require.ErrorContains(t, err, "f:1: expected a file of at most 67108864 bytes, found 67108865")
}

func TestRead_wrongOptions(t *testing.T) {
	_, err := foreign.Read("f", nil, foreign.Options{Format: "xml"})
	require.EqualError(t, err, `f: no format "xml"`)
	_, err = foreign.Read("f", []byte("model kv\n\n"), foreign.Options{Model: "register"})
	require.EqualError(t, err, "f: expected a history of register, found one of kv")
	_, err = foreign.Read("f", []byte("{:process 0, :type :invoke, :f :lock}"),
		foreign.Options{Model: "register"})
	require.EqualError(t, err, `f:1: expected an operation of model register, found "lock"`)
}

// TestRead_tookNoTime: an operation that returned when it was called doubles all times.
func TestRead_tookNoTime(t *testing.T) {
	lines := `{"client": 1, "call": 3, "return": 5, "op": "write", "arg": 1}
{"fault": "slow", "call": 3, "return": 7}
`
	r, err := foreign.Read("f", []byte(lines), foreign.Options{})
	require.NoError(t, err)
	require.False(t, r.Doubled)
	require.Equal(t, "c1 3..5 x write 1 -> ok", r.History[0].String())
	require.EqualValues(t, 7, r.Notes[0].End)
	lines += `{"client": 2, "call": 4, "return": 4, "op": "read", "answer": null}`
	r, err = foreign.Read("f", []byte(lines), foreign.Options{})
	require.NoError(t, err)
	require.True(t, r.Doubled)
	require.Equal(t, "c1 6..10 x write 1 -> ok", r.History[0].String())
	require.Equal(t, "c2 8..9 x read -> nil", r.History[1].String())
	require.EqualValues(t, 14, r.Notes[0].End)
}
