package election_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/election"
	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// landed is the record of a write that reaches the database.
func landed(token uint64, accepted bool) trace.Record {
	return trace.Record{Kind: trace.Landed, Token: token, Accepted: accepted}
}

func TestService_goals(t *testing.T) {
	tests := map[string]struct {
		saw  []trace.Record
		want []string
	}{
		"a write is taken":      {[]trace.Record{landed(2, true)}, []string{"write-taken"}},
		"two of one leadership": {[]trace.Record{landed(2, true), landed(2, true)}, []string{"write-taken"}},
		"a leadership taken over": {[]trace.Record{landed(2, true), landed(3, true)},
			[]string{"leadership-taken-over", "write-taken"}},
		"a write is fenced": {[]trace.Record{landed(3, false)}, []string{"write-fenced"}},
		"fenced, and then taken": {
			[]trace.Record{landed(1, false), landed(2, true)},
			[]string{"write-taken", "write-fenced"},
		},
		"a campaign is no writing": {[]trace.Record{{Kind: trace.Called, Text: "campaign x 1"}}, nil},
	}
	s := election.Service{}
	watch := s.NewWatch()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			watch.Reset()
			reached := uint64(0)
			for i := range test.saw {
				reached |= watch.Observe(&test.saw[i])
			}
			var names []string
			for i, goal := range s.Goals() {
				if reached>>i&1 != 0 {
					names = append(names, goal.Name)
				}
			}
			require.Equal(t, test.want, names)
		})
	}
}

func TestService_simplerIsNothing(t *testing.T) {
	require.Empty(t, service.Simpler(election.Service{}, "campaign x 9"))
}
