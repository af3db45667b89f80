package election_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/election"
	"raftcheck/models/service"
)

// stage is a service with workers that hear each answer at once.
type stage struct {
	t       require.TestingT
	machine service.Machine
	outside service.Outside
	service election.Service
}

func newStage(t require.TestingT, trusting bool) *stage {
	s := election.Service{Trusting: trusting}
	return &stage{t: t, machine: s.NewMachine(), outside: s.NewOutside(), service: s}
}

func (s *stage) call(client uint32, now uint64, text string) {
	op, err := s.service.ParseOp(text)
	require.NoError(s.t, err)
	s.outside.Heard(client, op, s.machine.Apply(client, now, op), now)
}

func (s *stage) work(client uint32, now uint64, want string) {
	_, text, ok := s.outside.Work(client, now)
	require.Equal(s.t, want != "", ok)
	require.Equal(s.t, want, text)
}

func (s *stage) land(client uint32, k int, want string) bool {
	_, accepted, text, ok := s.outside.Land(client, k)
	require.Equal(s.t, want != "", ok)
	require.Equal(s.t, want, text)
	return accepted
}

// The story that fencing tokens are for: c1 writes, sleeps while its write is on
// its way, and c2 takes over.
func TestOutside_twoWriters(t *testing.T) {
	for _, trusting := range []bool{false, true} {
		s := newStage(t, trusting)
		s.call(1, 10, "campaign db 5")
		s.work(1, 12, "sends a write with token 1")
		s.work(1, 13, "sends a write with token 1")
		require.True(t, s.land(1, 0, "writes with token 1: taken"))
		s.call(2, 15, "campaign db 5")
		s.work(2, 15, "sends a write with token 2")
		require.True(t, s.land(2, 0, "writes with token 2: taken"))
		if trusting {
			require.True(t, s.land(1, 0, "writes with token 1: taken, though 2 was here"))
		} else {
			require.False(t, s.land(1, 0, "writes with token 1: refused, 2 was here"))
		}
		s.work(2, 16, "sends a write with token 2")
		require.True(t, s.land(2, 0, "writes with token 2: taken"))
		s.land(1, 0, "")
	}
}

// A worker believes for the time to live from when it heard, which may be longer
// than it holds the leadership.
func TestOutside_beliefs(t *testing.T) {
	const sends = "sends a write with token 1"
	tests := map[string]func(s *stage){
		"until the time to live is over": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.work(1, 14, sends)
			s.work(1, 15, "")
		},
		"from when it heard": func(s *stage) {
			op, err := s.service.ParseOp("campaign db 5")
			require.NoError(s.t, err)
			s.outside.Heard(1, op, s.machine.Apply(1, 10, op), 40)
			s.work(1, 44, sends)
			s.work(1, 45, "")
		},
		"longer when kept": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.call(1, 14, "keepalive db 1 5")
			s.work(1, 18, sends)
			s.work(1, 19, "")
		},
		"longer when it campaigned again": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.call(1, 14, "campaign db 5")
			s.work(1, 18, sends)
		},
		"not when it resigned": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.call(1, 11, "resign db 1")
			s.work(1, 11, "")
		},
		"not when it lost it": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.call(2, 11, "holder db")
			op, err := s.service.ParseOp("keepalive db 1 5")
			require.NoError(s.t, err)
			s.outside.Heard(1, op, "lost-at-12-for-c1", 12)
			s.work(1, 12, "")
		},
		"still when another token was lost": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.call(1, 11, "keepalive db 2 5")
			s.call(1, 11, "resign db 3")
			s.work(1, 12, sends)
		},
		"not when another holds it": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			op, err := s.service.ParseOp("campaign db 5")
			require.NoError(s.t, err)
			s.outside.Heard(1, op, "held-by-c2-until-50-at-11-for-c1", 11)
			s.work(1, 12, "")
		},
		"not a client that did not get it": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.call(2, 10, "campaign db 5")
			s.work(2, 10, "")
			s.work(3, 10, "")
			s.work(1, 10, sends)
		},
		"of the first leadership only": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			s.call(2, 10, "campaign other 5")
			s.work(2, 10, "")
			s.call(1, 10, "campaign other 5")
			s.work(1, 10, sends)
		},
		"by answers only": func(s *stage) {
			s.call(1, 10, "campaign db 5")
			op, err := s.service.ParseOp("keepalive db 1 5")
			require.NoError(s.t, err)
			s.outside.Heard(1, op, "", 10)
			s.outside.Heard(1, nil, "lost-at-12-for-c1", 10)
			s.work(1, 12, sends)
		},
		"at the end of time": func(s *stage) {
			s.call(1, 1<<64-2, "campaign db 5")
			s.work(1, 1<<64-2, sends)
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(newStage(t, false)) })
	}
}

func TestOutside_Work_inFlight(t *testing.T) {
	s := newStage(t, false)
	s.call(1, 0, "campaign db 10")
	for range election.MaxInFlight {
		s.work(1, 5, "sends a write with token 1")
	}
	s.work(1, 5, "")
	s.land(1, election.MaxInFlight, "")
	s.land(1, -1, "")
	s.land(2, 0, "")
	s.land(1, 3, "writes with token 1: taken")
	s.work(1, 5, "sends a write with token 1")
	s.outside.Reset()
	s.land(1, 0, "")
	s.work(1, 5, "")
	s.machine.Reset()
	s.call(2, 0, "campaign other 10")
	s.work(2, 0, "sends a write with token 1")
	s.land(2, 0, "writes with token 1: taken")
}

func TestOutside_Land_picksTheOldest(t *testing.T) {
	s := newStage(t, true)
	for i := range uint64(3) {
		s.call(1, 10*i, "campaign db 5")
		s.work(1, 10*i, fmt.Sprintf("sends a write with token %d", i+1))
	}
	s.land(1, 1, "writes with token 2: taken")
	s.land(1, 0, "writes with token 1: taken, though 2 was here")
	s.land(1, 0, "writes with token 3: taken")
}

// With a database that checks, the tokens of the writes it takes never go back, however
// late answers and writes are; and the newest of all is never refused. With one
// that trusts, they do go back.
func TestOutside_fencing(t *testing.T) {
	back := 0
	for _, trusting := range []bool{false, true} {
		rapid.Check(t, func(t *rapid.T) {
			s := newStage(t, trusting)
			last, refused := uint64(0), 0
			r := anyRun(t, 40, "db")
			for i, op := range r.ops {
				late := uint64(rapid.IntRange(0, 10).Draw(t, "late"))
				s.outside.Heard(r.clients[i], op, s.machine.Apply(r.clients[i], r.times[i], op), r.times[i]+late)
				worker := uint32(rapid.IntRange(1, 3).Draw(t, "worker"))
				s.outside.Work(worker, r.times[i])
				token, accepted, _, ok := s.outside.Land(worker, rapid.IntRange(0, 3).Draw(t, "k"))
				switch {
				case !ok:
				case !accepted:
					refused++
					require.False(t, trusting)
					require.Less(t, token, last)
				case token < last:
					back++
					require.True(t, trusting)
				default:
					last = token
				}
			}
		})
	}
	require.NotZero(t, back, "two writers never met")
}

func TestService(t *testing.T) {
	require.Equal(t, "election", election.Service{}.Name())
	require.Equal(t, "election-unfenced", election.Service{Trusting: true}.Name())
	require.Equal(t, "election", election.Service{Trusting: true}.Spec().Name)
	op, err := election.Service{}.ParseOp("campaign db 0")
	require.Error(t, err)
	require.Nil(t, op)
}
