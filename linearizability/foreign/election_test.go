package foreign_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/foreign"
	"raftcheck/linearizability/model"
	"raftcheck/models/election"
)

// asJSON writes a history of an election as JSON lines, which have no positions.
func asJSON(t *testing.T, h linearizability.History) string {
	t.Helper()
	var lines strings.Builder
	for i := range h {
		op := &h[i]
		words := strings.Split(op.Input, " ")
		line := map[string]any{"client": op.Client, "call": op.Call, "key": op.Key, "op": words[0]}
		switch operands := words[1:]; len(operands) {
		case 1:
			line["arg"] = json.Number(operands[0])
		case 2:
			line["arg"] = []json.Number{json.Number(operands[0]), json.Number(operands[1])}
		}
		if op.Pending() {
			line["unknown"] = true
		} else {
			line["return"], line["answer"] = op.Return, answerAsJSON(t, op)
		}
		text, err := json.Marshal(line)
		require.NoError(t, err)
		lines.Write(append(text, '\n'))
	}
	return lines.String()
}

func answerAsJSON(t *testing.T, op *linearizability.Operation) map[string]any {
	t.Helper()
	a, err := election.ParseAnswer(op.Output)
	require.NoError(t, err)
	switch a.Verdict {
	case election.Granted:
		return map[string]any{"kind": "granted", "token": a.Token, "until": a.Until, "at": a.Now}
	case election.Held:
		return map[string]any{"kind": "held", "holder": a.Holder, "until": a.Until, "at": a.Now}
	case election.Kept:
		return map[string]any{"kind": "kept", "until": a.Until, "at": a.Now}
	case election.Resigned:
		return map[string]any{"kind": "resigned", "at": a.Now}
	case election.Lost:
		return map[string]any{"kind": "lost", "at": a.Now}
	case election.Led:
		return map[string]any{"kind": "led", "holder": a.Holder, "token": a.Token, "until": a.Until, "at": a.Now}
	default:
		return map[string]any{"kind": "free", "at": a.Now}
	}
}

// sameAsJSON wants the history, its verdict and its reason of its JSON lines, and the
// same text of these.
func sameAsJSON(t *testing.T, h linearizability.History) linearizability.Result {
	t.Helper()
	for i := range h {
		h[i].Position = 0
	}
	read, err := foreign.Read("f", []byte(asJSON(t, h)), foreign.Options{})
	require.NoError(t, err)
	require.Equal(t, "election", read.Model)
	require.Equal(t, h, read.History)
	spec := election.Spec()
	result, again := linearizability.Check(spec, h), linearizability.Check(spec, read.History)
	require.Equal(t, result, again)
	require.Equal(t, model.Reason(spec, result, h), model.Reason(spec, again, read.History))

	text, err := linearizability.File{Model: read.Model, History: read.History}.AppendText(nil)
	require.NoError(t, err)
	ours, err := foreign.Read("f", text, foreign.Options{})
	require.NoError(t, err)
	require.Equal(t, h, ours.History)
	return result
}

// TestElection_storedTexts: a text and its JSON lines are one history.
func TestElection_storedTexts(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(histories, "election-*.txt"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 4)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		file, err := linearizability.Parse(path, text)
		require.NoError(t, err)
		require.Equal(t, file.Expect, sameAsJSON(t, file.History).Outcome, path)
	}
}

// TestElection_everyAnswer: JSON lines can say all that the service answers.
func TestElection_everyAnswer(t *testing.T) {
	var h linearizability.History
	var m election.Machine
	kinds := map[string]bool{}
	for i, call := range []string{
		"1 holder db", "1 campaign db 40", "2 campaign db 40", "1 keepalive db 1 10000", "2 keepalive db 1 5",
		"2 resign db 1", "3 holder db", "1 resign db 1", "3 keepalive db 18446744073709551615 1", "3 campaign db 1",
	} {
		client := int(call[0] - '0')
		op, err := election.ParseOp(call[2:])
		require.NoError(t, err)
		answer := m.Apply(uint32(client), uint64(10*i), op)
		parsed, err := election.ParseAnswer(answer)
		require.NoError(t, err)
		kinds[fmt.Sprint(op.Kind, parsed.Verdict)] = true
		h = append(h, linearizability.Operation{Client: client, Key: op.Key(), Input: op.Input(), Output: answer,
			Call: int64(2 * i), Return: int64(2*i + 1)})
	}
	require.Len(t, kinds, 8)
	require.Equal(t, linearizability.Linearizable, sameAsJSON(t, h).Outcome)
}

// TestElection_clientZero: where clients count from 0, holders do.
func TestElection_clientZero(t *testing.T) {
	for lines, want := range map[string]string{
		`{"client": 0, "call": 0, "return": 1, "op": "campaign", "arg": 5,` +
			` "answer": {"kind": "held", "holder": 1, "until": 9, "at": 8}}`: "held-by-c2-until-9-at-8-for-c1",
		`{"client": 3, "call": 0, "return": 1, "op": "holder",` +
			` "answer": {"kind": "led", "holder": 0, "token": 1, "until": 9, "at": 8}}`: "c1-token-1-until-9-at-8",
		`{"client": 4294967294, "call": 0, "return": 1, "op": "resign", "arg": 1,` +
			` "answer": {"kind": "lost", "at": 0}}` + "\n" +
			`{"client": 0, "call": 0, "op": "holder", "unknown": true}`: "lost-at-0-for-c4294967295",
	} {
		read, err := foreign.Read("f", []byte(lines), foreign.Options{})
		require.NoError(t, err)
		require.Equal(t, want, read.History[0].Output)
	}
}

// TestElection_bounds: operands are those that the specification knows.
func TestElection_bounds(t *testing.T) {
	campaign := func(ttl int) error {
		line := fmt.Sprintf(`{"client": 1, "call": 0, "op": "campaign", "arg": %d, "unknown": true}`, ttl)
		read, err := foreign.Read("f", []byte(line), foreign.Options{})
		if err == nil {
			_, ok := election.Spec().Step(election.Spec().Init, read.History[0].Input, "", false)
			require.True(t, ok)
		}
		return err
	}
	require.NoError(t, campaign(1))
	require.NoError(t, campaign(election.MaxTTL))
	require.EqualError(t, campaign(0), `f:1: expected a time to live from 1 to 10000 of campaign, found "0"`)
	require.EqualError(t, campaign(election.MaxTTL+1),
		`f:1: expected a time to live from 1 to 10000 of campaign, found "10001"`)
}

// TestElection_errors: an answer that the specification does not have is no verdict.
func TestElection_errors(t *testing.T) {
	const (
		good    = `{"client": 0, "call": 0, "op": "holder", "unknown": true}` + "\n"
		lost    = "an answer of resign of the fields kind, at, whole numbers but for kind, found "
		led     = "an answer of holder of the kind led or free, found "
		granted = "an answer of campaign of the fields kind, token, until, at, whole numbers but for kind, found "
		held    = "an answer of campaign of the fields kind, holder, until, at, whole numbers but for kind, found "
	)
	for _, test := range []struct{ op, arg, answer, want string }{
		{"campaign", `"40"`, `1`, `a time to live from 1 to 10000 of campaign, found "\"40\""`},
		{"campaign", `null`, `1`, `a time to live from 1 to 10000 of campaign, found "nil"`},
		{"keepalive", `40`, `1`, `an operand like [1 2] of keepalive, found "40"`},
		{"keepalive", `[0, 9]`, `1`, `a token from 1 to 18446744073709551615 of keepalive, found "0"`},
		{"keepalive", `[1, 1e4]`, `1`, `a time to live from 1 to 10000 of keepalive, found "10000.0"`},
		{"resign", `18446744073709551616`, `1`, `a token from 1 to 18446744073709551615 of resign, found `},
		{"resign", `[1]`, `1`, `a token from 1 to 18446744073709551615 of resign, found "[1]"`},
		{"resign", `1`, `true`, `an answer of resign of the kind resigned or lost, found "true"`},
		{"holder", `null`, `null`, led + `"nil"`},
		{"holder", `null`, `"free"`, led + `"\"free\""`},
		{"holder", `null`, `{"kind": "lost"}`, led + `"map[`},
		{"resign", `1`, `{"kind": "lost"}`, lost},
		{"resign", `1`, `{"kind": "lost", "at": 1, "token": 1}`, lost},
		{"campaign", `4`, `{"kind": "granted", "token": 1, "until": 5}`, granted},
		{"campaign", `4`, `{"kind": "granted", "token": 1, "until": -5, "at": 1}`, granted},
		{"campaign", `4`, `{"kind": "granted", "token": 1, "until": "5", "at": 1}`, granted},
		{"campaign", `4`, `{"kind": "granted", "token": 1, "until": 5.5, "at": 1}`, granted},
		{"campaign", `4`, `{"kind": "held", "holder": 4294967295, "until": 5, "at": 1}`, held},
		{"campaign", `4`, `{"kind": "held", "holder": 18446744073709551615, "until": 5, "at": 1}`, held},
	} {
		line := fmt.Sprintf(`{"client": 1, "call": 2, "return": 3, "op": %q, "arg": %s, "answer": %s}`,
			test.op, test.arg, test.answer)
		_, err := foreign.Read("f", []byte(good+line), foreign.Options{})
		require.ErrorContains(t, err, "f:2: expected "+test.want, line)
	}
	for content, want := range map[string]string{
		good + `{"client": 1, "call": 2, "return": 3, "op": "holder"}`:  "an answer of holder, found none",
		good + `{"client": 1, "call": 2, "op": "lead", "failed": true}`: "an operation of model election, found ",
		good + `{"client": 4294967295, "call": 2, "return": 3, "op": "resign", "arg": 1,` +
			` "answer": {"kind": "lost", "at": 0}}`: lost,
		"\n{:process 1, :type :invoke, :f :resign, :value 1}\n" +
			"{:process 1, :type :ok, :f :resign, :value {:kind :lost, :at 1, :at 1}}": lost,
	} {
		_, err := foreign.Read("f", []byte(content), foreign.Options{Model: "election"})
		require.ErrorContains(t, err, "f:2: expected "+want)
	}
}
