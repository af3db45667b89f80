package faults

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// yard is the store as a service whose clients work with what they heard.
type yard struct{ kv.Service }

func (yard) Name() string                { return "yard" }
func (yard) NewOutside() service.Outside { return &yardOutside{} }

// yardOutside writes down what clients heard; whoever heard anything may work.
type yardOutside struct {
	heard []string
	sent  []string
}

func (y *yardOutside) Reset() { *y = yardOutside{} }

func (y *yardOutside) Heard(client uint32, op service.Op, result string, now uint64) {
	y.heard = append(y.heard, fmt.Sprintf("c%d %s: %s at %d", client, op, result, now))
}

func (y *yardOutside) Work(client uint32, now uint64) (uint64, string, bool) {
	if len(y.heard) == 0 {
		return 0, "", false
	}
	y.sent = append(y.sent, fmt.Sprintf("c%d at %d", client, now))
	return 40 + now, "works", true
}

func (y *yardOutside) Land(client uint32, k int) (uint64, bool, string, bool) {
	if k >= len(y.sent) {
		return 0, false, "", false
	}
	text := y.sent[k]
	y.sent = append(y.sent[:k], y.sent[k+1:]...)
	return 7, k == 0, text, true
}

// withYard returns a stage whose clients use the service of the test.
func withYard(t *testing.T) *stage {
	s := newStage(t, 1)
	s.Reset(s.cast, &Schedule{Service: yard{}, Nodes: 1})
	s.told = nil
	return s
}

func TestOutside_workAndLand(t *testing.T) {
	s := withYard(t)
	require.Equal(t, "yard", s.Service().Name())
	s.ignores("work c2", "land c2")
	s.do("run k=3", "call c1 1 put x 7")
	s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "put x 7"))
	require.Equal(t, []string{"c1 put x 7: ok at 3"}, s.outside.(*yardOutside).heard)

	told := s.do("run k=2", "work c2", "work c3")
	worked := about(trace.Worked, told)
	require.Len(t, worked, 2)
	require.Equal(t, raft.OpID{Client: 2}, worked[0].Op)
	require.Equal(t, uint64(45), worked[0].Token)
	require.Equal(t, "works", worked[0].Text)

	s.ignores("land c2 k=2")
	landed := s.do("land c2 k=1", "land c2", "land c2")
	require.Equal(t, []trace.Kind{trace.Landed, trace.Landed, trace.Ignored}, kinds(landed))
	require.Equal(t, []any{uint64(7), false, "c3 at 5"}, []any{landed[0].Token, landed[0].Accepted, landed[0].Text})
	require.True(t, landed[1].Accepted)
}

func TestOutside_hearsOfReadsToo(t *testing.T) {
	s := withYard(t)
	s.do("read c1 1 get x")
	s.does(1, raft.Output{Replies: answer(1, 1, raft.Done)})
	require.Equal(t, []string{"c1 get x: nil at 0"}, s.outside.(*yardOutside).heard)
	s.Reset(s.cast, &Schedule{Service: yard{}, Nodes: 1})
	require.Empty(t, s.outside.(*yardOutside).heard)
}

func TestOutside_notOfEveryService(t *testing.T) {
	s := withYard(t)
	s.Reset(s.cast, &Schedule{Service: store, Nodes: 1})
	s.told = nil
	s.do("call c1 1 put x 7")
	s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "put x 7"))
	s.ignores("work c1", "land c1")
}

func TestParse_service(t *testing.T) {
	const text = "system a\nnodes  1\nservice yard\nrand   0\n\ncall c1 1 put x 1\n"
	s, err := Parse("f", []byte(text), house)
	require.NoError(t, err)
	require.Equal(t, yard{}, s.Service)
	require.Equal(t, text, s.String())
}
