package bubble

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
	"raftcheck/raft/bubble/sync"
)

// bus is a node whose messages get no answer: a proposal is stored, sent to the other one,
// stored there under the mutex, and acknowledged by another message.
type bus struct {
	plain
	mu     sync.Mutex
	log    []string
	stored int // acknowledgements
}

func newBus(t *testing.T, id raft.NodeID) (*Node, *bus) {
	b := &bus{}
	config := raft.NodeConfig{ID: id, Rand: strings.NewReader("12345678")}
	n, err := Boot(config, time.Second, func(c *Core) (Peer, error) {
		b.core = c
		c.Listen(map[string]Listener{"Store": b.store, "Stored": b.count})
		return b, nil
	})
	require.NoError(t, err)
	t.Cleanup(n.(*Node).Stop)
	return n.(*Node), b
}

func (b *bus) Propose(_ raft.OpID, data []byte) {
	b.core.Send(3-b.core.ID, "Store", data, raft.Promise{Term: 7})
}

func (b *bus) store(from raft.NodeID, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.core.Write(body, func() { b.log = append(b.log, string(body)) })
	b.core.Send(from, "Stored", nil, raft.Promise{Last: raft.EntryID{Index: raft.Index(len(b.log))}})
}

func (b *bus) count(raft.NodeID, []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stored++
}

// TestCore_send: a message without an answer is handled as often as it arrives, however late,
// and a handler that waits for its disk holds up neither the step nor the next message.
func TestCore_send(t *testing.T) {
	one, sender := newBus(t, 1)
	two, receiver := newBus(t, 2)
	sent := one.Step(&raft.Propose{Data: []byte("a")}).Sends
	sent = append(sent, one.Step(&raft.Propose{Data: []byte("b")}).Sends...)
	require.Len(t, sent, 2)
	require.Equal(t, raft.Term(7), sent[0].Promise.Term)
	require.Equal(t, raft.NodeID(2), sent[0].To)
	require.Equal(t, "Store", sent[0].Kind)

	require.Len(t, two.Step(&raft.Receive{Msg: sent[1]}).Writes, 1)
	require.Empty(t, two.Step(&raft.Receive{Msg: sent[0]}).Writes, "the mutex is held")
	require.Empty(t, two.Step(&raft.Receive{Msg: sent[1]}).Writes)
	var answers []raft.Message
	for id := raft.WriteID(1); id <= 3; id++ {
		out := two.Step(&raft.Persisted{ID: id})
		answers = append(answers, out.Sends...)
		require.Len(t, answers, int(id))
	}
	require.Equal(t, []string{"b", "a", "b"}, receiver.log)
	require.Equal(t, raft.Index(2), answers[1].Promise.Last.Index)

	again, rebooted := newBus(t, 1)
	for _, m := range answers[:2] {
		one.Step(&raft.Receive{Msg: m})
		again.Step(&raft.Receive{Msg: m})
	}
	require.Equal(t, 2, sender.stored)
	require.Equal(t, 2, rebooted.stored, "a message reaches the next boot as well")
	one.Stop()
	require.PanicsWithValue(t, "a message Unheard, which the node does not handle", func() {
		two.Step(&raft.Receive{Msg: raft.Message{From: 1, To: 2, Payload: encode(&letter{Kind: "Unheard"})}})
	})
}
