package faults

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const header = "system reference\nnodes 3\nrand 7\n"

const canonical = `# Two lines
#
# of prose.
system reference+late
nodes  3
rand   18446744073709551615

# first
timeout 1

#  then
deliver 1->2

crash 2
# last
----
violated ElectionSafety after event 2: n1 and n3 lead term 1
----
# held
`

func TestParse_wholeFile(t *testing.T) {
	s, err := Parse("f", []byte(canonical), house)
	require.NoError(t, err)
	require.Equal(t, &Schedule{
		Prose:  []string{"Two lines", "", "of prose."},
		System: "reference+late", Nodes: 3, Service: store, Usual: true, Rand: 1<<64 - 1,
		Events: []Event{{Kind: Timeout, Node: 1}, {Kind: Deliver, Node: 1, Peer: 2}, {Kind: Crash, Node: 2}},
		Notes:  []Note{{0, "# first"}, {1, ""}, {1, "#  then"}, {2, ""}, {3, "# last"}},
		Golden: []string{"violated ElectionSafety after event 2: n1 and n3 lead term 1", "----", "# held"},
	}, s)
	require.Equal(t, canonical, s.String())
}

func TestParse_otherSpellings(t *testing.T) {
	want := "# a\nsystem reference\nnodes  3\nrand   7\n\ntimeout 1\n\nsettle\n----\nheld\n"
	tests := map[string]string{
		"as printed":               want,
		"line ends of DOS":         strings.ReplaceAll(want, "\n", "\r\n"),
		"no end of the last line":  strings.TrimSuffix(want, "\n"),
		"blank lines around":       "\n\n#a\n\n" + header + "\n\n\ntimeout 1\n\nsettle\n\n\n----\n\nheld\n\n",
		"indented":                 "  # a\n\tsystem  reference\n nodes    3 \n rand 7\n\n timeout 1\n \n\tsettle\n ---- \n  held\n",
		"no blank after the head":  "#a\n" + header + "timeout 1\n\nsettle\n----\nheld",
		"spaces of other scripts":  "# a\n" + header + "\u2003timeout\u20031\n\nsettle\u0085\n----\nheld",
		"form feed ends a line \f": "# a\f\n" + header + "timeout 1\v\n\nsettle\n----\nheld\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := Parse("f", []byte(text), house)
			require.NoError(t, err)
			require.Equal(t, want, s.String())
		})
	}
}

func TestParse_header(t *testing.T) {
	tests := map[string]Schedule{
		"nodes  3\nrand   1\n":                                   {},
		"nodes  3\nvoters 2\nrand   1\n":                         {Voters: 2},
		"nodes  3\nprevote on\nrand   1\n":                       {PreVote: true},
		"nodes  3\nvoters 1\nprevote on\nrand   1\n":             {Voters: 1, PreVote: true},
		"nodes  3\nvoters 3\nservice kv\nrand   1\n":             {},
		"nodes  3\nvoters  2\nprevote  on\nservice kv\nrand 1\n": {Voters: 2, PreVote: true},
	}
	for text, want := range tests {
		s, err := Parse("f", []byte("system a\n"+text), house)
		require.NoError(t, err)
		want.System, want.Nodes, want.Rand, want.Service, want.Usual = "a", 3, 1, store, true
		require.Equal(t, &want, s)
		again, err := Parse("f", []byte(s.String()), house)
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
	all := Schedule{System: "a", Nodes: 3, Voters: 3, Service: store, Usual: true}
	require.Equal(t, "system a\nnodes  3\nrand   0\n\n", all.String(), "what is usual is left out")
}

func TestParse_golden(t *testing.T) {
	tests := map[string][]string{
		header + "settle\n":               nil,
		header + "settle\n----\n":         {},
		header + "----\n":                 {},
		header + "settle\n----\n\nheld\n": {"held"},
	}
	for text, want := range tests {
		s, err := Parse("f", []byte(text), house)
		require.NoError(t, err)
		require.Equal(t, want, s.Golden)
	}
}

func TestParse_isTheInverseOfString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule().Draw(t, "schedule")
		text := s.String()
		parsed, err := Parse("f", []byte(text), house)
		require.NoError(t, err)
		require.Equal(t, s, parsed)
		require.Equal(t, text, parsed.String())

		dos, err := Parse("f", []byte(strings.ReplaceAll(text, "\n", "\r\n")), house)
		require.NoError(t, err)
		require.Equal(t, s, dos)
	})
}

func TestParse_longestLineStaysReadable(t *testing.T) {
	for _, prefix := range []string{"#", "# ", header + "#", header + "# ", header + "----\n"} {
		for spare := range 6 {
			line := prefix + strings.Repeat("x", MaxLineBytes-spare-len(prefix[strings.LastIndex(prefix, "\n")+1:])) + "\n"
			text := line
			if !strings.Contains(prefix, "system") {
				text += header
			}
			s, err := Parse("f", []byte(text), house)
			if err != nil {
				require.Less(t, spare, 2, "%d bytes and the line's end are no longer than %d", MaxLineBytes-spare, MaxLineBytes)
				continue
			}
			again, err := Parse("f", []byte(s.String()), house)
			require.NoError(t, err)
			require.Equal(t, s, again)
		}
	}
}

func TestParse_asManyEventsAsAllowed(t *testing.T) {
	s, err := Parse("f", []byte(header+strings.Repeat("settle\n", MaxEvents)), house)
	require.NoError(t, err)
	require.Len(t, s.Events, MaxEvents)
}

func TestSchedule_cloneSharesNothing(t *testing.T) {
	s, err := Parse("f", []byte(canonical), house)
	require.NoError(t, err)
	c := s.Clone()
	require.Equal(t, s, c)
	c.Prose[0], c.Events[0], c.Notes[0], c.Golden[0] = "", Event{}, Note{}, ""
	require.Equal(t, canonical, s.String())
}

func TestSchedule_mostClient(t *testing.T) {
	s := &Schedule{}
	require.Zero(t, s.MostClient())
	s.Events = []Event{{Kind: Call, Client: 2}, {Kind: Abandon, Client: 5}, {Kind: Retry, Client: 3}}
	require.Equal(t, 5, s.MostClient())
}
