package election_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/linearizability"
	"raftcheck/models/election"
)

// follow runs lines of input and answer, "?" for an unknown one, and says which
// line the specification refuses, from 1; 0 is none.
func follow(t require.TestingT, script string) (refused int, state string) {
	spec := election.Spec()
	state = spec.Init
	for i, line := range strings.Split(strings.TrimSpace(script), "\n") {
		input, answer, ok := strings.Cut(strings.TrimSpace(line), " -> ")
		require.True(t, ok, line)
		next, ok := spec.Step(state, input, answer, answer != "?")
		if !ok {
			require.Equal(t, state, next)
			return i + 1, state
		}
		state = next
	}
	return 0, state
}

// The last line is the one that each script is about: refused or not.
func TestSpec(t *testing.T) {
	const (
		ok      = false
		refused = true
		taken   = "campaign 40 -> token-1-until-50-at-10-for-c1\n"
	)
	tests := []struct {
		what    string
		script  string
		refused bool
	}{
		{"a grant when free", taken, ok},
		{"the first token is 1", "campaign 40 -> token-2-until-50-at-10-for-c1", refused},
		{"until is not now and the time to live", "campaign 40 -> token-1-until-51-at-10-for-c1", refused},
		{"a grant to nobody", "campaign 40 -> token-1-until-50-at-10-for-c0", refused},
		{"a grant while held", taken + "campaign 40 -> token-2-until-89-at-49-for-c2", refused},
		{"a grant when it has run out", taken + "campaign 40 -> token-2-until-90-at-50-for-c2", ok},
		{"a grant with a token skipped", taken + "campaign 40 -> token-3-until-90-at-50-for-c2", refused},
		{"a grant with the token again", taken + "campaign 40 -> token-1-until-90-at-50-for-c2", refused},
		{"a grant to another with the holder's token",
			taken + "campaign 40 -> token-1-until-89-at-49-for-c2", refused},
		{"renewed by campaign", taken + "campaign 40 -> token-1-until-89-at-49-for-c1", ok},
		{"renewed by campaign, another token", taken + "campaign 40 -> token-2-until-89-at-49-for-c1", refused},
		{"renewed by campaign, too late", taken + "campaign 40 -> token-1-until-90-at-50-for-c1", refused},
		{"held", taken + "campaign 40 -> held-by-c1-until-50-at-49-for-c2", ok},
		{"held when it has run out", taken + "campaign 40 -> held-by-c1-until-50-at-50-for-c2", refused},
		{"held by itself", taken + "campaign 40 -> held-by-c1-until-50-at-49-for-c1", refused},
		{"held by a third", taken + "campaign 40 -> held-by-c3-until-50-at-49-for-c2", refused},
		{"held for longer than it is", taken + "campaign 40 -> held-by-c1-until-51-at-49-for-c2", refused},
		{"held when never granted", "campaign 40 -> held-by-c1-until-51-at-49-for-c2", refused},
		{"kept", taken + "keepalive 1 5 -> ok-until-54-at-49-for-c1", ok},
		{"kept too late", taken + "keepalive 1 5 -> ok-until-55-at-50-for-c1", refused},
		{"kept by another", taken + "keepalive 1 5 -> ok-until-54-at-49-for-c2", refused},
		{"kept by another token", taken + "keepalive 2 5 -> ok-until-54-at-49-for-c1", refused},
		{"kept for longer", taken + "keepalive 1 5 -> ok-until-55-at-49-for-c1", refused},
		{"kept, so it is held",
			taken + "keepalive 1 5 -> ok-until-54-at-49-for-c1\ncampaign 5 -> token-2-until-58-at-53-for-c2", refused},
		{"lost though it holds", taken + "keepalive 1 5 -> lost-at-49-for-c1", refused},
		{"lost when it has run out", taken + "keepalive 1 5 -> lost-at-50-for-c1", ok},
		{"lost by another", taken + "keepalive 1 5 -> lost-at-49-for-c2", ok},
		{"lost by another token", taken + "keepalive 2 5 -> lost-at-49-for-c1", ok},
		{"lost for nobody", taken + "keepalive 2 5 -> lost-at-49-for-c0", refused},
		{"lost when never granted", "keepalive 1 5 -> lost-at-49-for-c1", ok},
		{"resigned", taken + "resign 1 -> ok-at-49-for-c1", ok},
		{"resigned too late", taken + "resign 1 -> ok-at-50-for-c1", refused},
		{"resigned by another", taken + "resign 1 -> ok-at-49-for-c2", refused},
		{"resigned by another token", taken + "resign 2 -> ok-at-49-for-c1", refused},
		{"resigned, and lost", taken + "resign 1 -> lost-at-49-for-c1", refused},
		{"resigned twice", taken + "resign 1 -> ok-at-49-for-c1\nresign 1 -> ok-at-49-for-c1", refused},
		{"granted after it was resigned",
			taken + "resign 1 -> ok-at-11-for-c1\ncampaign 5 -> token-2-until-16-at-11-for-c2", ok},
		{"a token granted again after it was resigned",
			taken + "resign 1 -> ok-at-11-for-c1\ncampaign 5 -> token-1-until-16-at-11-for-c2", refused},
		{"read", taken + "holder -> c1-token-1-until-50-at-49", ok},
		{"read when it has run out", taken + "holder -> c1-token-1-until-50-at-50", refused},
		{"read of another holder", taken + "holder -> c2-token-1-until-50-at-49", refused},
		{"read of another token", taken + "holder -> c1-token-2-until-50-at-49", refused},
		{"read of another time", taken + "holder -> c1-token-1-until-51-at-49", refused},
		{"read free though held", taken + "holder -> free-at-49", refused},
		{"read free", taken + "holder -> free-at-50", ok},
		{"time goes back", taken + "holder -> free-at-50\nkeepalive 1 5 -> lost-at-49-for-c2", refused},
		{"time goes back to when it was held",
			taken + "holder -> free-at-50\nholder -> c1-token-1-until-50-at-49", refused},
		{"time stands", taken + "holder -> c1-token-1-until-50-at-10", ok},
		{"a renewal may shorten",
			taken + "keepalive 1 5 -> ok-until-16-at-11-for-c1\ncampaign 5 -> token-2-until-21-at-16-for-c2", ok},
		{"the answer of a campaign to a keepalive",
			taken + "keepalive 1 40 -> token-1-until-60-at-20-for-c1", refused},
		{"the answer of a keepalive to a campaign", taken + "campaign 40 -> ok-until-60-at-20-for-c1", refused},
		{"the answer of a read to a campaign", taken + "campaign 40 -> c1-token-1-until-50-at-20", refused},
		{"the answer of a resign to a read", taken + "holder -> lost-at-50-for-c1", refused},
		{"the answer of a read to a resign", taken + "resign 1 -> free-at-50", refused},
		{"no answer", taken + "holder -> nil", refused},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			want := 0
			if test.refused {
				want = strings.Count(strings.TrimSpace(test.script), "\n") + 1
			}
			at, state := follow(t, test.script)
			require.Equal(t, want, at, "in %q", state)
		})
	}
}

// The possible and the impossible effects of an operation whose answer no client heard.
func TestSpec_unknown(t *testing.T) {
	const (
		ok      = false
		refused = true
		taken   = "campaign 40 -> token-1-until-50-at-10-for-c1\n"
	)
	tests := []struct {
		what    string
		script  string
		refused bool
	}{
		{"a campaign that took it", "campaign 5 -> ?\nholder -> c7-token-1-until-9-at-5", ok},
		{"a campaign that took it too late", "campaign 5 -> ?\nholder -> c7-token-1-until-11-at-5", refused},
		{"a campaign that must have taken it", "campaign 5 -> ?\nholder -> free-at-4", refused},
		{"a campaign that took it and ran out", "campaign 5 -> ?\ncampaign 5 -> token-2-until-12-at-7-for-c2", ok},
		{"a campaign that cannot have run out",
			"campaign 5 -> ?\ncampaign 5 -> token-2-until-9-at-4-for-c2", refused},
		{"two tokens of one campaign", "campaign 5 -> ?\ncampaign 5 -> token-3-until-105-at-100-for-c2", refused},
		{"a client that waits for itself",
			"campaign 5 -> ?\ncampaign 5 -> held-by-c2-until-9-at-7-for-c2", refused},
		{"a campaign while held by another", taken + "campaign 5 -> ?\nholder -> c1-token-1-until-50-at-49", ok},
		{"a campaign by the holder", taken + "campaign 5 -> ?\nholder -> c1-token-1-until-36-at-32", ok},
		{"but not until now", taken + "campaign 5 -> ?\nholder -> c1-token-1-until-20-at-20", refused},
		{"the holder did not get another token",
			taken + "campaign 5 -> ?\nholder -> c1-token-2-until-36-at-32", refused},
		{"nor did another", taken + "campaign 5 -> ?\nholder -> c2-token-2-until-36-at-32", refused},
		{"nor earlier than it ran out", taken + "campaign 5 -> ?\nholder -> c2-token-2-until-54-at-52", refused},
		{"another got it later", taken + "campaign 5 -> ?\nholder -> c2-token-2-until-55-at-52", ok},
		{"a holder that was read stays",
			"campaign 5 -> ?\nholder -> c7-token-1-until-9-at-5\nkeepalive 1 5 -> ok-until-11-at-6-for-c6", refused},
		{"a holder that was not read stays unknown",
			"campaign 5 -> ?\nkeepalive 1 5 -> ok-until-11-at-6-for-c6", ok},
		{"it was free, so nobody took it later",
			"campaign 5 -> ?\nholder -> free-at-5\nholder -> c7-token-1-until-11-at-8", refused},
		{"a keepalive that renewed", taken + "keepalive 1 40 -> ?\nholder -> c1-token-1-until-89-at-60", ok},
		{"a keepalive that came when it had run out",
			taken + "keepalive 1 40 -> ?\nholder -> c1-token-1-until-90-at-60", refused},
		{"a keepalive by another token",
			taken + "keepalive 2 40 -> ?\nholder -> c1-token-1-until-80-at-49", refused},
		{"a keepalive that cannot be from later",
			taken + "keepalive 1 40 -> ?\nholder -> c1-token-1-until-71-at-30", refused},
		{"a keepalive that shortened",
			taken + "keepalive 1 5 -> ?\ncampaign 5 -> token-2-until-20-at-15-for-c2", ok},
		{"a keepalive that did not shorten so much",
			taken + "keepalive 1 5 -> ?\ncampaign 5 -> token-2-until-19-at-14-for-c2", refused},
		{"a keepalive while it is free", "keepalive 1 5 -> ?\nholder -> c1-token-1-until-6-at-5", refused},
		{"a resign that freed it", taken + "resign 1 -> ?\ncampaign 5 -> token-2-until-16-at-11-for-c2", ok},
		{"a resign that did not", taken + "resign 1 -> ?\ncampaign 5 -> held-by-c1-until-50-at-11-for-c2", ok},
		{"a resign by another token",
			taken + "resign 2 -> ?\ncampaign 5 -> token-2-until-16-at-11-for-c2", refused},
		{"a resign by a client that read that it holds",
			taken + "resign 1 -> ?\nholder -> free-at-11\nholder -> c1-token-1-until-50-at-12", refused},
		{"a read", taken + "holder -> ?\nholder -> c1-token-1-until-50-at-10", ok},
		{"time goes back behind one", taken + "campaign 5 -> ?\nresign 1 -> lost-at-9-for-c2", refused},
		{"taken, resigned and taken again",
			"campaign 5 -> ?\nresign 1 -> ?\ncampaign 7 -> ?\nholder -> c4-token-2-until-8-at-1", ok},
		{"a resign of the wrong one between two",
			"campaign 5 -> ?\nresign 2 -> ?\ncampaign 7 -> ?\nholder -> c4-token-2-until-8-at-1", refused},
		{"a campaign of the holder's that shortened", taken + "campaign 5 -> ?\nholder -> free-at-15", ok},
		{"a campaign that cannot have shortened so much", taken + "campaign 5 -> ?\nholder -> free-at-14", refused},
		{"resigned after it was taken from another",
			taken + "campaign 5 -> ?\nresign 2 -> ?\ncampaign 5 -> token-3-until-56-at-51-for-c1", ok},
		{"the end of time",
			"campaign 5 -> ?\nholder -> c4-token-1-until-18446744073709551615-at-18446744073709551613", ok},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			want := 0
			if test.refused {
				want = strings.Count(strings.TrimSpace(test.script), "\n") + 1
			}
			at, state := follow(t, test.script)
			require.Equal(t, want, at, "in %q", state)
		})
	}
}

func TestSpec_refusesWhatIsNoInput(t *testing.T) {
	spec := election.Spec()
	for _, input := range []string{
		"", "get", "holder x", "holder ",
		"campaign", "campaign ", "campaign 0", "campaign 10001", "campaign 05", "campaign 5 5",
		"keepalive", "keepalive 1", "keepalive 0 5", "keepalive 1 0", "keepalive 1 5 5", "keepalive  5",
		"resign", "resign 0",
		"resign 1 1", "resign -1", "campaign db 5", "resign 18446744073709551616",
	} {
		for _, known := range []bool{true, false} {
			next, ok := spec.Step(spec.Init, input, "free-at-5", known)
			require.False(t, ok, "%q", input)
			require.Equal(t, spec.Init, next)
		}
		require.False(t, spec.ReadOnly(input))
	}
	for _, state := range []string{"", "nil", "free after token 0 from 0, ", spec.Init + "x",
		"c5000000000000000000000 by token 1 until 1..2 at most 1 more from 0"} {
		next, ok := spec.Step(state, "holder", "free-at-5", true)
		require.False(t, ok)
		require.Equal(t, state, next)
	}
}

// ways are all states of a machine that ran the operations of a script so far. They come
// from trying every client and every time of the operations that are unknown.
type ways map[string]bool

func (w ways) after(op election.Op, answer string, latest uint64) ways {
	next := ways{}
	for state := range w {
		var m election.Machine
		if m.Restore([]byte(state)) != nil {
			panic("the machine's own state")
		}
		first := uint64(state[0]) // the time, below 128
		for now := first; now <= latest; now++ {
			for client := uint32(1); client <= 3; client++ {
				if m.Restore([]byte(state)) != nil {
					panic("the machine's own state")
				}
				if got := m.Apply(client, now, op); answer == "?" || got == answer {
					next[string(m.AppendState(nil))] = true
				}
			}
		}
	}
	return next
}

// The specification accepts every answer that some clients and times of the unknown
// operations explain; and it accepts little else.
func TestSpec_acceptsWhatSomeTimesExplain(t *testing.T) {
	const latest = 14
	impossible, accepted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		spec := election.Spec()
		state := spec.Init
		explained := ways{"\x00": true}
		var m election.Machine
		now := uint64(0)
		unknown := 0
		for range rapid.IntRange(1, 7).Draw(t, "operations") {
			op := anyOp(t, "a")
			now = min(now+uint64(rapid.IntRange(0, 3).Draw(t, "ticks")), latest)
			answer := m.Apply(uint32(rapid.IntRange(1, 3).Draw(t, "client")), now, op)
			if unknown < 3 && rapid.IntRange(0, 2).Draw(t, "heard") == 0 {
				answer = "?"
				unknown++
			} else if rapid.IntRange(0, 3).Draw(t, "true") == 0 {
				answer = anyAnswer(t, answer)
			}
			explained = explained.after(op, answer, latest)
			next, ok := spec.Step(state, op.Input(), answer, answer != "?")
			if len(explained) > 0 {
				require.True(t, ok, "%v -> %s in %q", op, answer, state)
			}
			if len(explained) == 0 {
				impossible++
				if ok {
					accepted++
					t.Logf("too lenient: %v -> %s in %q", op, answer, state)
				}
				return
			}
			state = next
		}
	})
	t.Logf("%d of %d impossible answers accepted", accepted, impossible)
	require.Greater(t, impossible, 5)
	require.LessOrEqual(t, accepted, 2+impossible/10)
}

// anyAnswer draws an answer a little different from a true one.
func anyAnswer(t *rapid.T, truth string) string {
	a, err := election.ParseAnswer(truth)
	require.NoError(t, err)
	near := func(n uint64, what string) uint64 {
		return uint64(max(0, int64(n)+int64(rapid.IntRange(-2, 2).Draw(t, what))))
	}
	switch rapid.IntRange(0, 5).Draw(t, "difference") {
	case 0:
		a.Token = near(a.Token, "token")
	case 1:
		a.Until = near(a.Until, "until")
	case 2:
		d := near(2, "now")
		a.Now, a.Until = max(a.Now+d, 2)-2, max(a.Until+d, 2)-2
	case 3:
		a.Client = uint32(rapid.IntRange(1, 3).Draw(t, "client"))
	case 4:
		a.Holder = uint32(rapid.IntRange(1, 3).Draw(t, "holder"))
	case 5:
		a.Verdict = election.Verdict(rapid.IntRange(int(election.Granted), int(election.Free)).Draw(t, "verdict"))
	}
	return a.String()
}

// lies are answers that differ from a true one in a field that the specification always
// checks, as long as no operation is concurrent or unknown.
func lies(a election.Answer, before uint64) []election.Answer {
	var list []election.Answer
	lie := func(change func(a *election.Answer)) {
		b := a
		change(&b)
		list = append(list, b)
	}
	switch a.Verdict {
	case election.Granted:
		lie(func(a *election.Answer) { a.Token++ })
		lie(func(a *election.Answer) { a.Token-- })
		lie(func(a *election.Answer) { a.Until++ })
		lie(func(a *election.Answer) { a.Until-- })
		lie(func(a *election.Answer) { a.Verdict, a.Holder = election.Held, a.Client%3+1 })
	case election.Held:
		lie(func(a *election.Answer) { a.Until++ })
		lie(func(a *election.Answer) { a.Holder = 4 })
		lie(func(a *election.Answer) { a.Holder = a.Client })
		for token := range uint64(6) { // a grant while held
			lie(func(a *election.Answer) { a.Verdict, a.Token = election.Granted, token })
		}
	case election.Kept:
		lie(func(a *election.Answer) { a.Until++ })
		lie(func(a *election.Answer) { a.Client = a.Client%3 + 1 })
		lie(func(a *election.Answer) { a.Verdict = election.Lost })
	case election.Resigned:
		lie(func(a *election.Answer) { a.Client = a.Client%3 + 1 })
		lie(func(a *election.Answer) { a.Verdict = election.Lost })
	case election.Lost:
		lie(func(a *election.Answer) { a.Verdict = election.Resigned })
		for ttl := range uint64(9) {
			lie(func(a *election.Answer) { a.Verdict, a.Until = election.Kept, a.Now+ttl })
		}
	case election.Led:
		lie(func(a *election.Answer) { a.Holder++ })
		lie(func(a *election.Answer) { a.Token++ })
		lie(func(a *election.Answer) { a.Until++ })
		lie(func(a *election.Answer) { a.Verdict = election.Free })
	case election.Free:
		lie(func(a *election.Answer) { a.Verdict, a.Holder, a.Token, a.Until = election.Led, 1, 1, a.Now+1 })
	}
	if before > 0 {
		lie(func(a *election.Answer) { a.Now, a.Until = before-1, a.Until-(a.Now-before+1) })
	}
	return list
}

// No lie in a history without concurrency passes.
func TestSpec_noLiePasses(t *testing.T) {
	judged := 0
	rapid.Check(t, func(t *rapid.T) {
		var m election.Machine
		r := anyRun(t, 15, "a")
		var h linearizability.History
		for i, op := range r.ops {
			h = append(h, linearizability.Operation{
				Client: int(r.clients[i]), Key: "a", Input: op.Input(), Output: m.Apply(r.clients[i], r.times[i], op),
				Call: int64(10 * i), Return: int64(10*i + 5), Position: i + 1,
			})
		}
		require.NoError(t, linearizability.CheckWitness(election.Spec(), h))
		if len(h) == 0 {
			return
		}
		i := rapid.IntRange(0, len(h)-1).Draw(t, "liar")
		before := uint64(0)
		if i > 0 {
			before = r.times[i-1]
		}
		truth, err := election.ParseAnswer(h[i].Output)
		require.NoError(t, err)
		for _, lie := range lies(truth, before) {
			h[i].Output = lie.String()
			require.Equal(t, linearizability.NotLinearizable,
				linearizability.Check(election.Spec(), h).Outcome, "%v", h[i])
			judged++
		}
	})
	require.Greater(t, judged, 100)
}

// played is a history of clients that call at the same time, some of which give up. The
// machine that answers them takes their calls in any order.
func played(t *rapid.T, operations int, names ...string) linearizability.History {
	const clients = 3
	var h linearizability.History
	var m election.Machine
	waiting := [clients]int{-1, -1, -1} // for the operation, by its place in h
	applied := map[int]string{}
	var ops []election.Op
	var open []int // called, not applied; whether somebody waits or not
	log := uint64(0)
	apply := func(k int) {
		i := open[k]
		open = append(open[:k:k], open[k+1:]...)
		log += uint64(rapid.SampledFrom([]int{0, 0, 1, 2, 4}).Draw(t, "ticks"))
		h[i].Position = len(applied) + 1
		if ops[i].ReadOnly() && rapid.Bool().Draw(t, "query") {
			applied[i] = m.Query(ops[i])
			return
		}
		applied[i] = m.Apply(uint32(h[i].Client), log, ops[i])
	}
	for now := int64(0); now < int64(5*operations); now++ {
		c := rapid.IntRange(0, clients-1).Draw(t, "client")
		i := waiting[c]
		answer, done := applied[i]
		switch {
		case i < 0 && len(h) < operations:
			op := anyOp(t, names...)
			ops = append(ops, op)
			h = append(h, linearizability.Operation{Client: c + 1, Key: op.Name, Input: op.Input(), Call: now,
				Return: linearizability.Pending})
			open = append(open, len(h)-1)
			waiting[c] = len(h) - 1
		case i >= 0 && rapid.IntRange(0, 6).Draw(t, "gives up") == 0:
			waiting[c] = -1
		case i >= 0 && done:
			h[i].Return, h[i].Output = now, answer
			waiting[c] = -1
		case len(open) > 0:
			apply(rapid.IntRange(0, len(open)-1).Draw(t, "next"))
		}
	}
	return h
}

func TestSpec_noFalseAlarm(t *testing.T) {
	spec := election.Spec()
	pending, alarms := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := played(t, 12, "a", "b")
		require.NoError(t, linearizability.CheckWitness(spec, h))
		require.Equal(t, linearizability.Result{Outcome: linearizability.Linearizable, ByWitness: true},
			linearizability.Check(spec, h))
		r := linearizability.CheckPorcupine(spec, h)
		require.Equal(t, linearizability.Linearizable, r.Outcome, r.Reason)
		for i := range h {
			if h[i].Pending() {
				pending++
				continue
			}
			truth := h[i].Output
			h[i].Output = anyAnswer(t, truth)
			if h[i].Output != truth && linearizability.Check(spec, h).Outcome == linearizability.NotLinearizable {
				alarms++
			}
			h[i].Output = truth
		}
	})
	require.Greater(t, pending, 20)
	require.Greater(t, alarms, 20, "no lie was seen: the test tests nothing")
}

// An unknown operation that took effect after everything explains nothing and
// disturbs nothing: the search may leave it to the end.
func TestSpec_unknownNeverRefuses(t *testing.T) {
	spec := election.Spec()
	rapid.Check(t, func(t *rapid.T) {
		state := spec.Init
		for i := range 12 {
			next, ok := spec.Step(state, anyOp(t, "a").Input(), fmt.Sprint(i), false)
			require.True(t, ok)
			_, ok = spec.Step(next, "holder", "free-at-200", true)
			require.True(t, ok, "%q", next)
			state = next
		}
		require.Less(t, len(state), 4000)
	})
}
