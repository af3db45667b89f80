package faults

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/raft"
)

func TestEvent_text(t *testing.T) {
	tests := map[string]Event{
		"tick 1":                  {Kind: Tick, Node: 1, K: 1},
		"tick 9 k=10000":          {Kind: Tick, Node: 9, K: MaxK},
		"timeout 2":               {Kind: Timeout, Node: 2},
		"deliver 1->2":            {Kind: Deliver, Node: 1, Peer: 2},
		"deliver 1->2 k=3":        {Kind: Deliver, Node: 1, Peer: 2, K: 3},
		"drop 2->1 k=1":           {Kind: Drop, Node: 2, Peer: 1, K: 1},
		"duplicate 3->1":          {Kind: Duplicate, Node: 3, Peer: 1},
		"cut 1->3":                {Kind: Cut, Node: 1, Peer: 3},
		"cut 1 3 | 2":             {Kind: Cut, Groups: [MaxNodes + 1]uint8{1: 1, 2: 2, 3: 1}},
		"cut 9 | 1 | 4 5":         {Kind: Cut, Groups: [MaxNodes + 1]uint8{9: 1, 1: 2, 4: 3, 5: 3}},
		"mend":                    {Kind: Mend},
		"mend 1->2":               {Kind: Mend, Node: 1, Peer: 2},
		"slow 1->2 k=0":           {Kind: Slow, Node: 1, Peer: 2},
		"slow 1->2 k=1000":        {Kind: Slow, Node: 1, Peer: 2, K: 1000},
		"persist 1":               {Kind: Persist, Node: 1},
		"persist 1 k=2":           {Kind: Persist, Node: 1, K: 2},
		"crash 1 k=2":             {Kind: Crash, Node: 1, K: 2},
		"tear 1 k=2 bytes=7":      {Kind: Tear, Node: 1, K: 2, Aux: 7},
		"tear 1 bytes=7":          {Kind: Tear, Node: 1, Aux: 7},
		"corrupt 1 k=2 bit=10000": {Kind: Corrupt, Node: 1, K: 2, Aux: MaxK},
		"fail 1 k=1":              {Kind: Fail, Node: 1, K: 1},
		"pause 1":                 {Kind: Pause, Node: 1},
		"resume 1":                {Kind: Resume, Node: 1},
		"restart 1":               {Kind: Restart, Node: 1},
		"skew 1 k=100":            {Kind: Skew, Node: 1, K: 100},
		"call c1 2 put x 7":       {Kind: Call, Client: 1, Node: 2, Op: "put x 7"},
		"call c16 2 cas x nil 7":  {Kind: Call, Client: 16, Node: 2, Op: "cas x nil 7"},
		"retry c1 3":              {Kind: Retry, Client: 1, Node: 3},
		"abandon c16":             {Kind: Abandon, Client: 16},
		"read c1 2 get x":         {Kind: Read, Client: 1, Node: 2, Op: "get x"},
		"leaseread c1 2 get x":    {Kind: LeaseRead, Client: 1, Node: 2, Op: "get x"},
		"work c2":                 {Kind: Work, Client: 2},
		"land c2":                 {Kind: Land, Client: 2},
		"land c2 k=1":             {Kind: Land, Client: 2, K: 1},
		"compact 1":               {Kind: Compact, Node: 1},
		"compact 1 k=7":           {Kind: Compact, Node: 1, K: 7},
		"reconfigure 2 to 1":      ReconfigureTo(2, raft.NodeSetOf(1), 0),
		"reconfigure 2 to 1 3":    {Kind: Reconfigure, Node: 2, Groups: [MaxNodes + 1]uint8{1: 1, 3: 1}},
		"reconfigure 9 to 3 + 1 2": {
			Kind: Reconfigure, Node: 9, Groups: [MaxNodes + 1]uint8{1: 2, 2: 2, 3: 1},
		},
		"transfer 1->2": {Kind: Transfer, Node: 1, Peer: 2},
		"wipe 3":        {Kind: Wipe, Node: 3},
		"settle":        {Kind: Settle},
		"run k=50":      {Kind: Run, K: 50},
		"heal":          {Kind: Heal},
		"heal k=400":    {Kind: Heal, K: 400},
		"lose 1->2":     {Kind: Lose, Node: 1, Peer: 2},
		"settle 1 3":    {Kind: Settle, Groups: [MaxNodes + 1]uint8{1: 1, 3: 1}},

		"expect no-leader committed=5":     {Kind: Expect, Op: "no-leader committed=5"},
		"expect leader=9":                  {Kind: Expect, Op: "leader=9"},
		"expect 2 leader term=3":           {Kind: Expect, Groups: [MaxNodes + 1]uint8{2: 1}, Op: "leader term=3"},
		"expect 3 9 down vote=none log={}": {Kind: Expect, Groups: [MaxNodes + 1]uint8{3: 1, 9: 1}, Op: "down vote=none log={}"},
		"expect 1 pre-candidate term=1 vote=2 leader=3 commit=4 applied=5 base=6 log=1..7 config={1 2}&{3}+{4}": {
			Kind: Expect, Groups: [MaxNodes + 1]uint8{1: 1},
			Op: "pre-candidate term=1 vote=2 leader=3 commit=4 applied=5 base=6 log=1..7 config={1 2}&{3}+{4}",
		},
	}
	seen := map[part]bool{}
	for line, e := range tests {
		require.Equal(t, line, e.String())
		parsed, err := ParseEvent(line, MaxNodes, store)
		require.NoError(t, err)
		require.Equal(t, e, parsed)
		require.True(t, e.fits(raft.FirstNodes(MaxNodes)), line)
		for _, p := range table[e.Kind].parts {
			seen[p] = true
		}
	}
	for _, kind := range EventKinds() { // TestKinds_described has an example of each
		for _, p := range table[kind].parts {
			require.True(t, seen[p], "%s in %s has a part that no line of this table has: add one", kind, kind.File())
		}
	}
}

func TestEvent_otherSpellings(t *testing.T) {
	tests := map[string]string{
		"tick 1 k=1":         "tick 1",
		"deliver 1->2 k=0":   "deliver 1->2",
		"persist 1 k=0":      "persist 1",
		"tear 1 k=0 bytes=0": "tear 1",
		"heal k=0":           "heal",
		"compact 1 k=0":      "compact 1",
		"land c1 k=0":        "land c1",
		"read  c1 1 get   x": "read c1 1 get x",

		"reconfigure 1 to 3 2  +  1": "reconfigure 1 to 2 3 + 1",
		"cut 2 1 | 3":                "cut 1 2 | 3",
		"  timeout \t 1 ":            "timeout 1",
		"settle 3  1":                "settle 1 3",

		"expect 2  commit=1   leader":             "expect 2 leader commit=1",
		"expect 1 config={1  2}&{3} log={1\t1 3}": "expect 1 log={1 1 3} config={1 2}&{3}",
		"call c1 1  get  x":                       "call c1 1 get x",
		"call\u00a0c1 1 put x 7":                  "call c1 1 put x 7",
	}
	for line, want := range tests {
		e, err := ParseEvent(line, 3, store)
		require.NoError(t, err, line)
		require.Equal(t, want, e.String())
	}
}

func TestEvent_parseIsTheInverseOfString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, MaxNodes).Draw(t, "nodes")
		e := validEvent(nodes).Draw(t, "event")
		require.True(t, e.fits(raft.FirstNodes(nodes)))
		parsed, err := ParseEvent(e.String(), nodes, store)
		require.NoError(t, err)
		require.Equal(t, e, parsed)
	})
}

// What the world carries out and what a file can say are the same.
func TestEvent_fitsExactlyWhatParses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, MaxNodes).Draw(t, "nodes")
		e := wildEvent().Draw(t, "event")
		if !e.fits(raft.FirstNodes(nodes)) || e.Op != "" {
			return
		}
		parsed, err := ParseEvent(e.String(), nodes, store)
		require.NoError(t, err)
		require.Equal(t, e.String(), parsed.String())
	})
}

func TestEvent_cutApart(t *testing.T) {
	tests := map[string][]raft.NodeSet{
		"cut 1 2 | 3":   {raft.NodeSetOf(1, 2), raft.NodeSetOf(3)},
		"cut 3 | 1 | 2": {raft.NodeSetOf(3), raft.NodeSetOf(1), raft.NodeSetOf(2)},
		"cut 2 | 1":     {raft.NodeSetOf(2), 0, raft.NodeSetOf(1), 0},
	}
	for want, sets := range tests {
		e := CutApart(sets...)
		require.Equal(t, want, e.String())
		parsed, err := ParseEvent(want, 3, store)
		require.NoError(t, err)
		require.Equal(t, parsed, e)
	}
	require.Equal(t, Event{Kind: Cut}, CutApart())
}

func TestEvent_reconfigureTo(t *testing.T) {
	e := ReconfigureTo(2, raft.NodeSetOf(1, 3), raft.NodeSetOf(2, 3))
	require.Equal(t, "reconfigure 2 to 1 3 + 2", e.String(), "a voter is no learner")
	require.Equal(t, raft.Configuration{Voters: raft.NodeSetOf(1, 3), Learners: raft.NodeSetOf(2)}, e.Configuration())
}

func TestEvent_macros(t *testing.T) {
	for _, k := range EventKinds() {
		require.Equal(t, k == Settle || k == Run || k == Heal || k == Probe, k.Macro(), k)
	}
}

func TestEvent_fitsNoOtherGroups(t *testing.T) {
	groups := func(gs ...uint8) (a [MaxNodes + 1]uint8) {
		copy(a[1:], gs)
		return a
	}
	tests := map[string]struct {
		e    Event
		fits bool
	}{
		"cut in two":            {Event{Kind: Cut, Groups: groups(1, 2)}, true},
		"cut of one group":      {Event{Kind: Cut, Groups: groups(1, 1)}, false},
		"only voters":           {Event{Kind: Reconfigure, Node: 1, Groups: groups(1, 1)}, true},
		"voters and learners":   {Event{Kind: Reconfigure, Node: 1, Groups: groups(2, 1)}, true},
		"only learners":         {Event{Kind: Reconfigure, Node: 1, Groups: groups(2, 2)}, false},
		"nobody":                {Event{Kind: Reconfigure, Node: 1}, false},
		"voters, and strangers": {Event{Kind: Reconfigure, Node: 1, Groups: groups(1, 2, 3)}, false},
	}
	for name, test := range tests {
		require.Equal(t, test.fits, test.e.fits(raft.FirstNodes(3)), name)
	}
}
