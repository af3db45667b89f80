package faults

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/kv"
	"raftcheck/models/services"
	"raftcheck/models/session"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// store is the service that the clients of a stage use.
var store = kv.Service{}

// house is the services that the schedules of these tests may name.
var house = append(services.All(), yard{})

// stage is a world whose nodes do what the test says, and what it told.
type stage struct {
	*World
	t    *testing.T
	cast *cast
	told []trace.Record
}

func newStage(t *testing.T, nodes int) *stage { return stageOf(t, nodes, &cast{}) }

func stageOf(t *testing.T, nodes int, c *cast) *stage {
	s := &stage{t: t, cast: c}
	view := new(trace.View)
	s.World = NewWorld(view, s)
	s.Reset(s.cast, &Schedule{Service: store, Nodes: nodes, Rand: 1})
	return s
}

// Observe keeps a copy of a record.
func (s *stage) Observe(r *trace.Record) {
	c := *r
	c.Input, c.Out = nil, raft.Output{}
	c.Applied, c.Appended = slices.Clone(r.Applied), slices.Clone(r.Appended)
	c.Executed = slices.Clone(r.Executed)
	c.Released = slices.Clone(r.Released)
	for i := range c.Released {
		c.Released[i].Payload = slices.Clone(c.Released[i].Payload)
	}
	s.told = append(s.told, c)
}

// do applies events and returns what was told of them.
func (s *stage) do(lines ...string) []trace.Record {
	s.t.Helper()
	s.told = nil
	for _, line := range lines {
		e, err := ParseEvent(line, s.all.Len(), store)
		require.NoError(s.t, err)
		s.Apply(e)
	}
	return s.told
}

// ignores requires that none of the events is enabled.
func (s *stage) ignores(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		require.Equal(s.t, []trace.Kind{trace.Ignored}, kinds(s.do(line)), line)
	}
}

// says gives a node its lines: each is the output of one step.
func (s *stage) says(id raft.NodeID, outs ...raft.Output) {
	p := &s.cast.puppets[id]
	p.lines = append(p.lines, outs...)
}

// does has a node do something on a tick, which it does not remember as heard.
func (s *stage) does(id raft.NodeID, out raft.Output) []trace.Record {
	s.t.Helper()
	s.says(id, out)
	told := s.do(fmt.Sprintf("tick %d", id))
	p := &s.cast.puppets[id]
	p.heard = p.heard[:len(p.heard)-1]
	return told
}

// heard returns what a node heard since it was asked last.
func (s *stage) heard(id raft.NodeID) []string {
	p := &s.cast.puppets[id]
	heard := p.heard
	p.heard = nil
	return heard
}

// disk is what the node last booted from.
func (s *stage) disk(id raft.NodeID) []string { return s.cast.puppets[id].disk }

func kinds(records []trace.Record) []trace.Kind {
	ks := []trace.Kind{}
	for i := range records {
		ks = append(ks, records[i].Kind)
	}
	return ks
}

// about returns the records of one kind.
func about(kind trace.Kind, records []trace.Record) []trace.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r trace.Record) bool { return r.Kind != kind })
}

// cast is a system of puppets.
type cast struct {
	shows   bool                         // the puppets are inspectors
	batches bool                         // they take them
	refuses func(*raft.NodeConfig) error // may panic
	puppets [MaxNodes + 1]puppet
}

func (c *cast) Name() string { return "cast" }

func (c *cast) Batches() bool { return c.batches }

func (c *cast) Boot(config raft.NodeConfig) (raft.Node, error) {
	if c.refuses != nil {
		if err := c.refuses(&config); err != nil {
			return nil, err
		}
	}
	p := &c.puppets[config.ID]
	p.boots++
	p.lines, p.disk = nil, []string{}
	for _, record := range config.Disk {
		p.disk = append(p.disk, string(record))
	}
	if c.shows {
		return mirror{p}, nil
	}
	return p, nil
}

// puppet is a node that writes down what it hears and says its lines.
type puppet struct {
	boots int
	disk  []string
	heard []string
	lines []raft.Output
	acts  func(raft.Input) raft.Output // instead of lines

	status raft.Status
	log    []raft.Entry // after status.Base
	fault  string       // where it panics next: step, status or entry
}

func (p *puppet) Step(in raft.Input) raft.Output {
	p.heard = append(p.heard, describe(in))
	p.panics("step")
	if p.acts != nil {
		return p.acts(in)
	}
	if len(p.lines) == 0 {
		return raft.Output{}
	}
	out := p.lines[0]
	p.lines = p.lines[1:]
	return out
}

func (p *puppet) panics(where string) {
	if p.fault == where {
		panic("no " + where)
	}
}

// mirror is a puppet that shows its state.
type mirror struct{ *puppet }

func (m mirror) Status() raft.Status {
	m.panics("status")
	return m.status
}

func (m mirror) EntryAt(i raft.Index) (raft.Entry, bool) {
	m.panics("entry")
	i -= m.status.Base.Index
	if i == 0 || i > raft.Index(len(m.log)) {
		return raft.Entry{}, false
	}
	return m.log[i-1], true
}

func describe(in raft.Input) string {
	switch in := in.(type) {
	case *raft.Tick:
		return "tick"
	case *raft.Timeout:
		return "timeout"
	case *raft.Receive:
		return fmt.Sprintf("%s from %s", in.Msg.Payload, in.Msg.From)
	case *raft.Persisted:
		return fmt.Sprintf("persisted %d", in.ID)
	case *raft.PersistFailed:
		return fmt.Sprintf("failed %d", in.ID)
	case *raft.Propose:
		c, err := session.DecodeCommand(store, in.Data)
		return fmt.Sprintf("c%d.%d %s %v", in.Op.Client, in.Op.Seq, c.Op, err)
	case *raft.Read:
		return fmt.Sprintf("c%d.%d read, lease %t", in.Op.Client, in.Op.Seq, in.Lease)
	case *raft.Compact:
		return fmt.Sprintf("compact to %d, keep %d: %s", in.Index, in.Keep, stateOf(in.State))
	case *raft.Reconfigure:
		return fmt.Sprintf("request %d.%d: voters %s, learners %s", in.Op.Client, in.Op.Seq, in.Voters, in.Learners)
	case *raft.Transfer:
		return fmt.Sprintf("request %d.%d: transfer to %s", in.Op.Client, in.Op.Seq, in.To)
	}
	return "nothing"
}

// stateOf says what key x is in a state of the clients' service.
func stateOf(state []byte) string {
	m := session.NewMachine(store)
	if err := m.Restore(state); err != nil {
		return err.Error()
	}
	op, err := store.ParseOp("get x")
	if err != nil {
		return err.Error()
	}
	return "x is " + m.Query(op)
}

// stateAfter is the state of the clients' service after these operations of client 1.
func stateAfter(t *testing.T, ops ...string) []byte {
	m := session.NewMachine(store)
	for i, text := range ops {
		op, err := store.ParseOp(text)
		require.NoError(t, err)
		m.Apply(&session.Command{Client: 1, Seq: uint32(i + 1), Op: op})
	}
	return m.AppendState(nil)
}

// writes are records with these data, numbered from first on.
func writes(first raft.WriteID, data ...string) []raft.Write {
	var ws []raft.Write
	for i, d := range data {
		ws = append(ws, raft.Write{ID: first + raft.WriteID(i), Data: []byte(d)})
	}
	return ws
}

// letters are messages with these payloads, after a write.
func letters(from, to raft.NodeID, after raft.WriteID, payloads ...string) []raft.Message {
	var ms []raft.Message
	for _, p := range payloads {
		ms = append(ms, raft.Message{From: from, To: to, Kind: "letter", Payload: []byte(p), After: after})
	}
	return ms
}

// posts puts messages on a link, a letter each.
func (s *stage) posts(from, to raft.NodeID, payloads string) {
	s.t.Helper()
	s.does(from, raft.Output{Sends: letters(from, to, 0, strings.Split(payloads, "")...)})
}

// onLink is the payloads on a link, in order.
func (s *stage) onLink(from, to raft.NodeID) string {
	var b strings.Builder
	for _, p := range s.links[from][to].packets {
		b.Write(p.msg.Payload)
	}
	return b.String()
}

// entry is a command of client 1 in the log.
func entry(i raft.Index, client, seq uint32, op string) raft.Entry {
	return raft.Entry{ID: raft.EntryID{Term: 1, Index: i}, Data: session.AppendCommand(nil, client, seq, 0, 0, op)}
}

// answer is a reply to a client.
func answer(client, seq uint32, o raft.Outcome) []raft.Reply {
	return []raft.Reply{{Op: raft.OpID{Client: client, Seq: seq}, Outcome: o}}
}
