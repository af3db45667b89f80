package election_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/election"
	_ "raftcheck/scripts/garbage"
)

// Each line is a client, the time, an operation and its answer.
func TestMachine_Apply(t *testing.T) {
	tests := map[string]string{
		"campaign: free": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1`,
		"campaign: held by another until its last tick": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			2 10 campaign db 40 -> held-by-c1-until-50-at-10-for-c2
			2 49 campaign db 40 -> held-by-c1-until-50-at-49-for-c2
			2 50 campaign db 40 -> token-2-until-90-at-50-for-c2
			1 50 campaign db 40 -> held-by-c2-until-90-at-50-for-c1`,
		"campaign: the holder keeps its token": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			1 49 campaign db 20 -> token-1-until-69-at-49-for-c1
			1 50 campaign db 1 -> token-1-until-51-at-50-for-c1`,
		"campaign: a client that let it run out gets another token": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			1 50 campaign db 40 -> token-2-until-90-at-50-for-c1`,
		"keepalive: by the holder, in time": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			1 49 keepalive db 1 5 -> ok-until-54-at-49-for-c1
			2 53 campaign db 5 -> held-by-c1-until-54-at-53-for-c2
			1 54 keepalive db 1 5 -> lost-at-54-for-c1
			1 55 keepalive db 1 5 -> lost-at-55-for-c1`,
		"keepalive: by another, by another token, of a name that was never granted": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			2 11 keepalive db 1 5 -> lost-at-11-for-c2
			1 12 keepalive db 2 5 -> lost-at-12-for-c1
			1 13 keepalive other 1 5 -> lost-at-13-for-c1
			1 14 holder db -> c1-token-1-until-50-at-14`,
		"keepalive: by an earlier holder": `
			1 10 campaign db 5 -> token-1-until-15-at-10-for-c1
			2 15 campaign db 5 -> token-2-until-20-at-15-for-c2
			1 16 keepalive db 1 5 -> lost-at-16-for-c1
			1 16 keepalive db 2 5 -> lost-at-16-for-c1`,
		"resign: the token is not used again": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			1 11 resign db 1 -> ok-at-11-for-c1
			1 11 resign db 1 -> lost-at-11-for-c1
			1 11 keepalive db 1 5 -> lost-at-11-for-c1
			2 11 campaign db 5 -> token-2-until-16-at-11-for-c2`,
		"resign: too late, by another, by another token, of a name that was never granted": `
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			2 11 resign db 1 -> lost-at-11-for-c2
			1 11 resign db 2 -> lost-at-11-for-c1
			1 11 resign other 1 -> lost-at-11-for-c1
			1 49 holder db -> c1-token-1-until-50-at-49
			1 50 resign db 1 -> lost-at-50-for-c1`,
		"holder: free, held, run out": `
			7 3 holder db -> free-at-3
			1 10 campaign db 40 -> token-1-until-50-at-10-for-c1
			7 49 holder db -> c1-token-1-until-50-at-49
			7 50 holder db -> free-at-50`,
		"leaderships are apart": `
			1 10 campaign m 40 -> token-1-until-50-at-10-for-c1
			2 10 campaign z 40 -> token-1-until-50-at-10-for-c2
			3 10 campaign a 40 -> token-1-until-50-at-10-for-c3
			4 11 campaign m 40 -> held-by-c1-until-50-at-11-for-c4
			4 11 campaign z 40 -> held-by-c2-until-50-at-11-for-c4
			4 11 campaign a 40 -> held-by-c3-until-50-at-11-for-c4`,
		"time ends where its numbers do": `
			1 18446744073709551610 campaign db 40 -> ` +
			`token-1-until-18446744073709551615-at-18446744073709551610-for-c1`,
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			var m election.Machine
			states := map[string]string{}
			for _, line := range strings.Split(strings.TrimSpace(script), "\n") {
				var client uint32
				var now uint64
				command, want, _ := strings.Cut(strings.TrimSpace(line), " -> ")
				_, err := fmt.Sscan(command, &client, &now)
				require.NoError(t, err)
				op := parse(t, strings.SplitN(command, " ", 3)[2])
				answer := m.Apply(client, now, op)
				require.Equal(t, want, answer, command)
				requireAccepted(t, states, op, answer)
			}
		})
	}
}

// requireAccepted follows the specification of each name.
func requireAccepted(t require.TestingT, states map[string]string, op election.Op, answer string) {
	spec := election.Spec()
	state, ok := states[op.Name]
	if !ok {
		state = spec.Init
	}
	next, ok := spec.Step(state, op.Input(), answer, true)
	require.True(t, ok, "%v in %q answered %q", op, state, answer)
	unknown, ok := spec.Step(state, op.Input(), "anything", false)
	require.True(t, ok)
	require.NotEmpty(t, unknown)
	states[op.Name] = next
}

func TestMachine_refusesWhatIsNoOperation(t *testing.T) {
	var m election.Machine
	campaign := parse(t, "campaign db 5")
	m.Apply(1, 10, campaign)
	before := m.AppendState(nil)
	foreign := struct{ election.Op }{campaign}

	require.Empty(t, m.Apply(0, 11, campaign))
	require.Empty(t, m.Apply(1, 11, nil))
	require.Empty(t, m.Apply(1, 11, foreign))
	require.Empty(t, m.Apply(1, 11, election.Op{}))
	require.Empty(t, m.Apply(1, 11, election.Op{Kind: 9, Name: "db"}))
	require.Empty(t, m.Query(campaign))
	require.Empty(t, m.Query(nil))
	require.Equal(t, before, m.AppendState(nil))
}

// The answer to a read follows from the state alone: its time is that of the last
// operation, on any name.
func TestMachine_Query(t *testing.T) {
	var m election.Machine
	holder := parse(t, "holder db")
	require.Equal(t, "free-at-0", m.Query(holder))
	m.Apply(1, 10, parse(t, "campaign db 5"))
	require.Equal(t, "c1-token-1-until-15-at-10", m.Query(holder))
	m.Apply(2, 14, parse(t, "campaign other 5"))
	require.Equal(t, "c1-token-1-until-15-at-14", m.Query(holder))
	before := m.AppendState(nil)
	require.Equal(t, "free-at-14", m.Query(parse(t, "holder nobody")))
	require.Equal(t, before, m.AppendState(nil))
	m.Apply(2, 15, parse(t, "holder other"))
	require.Equal(t, "free-at-15", m.Query(holder))
}

// run is a random sequence of commands at times that do not go back.
type run struct {
	clients []uint32
	times   []uint64
	ops     []election.Op
}

func anyRun(t *rapid.T, length int, names ...string) run {
	var r run
	now := uint64(rapid.IntRange(0, 3).Draw(t, "start"))
	for range rapid.IntRange(0, length).Draw(t, "commands") {
		now += uint64(rapid.SampledFrom([]int{0, 0, 1, 1, 2, 3, 8}).Draw(t, "ticks"))
		r.times = append(r.times, now)
		r.clients = append(r.clients, uint32(rapid.IntRange(1, 3).Draw(t, "client")))
		r.ops = append(r.ops, anyOp(t, names...))
	}
	return r
}

// Tokens grow by one with each change of the holder, and never otherwise; there
// is one holder at most; and the specification accepts every answer.
func TestMachine_tokensGrow(t *testing.T) {
	grants := 0
	rapid.Check(t, func(t *rapid.T) {
		var m election.Machine
		states := map[string]string{}
		tokens := map[string]uint64{}            // highest granted
		owners := map[string]map[uint64]uint32{} // token -> the client to which it was granted
		until := map[string]uint64{}
		r := anyRun(t, 40, "a", "b")
		for i, op := range r.ops {
			answer := m.Apply(r.clients[i], r.times[i], op)
			requireAccepted(t, states, op, answer)
			requireAccepted(t, states, parse(t, "holder "+op.Name), m.Query(parse(t, "holder "+op.Name)))
			a, err := election.ParseAnswer(answer)
			require.NoError(t, err)
			require.Equal(t, r.times[i], a.Now)
			require.Equal(t, answer, a.String())
			switch a.Verdict {
			case election.Granted:
				if owners[op.Name] == nil {
					owners[op.Name] = map[uint64]uint32{}
				}
				owner, old := owners[op.Name][a.Token]
				if old {
					require.Equal(t, owner, a.Client, "a token has one owner")
					require.Equal(t, tokens[op.Name], a.Token)
					require.Less(t, a.Now, until[op.Name])
				} else {
					grants++
					require.Equal(t, tokens[op.Name]+1, a.Token)
					require.GreaterOrEqual(t, a.Now, until[op.Name], "nobody held it")
				}
				tokens[op.Name], owners[op.Name][a.Token], until[op.Name] = a.Token, a.Client, a.Until
			case election.Kept:
				require.Equal(t, a.Client, owners[op.Name][tokens[op.Name]])
				until[op.Name] = a.Until
			case election.Resigned:
				until[op.Name] = 0
			case election.Held, election.Led:
				require.Equal(t, a.Holder, owners[op.Name][tokens[op.Name]])
				require.Equal(t, until[op.Name], a.Until)
				require.Less(t, a.Now, a.Until)
			}
		}
	})
	require.Greater(t, grants, 100)
}

// A client that campaigns once the holder stopped gets it with the first command at
// or after the expiry, and no sooner: within the time to live of the last renewal.
func TestMachine_takeover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m election.Machine
		now, ttl := uint64(rapid.IntRange(0, 100).Draw(t, "start")), uint64(rapid.IntRange(1, 50).Draw(t, "ttl"))
		m.Apply(1, now, parse(t, fmt.Sprintf("campaign db %d", ttl)))
		for range rapid.IntRange(0, 5).Draw(t, "renewals") {
			now += uint64(rapid.IntRange(0, int(ttl)-1).Draw(t, "ticks"))
			a, err := election.ParseAnswer(m.Apply(1, now, parse(t, fmt.Sprintf("keepalive db 1 %d", ttl))))
			require.NoError(t, err)
			require.Equal(t, election.Kept, a.Verdict)
		}
		expiry := now + ttl
		for {
			now += uint64(rapid.IntRange(0, 20).Draw(t, "ticks"))
			a, err := election.ParseAnswer(m.Apply(2, now, parse(t, "campaign db 7")))
			require.NoError(t, err)
			if now >= expiry {
				require.Equal(t, election.Answer{Verdict: election.Granted, Client: 2, Token: 2,
					Until: now + 7, Now: now}, a)
				return
			}
			require.Equal(t, election.Answer{Verdict: election.Held, Client: 2, Holder: 1, Until: expiry, Now: now}, a)
			if now == expiry-1 {
				now++
			}
		}
	})
}

func TestMachine_largestClient(t *testing.T) {
	var m election.Machine
	require.Equal(t, "token-1-until-9-at-4-for-c4294967295",
		m.Apply(math.MaxUint32, 4, parse(t, "campaign db 5")))
	require.Equal(t, "c4294967295-token-1-until-9-at-4", m.Query(parse(t, "holder db")))
}
