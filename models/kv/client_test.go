package kv_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// called and returned are records of a client.
func called(client uint32, text string) trace.Record {
	return trace.Record{Kind: trace.Called, Op: raft.OpID{Client: client, Seq: 1}, Text: text}
}

func returned(client uint32, text string) trace.Record {
	return trace.Record{Kind: trace.Returned, Op: raft.OpID{Client: client, Seq: 1}, Text: text}
}

func TestService_goal(t *testing.T) {
	cas := called(1, "cas x 1 2")
	tests := map[string]struct {
		saw  []trace.Record
		want uint64
	}{
		"a cas succeeds":  {[]trace.Record{cas, returned(1, "ok")}, 1},
		"a cas fails":     {[]trace.Record{cas, returned(1, "no")}, 0},
		"a put after it":  {[]trace.Record{cas, called(1, "put x 1"), returned(1, "ok")}, 0},
		"another's put":   {[]trace.Record{cas, returned(2, "ok")}, 0},
		"it is forgotten": {[]trace.Record{called(1, "put x 1"), returned(1, "ok")}, 0},
	}
	require.Len(t, kv.Service{}.Goals(), 1)
	watch := kv.Service{}.NewWatch()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			watch.Reset()
			reached := uint64(0)
			for i := range test.saw {
				reached |= watch.Observe(&test.saw[i])
			}
			require.Equal(t, test.want, reached)
		})
	}
}

func TestService_examples(t *testing.T) {
	var texts []string
	for _, op := range (kv.Service{}).Examples("c1.2") {
		texts = append(texts, op.String())
	}
	require.Equal(t, []string{"put x c1.2", "get x"}, texts)
}

func TestService_simpler(t *testing.T) {
	for text, want := range map[string][]string{
		"get y": nil, "put y 2": nil, "no operation": nil,
		"append y 2": {"put x 1"}, "cas y 1 2": {"put x 1"}, "delete y": {"put x 1"},
	} {
		require.Equal(t, want, service.Simpler(kv.Service{}, text), text)
	}
}
