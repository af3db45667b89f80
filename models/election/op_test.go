package election_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/election"
)

func parse(t require.TestingT, text string) election.Op {
	op, err := election.ParseOp(text)
	require.NoError(t, err)
	return op
}

func TestParseOp(t *testing.T) {
	longest := strings.Repeat("n", election.MaxNameBytes)
	tests := map[string]struct {
		op    election.Op
		input string
	}{
		"campaign db 1": {election.Op{Kind: election.Campaign, Name: "db", TTL: 1}, "campaign 1"},
		"campaign db 10000": {election.Op{Kind: election.Campaign, Name: "db", TTL: election.MaxTTL},
			"campaign 10000"},
		"keepalive a.B_-9 18446744073709551615 10": {
			election.Op{Kind: election.Keepalive, Name: "a.B_-9", Token: 1<<64 - 1, TTL: 10},
			"keepalive 18446744073709551615 10",
		},
		"resign resign 7":   {election.Op{Kind: election.Resign, Name: "resign", Token: 7}, "resign 7"},
		"holder " + longest: {election.Op{Kind: election.Holder, Name: longest}, "holder"},
	}
	for text, test := range tests {
		t.Run(text, func(t *testing.T) {
			op := parse(t, text)
			require.Equal(t, test.op, op)
			require.Equal(t, text, op.String())
			require.Equal(t, test.input, op.Input())
			require.Equal(t, test.op.Name, op.Key())
			require.Equal(t, test.op.Kind == election.Holder, op.ReadOnly())
			require.Equal(t, op.ReadOnly(), election.Spec().ReadOnly(op.Input()))
		})
	}
}

func TestParseOp_errors(t *testing.T) {
	const kind = "expected campaign, keepalive, resign or holder, found "
	tests := map[string]string{
		"":           kind + `""`,
		"get x":      kind + `"get"`,
		" holder x":  kind + `""`,
		"none x":     kind + `"none"`,
		"holder":     `expected holder NAME with single spaces, found "holder"`,
		"holder x y": `expected holder NAME with single spaces`,
		"holder ": `expected a name of 1 to 64 letters, digits, '.', '_' and '-', ` +
			`found ""`,
		"holder a/b":                        `found "a/b"`,
		"holder " + strings.Repeat("n", 65): "expected a name",
		"campaign x":                        "expected campaign NAME TTL with single spaces",
		"campaign x  1":                     "expected campaign NAME TTL with single spaces",
		"campaign x 0":                      `expected a time to live from 1 to 10000, found "0"`,
		"campaign x 10001":                  `expected a time to live from 1 to 10000, found "10001"`,
		"campaign x 01":                     `found "01"`,
		"campaign x +1":                     `found "+1"`,
		"campaign x -1":                     `found "-1"`,
		"campaign x ":                       `expected a time to live from 1 to 10000, found ""`,
		"campaign x 1_0":                    `found "1_0"`,
		"keepalive x 1":                     "expected keepalive NAME TOKEN TTL with single spaces",
		"keepalive x 0 1":                   `expected a token from 1 to 18446744073709551615, found "0"`,
		"keepalive x 1 0":                   `expected a time to live`,
		"resign x":                          "expected resign NAME TOKEN with single spaces",
		"resign x 18446744073709551616":     "expected a token from 1 to",
		"resign x y":                        `expected a token from 1 to 18446744073709551615, found "y"`,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			op, err := election.ParseOp(text)
			require.ErrorContains(t, err, want)
			require.Zero(t, op)
		})
	}
}

func TestKind_String(t *testing.T) {
	require.Equal(t, "resign", election.Resign.String())
	require.Equal(t, "none", election.Kind(0).String())
	require.Equal(t, "none", election.Kind(200).String())
}

// There is one text of each operation, and machine and specification take any.
func FuzzParseOp(f *testing.F) {
	for _, text := range []string{"campaign db 40", "keepalive db 3 40", "resign db 3", "holder db",
		"campaign db 040", "resign  3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		op, err := election.ParseOp(text)
		if err != nil {
			require.Zero(t, op)
			return
		}
		require.Equal(t, text, op.String())
		require.Equal(t, text, strings.Replace(op.Input(), op.Kind.String(), op.Kind.String()+" "+op.Key(), 1))

		var m election.Machine
		spec := election.Spec()
		_, ok := spec.Step(spec.Init, op.Input(), m.Apply(1, 5, op), true)
		require.True(t, ok)
	})
}

func FuzzParseAnswer(f *testing.F) {
	for _, text := range []string{
		"token-3-until-50-at-10-for-c2", "held-by-c1-until-35-at-10-for-c2", "ok-until-60-at-20-for-c2",
		"ok-at-25-for-c2", "lost-at-25-for-c2", "c2-token-3-until-60-at-20", "free-at-25", "free-at-025",
		"lost-at-1-for-c4294967296", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := election.ParseAnswer(text)
		if err != nil {
			require.Zero(t, a)
			return
		}
		require.Equal(t, text, a.String())
	})
}

func TestParseAnswer(t *testing.T) {
	tests := map[string]election.Answer{
		"token-3-until-50-at-10-for-c2":    {Verdict: election.Granted, Client: 2, Token: 3, Until: 50, Now: 10},
		"held-by-c1-until-35-at-10-for-c2": {Verdict: election.Held, Client: 2, Holder: 1, Until: 35, Now: 10},
		"ok-until-60-at-20-for-c2":         {Verdict: election.Kept, Client: 2, Until: 60, Now: 20},
		"ok-at-25-for-c2":                  {Verdict: election.Resigned, Client: 2, Now: 25},
		"lost-at-0-for-c4294967295":        {Verdict: election.Lost, Client: 1<<32 - 1},
		"c2-token-3-until-60-at-20":        {Verdict: election.Led, Holder: 2, Token: 3, Until: 60, Now: 20},
		"free-at-18446744073709551615":     {Verdict: election.Free, Now: 1<<64 - 1},
	}
	for text, want := range tests {
		a, err := election.ParseAnswer(text)
		require.NoError(t, err)
		require.Equal(t, want, a)
		require.Equal(t, text, a.String())
	}
	for _, text := range []string{
		"", "ok", "free-at-", "free-at-07", "free-at-7 ", "free-at-18446744073709551616",
		"lost-at-7-for-c4294967296", "c4294967296-token-3-until-60-at-20", "token-3-until-50-at-10",
		"ok-at-25-for-2", "free-at-N",
	} {
		a, err := election.ParseAnswer(text)
		require.ErrorContains(t, err, "expected an answer such as", text)
		require.Zero(t, a)
	}
	require.Empty(t, election.Answer{}.String())
	require.Empty(t, election.Answer{Verdict: 99}.String())
}

// anyOp draws an operation that matters with few leaderships and small tokens.
func anyOp(t *rapid.T, names ...string) election.Op {
	name := rapid.SampledFrom(names).Draw(t, "name")
	ttl := rapid.IntRange(1, 8).Draw(t, "ttl")
	token := rapid.IntRange(1, 4).Draw(t, "token")
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0, 1, 2:
		return parse(t, fmt.Sprintf("campaign %s %d", name, ttl))
	case 3, 4:
		return parse(t, fmt.Sprintf("keepalive %s %d %d", name, token, ttl))
	case 5:
		return parse(t, fmt.Sprintf("resign %s %d", name, token))
	default:
		return parse(t, "holder "+name)
	}
}
