package session_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/kv"
	"raftcheck/models/service"
	"raftcheck/models/session"
)

// counting is a service that counts the executions of each client's operation.
type counting struct {
	kv.Service
	executions map[string]int
}

func (s counting) NewMachine() service.Machine { return &countingMachine{executions: s.executions} }

type countingMachine struct {
	kv.Machine
	executions map[string]int
}

func (m *countingMachine) Apply(client uint32, now uint64, op service.Op) string {
	m.executions[fmt.Sprint(client, " ", op)]++
	return m.Machine.Apply(client, now, op)
}

var (
	anyClient = rapid.SampledFrom([]uint32{1, 2, 3, 1023, 1024, 90_000})
	anyStep   = rapid.SampledFrom([]uint64{0, 0, 0, 1, 7, 40, session.Ticks - 1, session.Ticks,
		session.Ticks + 1, 1000})
)

// clients sends commands by the rules of the package, through nodes with skewed clocks.
type clients struct {
	clock uint64 // the clock of the node that is most behind
	seq   map[uint32]uint32
	sent  []session.Command
}

const skew = session.Ticks * 3 / 2

// send makes a new command. Births go back and forth.
func (cs *clients) send(t *rapid.T) {
	client := rapid.SampledFrom([]uint32{1, 1024}).Draw(t, "client")
	cs.seq[client] += rapid.Uint32Range(1, 2).Draw(t, "numbers")
	cs.sent = append(cs.sent, session.Command{
		Client: client, Seq: cs.seq[client], Born: cs.clock + rapid.Uint64Range(0, skew).Draw(t, "ahead"),
		Op: kv.Op{Kind: kv.Append, Name: "x", Value: fmt.Sprint("s", cs.seq[client])},
	})
}

// next returns an attempt at any command. The first attempts may be lost or late.
func (cs *clients) next(t *rapid.T) session.Command {
	cs.clock += rapid.SampledFrom([]uint64{0, 0, 0, 1, 7, 40, session.Ticks}).Draw(t, "step")
	if len(cs.sent) == 0 || rapid.Bool().Draw(t, "new") {
		cs.send(t)
	}
	// Mostly one of the last commands, whose sessions may still be there.
	c := cs.sent[len(cs.sent)-min(rapid.IntRange(1, 10).Draw(t, "back"), len(cs.sent))]
	c.Stamp = rapid.Uint64Range(min(c.Born, cs.clock), cs.clock+skew).Draw(t, "stamp")
	return c
}

// TestMachine_executesOnce counts executions in the service itself, and relies on the
// package's documentation alone.
func TestMachine_executesOnce(t *testing.T) {
	outcomes := map[session.Outcome]int{}
	refused := 0 // commands that expired although their client has a session
	rapid.Check(t, func(t *rapid.T) {
		executions := map[string]int{}
		m := session.NewMachine(counting{executions: executions})
		cs := clients{seq: map[uint32]uint32{}}
		latest := map[uint32]uint32{} // the highest executed number of each client
		for range rapid.IntRange(1, 1000).Draw(t, "commands") {
			c := cs.next(t)
			key := fmt.Sprint(c.Client, " ", c.Op)
			before := executions[key]
			_, outcome := m.Apply(&c)
			require.LessOrEqual(t, executions[key], 1, "%v was executed twice", c)
			require.Equal(t, outcome == session.Executed, executions[key] > before)
			outcomes[outcome]++

			young, awaited := m.Now() < c.Born+session.Ticks, c.Seq > latest[c.Client]
			require.False(t, young && outcome == session.Expired, "%v is young", c)
			require.False(t, young && awaited && executions[key] == 0, "%v is young, and its client waits for it", c)
			switch _, remembered := m.Result(c.Client, latest[c.Client]); {
			case outcome == session.Executed:
				latest[c.Client] = c.Seq
			case outcome == session.Expired && remembered:
				refused++
			}
		}
	})
	require.Len(t, outcomes, 3, "the test sees every outcome of a command")
	require.Positive(t, refused, "the test sees commands from before a session")
}

// TestMachine_trustsNoOrderOfBirths: an operation with a lower number that is
// born later, by the clock of another node, opens a session that does not know
// the higher one. The session knows when it was opened, and refuses it.
func TestMachine_trustsNoOrderOfBirths(t *testing.T) {
	m := newMachine()
	send := func(seq uint32, born, stamp uint64, want session.Outcome) {
		_, outcome := m.Apply(&session.Command{Client: 1, Seq: seq, Born: born, Stamp: stamp,
			Op: parse(t, fmt.Sprint("append x ", seq))})
		require.Equal(t, want, outcome)
	}
	send(5, 0, 0, session.Executed)
	send(5, 0, 100, session.Expired)
	send(3, 100, 100, session.Executed)
	send(5, 0, 100, session.Expired)
	require.Equal(t, "5.3", m.Query(parse(t, "get x")))
}

// naive has the rules of the package in their simplest form: it never forgets a session,
// and compares times instead.
type naive struct {
	now    uint64
	latest map[uint32]execution
	store  kv.Machine
}

type execution struct {
	seq    uint32
	opened uint64
	at     uint64
	result string
}

func (n *naive) apply(c *session.Command) (string, session.Outcome) {
	for _, time := range []uint64{c.Born, c.Stamp} {
		if time > n.now {
			n.now = time
		}
	}
	s, known := n.latest[c.Client]
	known = known && n.now-s.at < 100
	switch {
	case known && c.Seq == s.seq:
		return s.result, session.Repeated
	case known && c.Seq < s.seq:
		return "", session.Repeated
	case known && s.opened >= c.Born+100, !known && n.now-c.Born >= 100:
		return "", session.Expired
	case !known:
		s.opened = n.now
	}
	result := n.store.Apply(c.Client, n.now, c.Op)
	n.latest[c.Client] = execution{c.Seq, s.opened, n.now, result}
	return result, session.Executed
}

var texts = []string{"get x", "put x 1", "append x 2", "cas x 1 3", "delete x", "append y 4"}

// TestMachine_isTheSameByAllWays runs random commands, including those of impossible
// clients, on four machines: one that goes through snapshots, one that was used before, a
// new one, and the naive rules.
func TestMachine_isTheSameByAllWays(t *testing.T) {
	reused := newMachine()
	rapid.Check(t, func(t *rapid.T) {
		plain, restored := newMachine(), newMachine()
		reused.Reset()
		require.Equal(t, state(plain), state(reused))
		rules := naive{latest: map[uint32]execution{}}
		clock := uint64(0)
		for range rapid.IntRange(0, 80).Draw(t, "commands") {
			clock += anyStep.Draw(t, "step")
			c := session.Command{
				Client: anyClient.Draw(t, "client"), Seq: rapid.Uint32Range(1, 9).Draw(t, "seq"),
				Born:  clock - min(clock, rapid.Uint64Range(0, 200).Draw(t, "age")),
				Stamp: clock - min(clock, rapid.Uint64Range(0, 200).Draw(t, "behind")),
				Op:    parse(t, rapid.SampledFrom(texts).Draw(t, "op")),
			}
			if rapid.Bool().Draw(t, "snapshot") {
				snapshot := restored.AppendState(nil)
				if rapid.Bool().Draw(t, "on another node") {
					restored = newMachine()
				}
				require.NoError(t, restored.Restore(snapshot))
				clear(snapshot)
			}
			result, outcome := rules.apply(&c)
			for _, m := range []*session.Machine{plain, restored, reused} {
				got, o := m.Apply(&c)
				require.Equal(t, outcome, o)
				require.Equal(t, result, got)
				require.Equal(t, rules.now, m.Now())
				require.Equal(t, rules.store.Query(parse(t, "get x")), m.Query(parse(t, "get x")))
			}
			require.Equal(t, state(plain), state(restored))
			require.Equal(t, state(plain), state(reused))
		}
	})
}
