package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// elector is a fake server with the services of election.
type elector struct{ fake }

func (elector) Name() string { return "fake-election" }
func (elector) Services() service.Set {
	return service.Set{kv.Service{}, election.Service{}, election.Service{Trusting: true}}
}

// told is an answered operation of an election, in milliseconds.
func told(client int, from, to int64, op, output string) call_ {
	parsed, err := election.ParseOp(op)
	if err != nil {
		panic(err)
	}
	return call_{op: parsed, Operation: linearizability.Operation{
		Client: client, Key: parsed.Key(), Input: parsed.Input(), Output: output,
		Call: from * int64(time.Millisecond), Return: to * int64(time.Millisecond),
	}}
}

// TestLeases: a leadership is held from the call that gave it on, for its time, unless its
// holder asked to resign it.
func TestLeases(t *testing.T) {
	granted := told(1, 100, 120, "campaign a 50", "token-7-until-15000-at-10-for-c1")
	kept := told(1, 140, 150, "keepalive a 7 50", "ok-until-15000-at-14-for-c1")
	lostEarly := told(1, 160, 185, "keepalive a 7 50", "lost-at-18-for-c1")
	lostLate := told(1, 160, 195, "keepalive a 7 50", "lost-at-18-for-c1")
	taken := told(2, 160, 180, "campaign a 50", "token-9-until-15000-at-18-for-c2")
	other := told(2, 160, 180, "campaign b 50", "token-9-until-15000-at-18-for-c2")
	resigned := told(1, 151, 155, "resign a 7", "lost-at-15-for-c1")
	short := told(1, 140, 150, "keepalive a 7 50", "ok-until-170-at-14-for-c1")
	w := &world{tick: time.Millisecond}
	for i, test := range []struct {
		calls []call_
		want  models.Outcome
	}{
		{[]call_{granted, kept, lostEarly}, models.Violated},
		{[]call_{granted, kept, lostLate}, models.Held},
		{[]call_{granted, lostLate}, models.Held},
		{[]call_{granted, kept, taken}, models.Violated},
		{[]call_{granted, kept, other}, models.Held},
		{[]call_{granted, kept, resigned, taken}, models.Held},
		{[]call_{granted, short, lostEarly}, models.Held},
	} {
		require.Equal(t, test.want, w.leases(test.calls).Outcome, i)
	}
	require.Nil(t, w.leases([]call_{lostEarly}), "nobody was granted anything")
}

// TestDurable: a revision that is gone, or that two writes have, is a write that was lost.
func TestDurable(t *testing.T) {
	at := func(revisions ...int64) (calls []call_) {
		for _, r := range revisions {
			calls = append(calls, call_{revision: r, wrote: true})
		}
		return calls
	}
	states := []State{{Revision: 5}, {Revision: 4}}
	require.Equal(t, models.Held, durable(at(3, 4), states, nil).Outcome)
	require.Equal(t, models.Violated, durable(at(3, 5), states, nil).Outcome)
	require.Equal(t, models.Violated, durable(at(3, 3), states, nil).Outcome)
	require.Equal(t, models.NotChecked, durable(at(3), nil, ErrRefused).Outcome)
	require.Nil(t, durable(nil, states, nil))
	require.Equal(t, models.Violated, agree(states, nil).Outcome)
	require.Equal(t, models.Held, agree(states[:1], nil).Outcome)
	require.Equal(t, models.NotChecked, agree(states, ErrRefused).Outcome)
}

// TestInOrder: a history in the server's own order is judged by that order alone.
func TestInOrder(t *testing.T) {
	call := func(client int, from, to int64, input, output string, revision int64, wrote bool) call_ {
		return call_{revision: revision, wrote: wrote, Operation: linearizability.Operation{
			Client: client, Key: "x", Input: input, Output: output, Call: from, Return: to,
		}}
	}
	h := inOrder([]call_{
		call(2, 15, 30, "get", "1", 7, false), call(1, 10, 20, "put 1", "ok", 7, true),
		call(1, 25, 40, "get", "1", 7, false), call(2, 50, 60, "put 2", "ok", 9, true),
	})
	require.Equal(t, []int{1, 2, 3, 4}, []int{h[0].Position, h[1].Position, h[2].Position, h[3].Position})
	require.NoError(t, linearizability.CheckWitness(kv.Spec(), h))
}
