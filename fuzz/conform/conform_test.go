package conform

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

func TestReference(t *testing.T) {
	for _, r := range Check(reference.System{}) {
		require.Equal(t, models.Held, r.Outcome, "%s: %s", r.Name, r.Text)
	}
	Test(t, reference.System{})
}

// clumsy is the reference behind an adapter that gets one thing wrong.
type clumsy struct {
	reference.System
	config func(*raft.NodeConfig)
	around func(raft.NodeConfig, raft.Node) func(raft.Input) raft.Output
	blind  bool // its nodes do not show their state
	shows  func(raft.NodeConfig, raft.Status) raft.Status
	err    error
}

func (s clumsy) Boot(c raft.NodeConfig) (raft.Node, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.config != nil {
		s.config(&c)
	}
	hand := func(sound raft.Node) func(raft.Input) raft.Output { return sound.Step }
	if s.around != nil {
		hand = func(sound raft.Node) func(raft.Input) raft.Output { return s.around(c, sound) }
	}
	n, err := around(s.System, c, hand)
	if s.blind && err == nil {
		n = struct{ raft.Node }{n}
	}
	if s.shows != nil && err == nil {
		n = lying{n, n.(raft.Inspector), func(is raft.Status) raft.Status { return s.shows(c, is) }}
	}
	return n, err
}

// lying is a node that shows something else than what it is.
type lying struct {
	raft.Node
	raft.Inspector
	shows func(raft.Status) raft.Status
}

func (n lying) Status() raft.Status { return n.shows(n.Inspector.Status()) }

// keeping is an adapter that keeps memory of an input of a type until the next one, and
// then does nothing if it became something else.
func keeping(of func(raft.Input) []byte) clumsy {
	return clumsy{around: func(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
		var kept, was []byte
		return func(in raft.Input) raft.Output {
			if !bytes.Equal(kept, was) {
				panic("it became something else")
			}
			kept = of(in)
			was = slices.Clone(kept)
			return sound.Step(in)
		}
	}}
}

// without leaves out inputs of a type, which is then answered by nothing, or Rejected.
func without[T raft.Input](answer func(T) []raft.Reply) clumsy {
	return clumsy{around: func(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
		return func(in raft.Input) raft.Output {
			if in, ok := in.(T); ok {
				return raft.Output{Replies: answer(in)}
			}
			return sound.Step(in)
		}
	}}
}

// changing alters outputs.
func changing(change func(*raft.Output)) clumsy {
	return clumsy{around: func(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
		return func(in raft.Input) raft.Output {
			out := sound.Step(in)
			change(&out)
			return out
		}
	}}
}

func saboteur(t *testing.T, name string) raft.System {
	for _, s := range sabotage.Systems(reference.System{}) {
		if strings.HasSuffix(s.Name(), "+"+name) {
			return s
		}
	}
	t.Fatal("no saboteur is called " + name)
	return nil
}

// TestClumsy: each thing that an adapter can get wrong breaks the rule that is about
// it, and is told in words that say what to look for.
func TestClumsy(t *testing.T) {
	tests := []struct {
		name   string
		system raft.System
		rule   string
		want   models.Outcome
		text   string
	}{
		{"refuses an empty disk", clumsy{err: errors.New("no disk")}, "boot", models.Violated, "no disk"},
		{"panics", clumsy{config: func(c *raft.NodeConfig) {
			if !c.Voters.Has(c.ID) {
				panic("who am I")
			}
		}}, "boot", models.Violated, "who am I"},
		{"hides its state", clumsy{blind: true}, "status", models.NotChecked, "no raft.Inspector"},
		{"leads from the first", clumsy{shows: func(_ raft.NodeConfig, is raft.Status) raft.Status {
			is.Role = raft.Leader
			return is
		}}, "status", models.Violated, "and not a follower that calls nothing committed"},
		{"hides its state", clumsy{blind: true}, "restart", models.NotChecked, "do not show their state"},
		{"hides its state", clumsy{blind: true}, "commands", models.Held, ""},
		{"ignores timeouts", without(func(*raft.Timeout) []raft.Reply { return nil }), "election", models.Violated,
			"n2 was told 10 times that its election timer fires"},
		{"ignores ticks", without(func(*raft.Tick) []raft.Reply { return nil }), "clock", models.Violated, "does Tick drive the election timer?"},
		{"never answers", changing(func(out *raft.Output) { out.Replies = nil }), "commands", models.Violated, "asked 10 times to append an entry"},
		{"applies something else", changing(func(out *raft.Output) {
			for i := range out.Applied {
				out.Applied[i].Data = append(slices.Clone(out.Applied[i].Data), 0)
			}
		}), "commands", models.Violated, "n1 applied t1i1, which is not what its log has there"},
		{"applies in another order", changing(func(out *raft.Output) { slices.Reverse(out.Applied) }), "restart", models.Violated, "n2 applied t2i3 where index 2 is next"},
		{"counts its writes from 101", changing(func(out *raft.Output) {
			for i := range out.Writes {
				out.Writes[i].ID += 100
			}
		}), "writes", models.Violated, "has the ID 101 in the write after its write 0 since it booted"},
		{"waits for what it never writes", changing(func(out *raft.Output) {
			for i := range out.Sends {
				out.Sends[i].After += 100
			}
		}), "writes", models.Violated, "a RequestVote of n1 waits for write 101, and the node has issued 1"},
		{"writes nothing", changing(func(out *raft.Output) {
			out.Writes = nil
			for i := range out.Sends {
				out.Sends[i].After = 0
			}
		}), "writes", models.Violated, "ever wrote anything"},
		{"waits for no write", saboteur(t, "send-before-persist"), "promises", models.Violated, "Message.After has to name the write"},
		{"promises nothing", changing(func(out *raft.Output) {
			for i := range out.Sends {
				out.Sends[i].Promise = raft.Promise{}
			}
		}), "promises", models.NotChecked, "no message that left has a Promise"},
		{"keeps a proposal", clumsy{around: keepsProposals}, "memory", models.Violated, "it keeps memory of an input (a proposal's data)"},
		{"keeps a payload", keeping(func(in raft.Input) []byte {
			if in, ok := in.(*raft.Receive); ok {
				return in.Msg.Payload
			}
			return nil
		}), "memory", models.Violated, "it keeps memory of an input (a message's payload)"},
		{"keeps a state", keeping(func(in raft.Input) []byte {
			if in, ok := in.(*raft.Compact); ok {
				return in.State
			}
			return nil
		}), "memory", models.Violated, "it keeps memory of an input (a snapshot's state)"},
		{"keeps a pointer", clumsy{around: keepsPointers}, "memory", models.Violated, "it keeps memory of an input (what the pointer to an input points to)"},
		{"keeps a pointer", clumsy{around: keepsPointers}, "determinism", models.Held, ""},
		{"keeps its disk", clumsy{around: func(c raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
			was := slices.Concat(c.Disk...)
			return func(in raft.Input) raft.Output {
				if !bytes.Equal(was, slices.Concat(c.Disk...)) {
					panic("it became something else")
				}
				return sound.Step(in)
			}
		}}, "memory", models.Violated, "it keeps memory of an input (a disk's record)"},
		{"forgets its vote", clumsy{shows: func(c raft.NodeConfig, is raft.Status) raft.Status {
			if len(c.Disk) > 0 {
				is.Vote = raft.None
			}
			return is
		}}, "restart", models.Violated, "after its restart it has term 2, voted for none and a log to t2i3"},
		{"applies nothing again", clumsy{around: func(c raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
			return func(in raft.Input) raft.Output {
				out := sound.Step(in)
				if len(c.Disk) > 0 {
					out.Applied = nil
				}
				return out
			}
		}, shows: func(c raft.NodeConfig, is raft.Status) raft.Status {
			if len(c.Disk) > 0 {
				is.Applied = 0
			}
			return is
		}}, "restart", models.Violated, "as done without applying it"},
		{"boots as if it were new", saboteur(t, "forget-disk"), "restart", models.Violated, "after its restart it has term 0, voted for none and a log to t0i0"},
		{"refuses half a disk", clumsy{config: func(c *raft.NodeConfig) {
			if len(c.Disk) == 1 {
				panic("half a disk")
			}
		}}, "recovery", models.Violated, "half a disk"},
		{"refuses a torn record but at the end", clumsy{config: func(c *raft.NodeConfig) {
			for i, record := range c.Disk {
				if len(record) == 1 && i < len(c.Disk)-1 {
					panic("torn in the middle")
				}
			}
		}}, "recovery", models.Violated, "a torn record stays on the disk"},
		{"trusts a disk that failed", saboteur(t, "trust-failed-fsync"), "failed-disk", models.Violated, "n1 sent after its disk failed"},
		{"has luck of its own", clumsy{config: func(c *raft.NodeConfig) { c.Rand = luck{} }}, "determinism", models.Violated, "is there luck other than NodeConfig.Rand"},
		{"owns up to it", owning{clumsy{config: func(c *raft.NodeConfig) { c.Rand = luck{} }}}, "determinism", models.NotChecked, "luck of its own"},
		{"owns up to it", owning{clumsy{config: func(c *raft.NodeConfig) { c.Rand = luck{} }}}, "memory", models.Held, ""},
		{"owns up to it, and keeps a proposal", owning{clumsy{around: keepsProposals}}, "memory", models.Violated, "it keeps memory of an input"},
		{"has no snapshots", without(func(*raft.Compact) []raft.Reply { return nil }), "snapshots", models.NotChecked, "Compact leaves the log as it is"},
		{"loses snapshots", saboteur(t, "lose-snapshot"), "snapshots", models.Violated, "n3 was behind the snapshot of n1 and was never given it"},
		{"has no reads", without(func(in *raft.Read) []raft.Reply { return []raft.Reply{{Op: in.Op, Outcome: raft.Rejected}} }), "reads", models.NotChecked, "a raft.Readless: read leaseread"},
		{"says that it has no reads", readless{without(func(*raft.Read) []raft.Reply { return nil })}, "reads", models.NotChecked, "it says that it has none: they are in the log"},
		{"says that it has no reads, and owns up", owningReadless{owning{without(func(*raft.Read) []raft.Reply { return nil })}}, "memory", models.Held, ""},
		{"has no changes", without(func(in *raft.Reconfigure) []raft.Reply { return []raft.Reply{{Op: in.Op, Outcome: raft.Rejected}} }),
			"membership", models.NotChecked, "never answered with Done"},
		{"says that it changed", without(func(in *raft.Reconfigure) []raft.Reply { return []raft.Reply{{Op: in.Op, Outcome: raft.Done}} }),
			"membership", models.Violated, "n1 answers request 1 of the operator with done, and it acts by {1 2 3} instead of {1 2 3}+{4}"},
		{"has no transfer", without(func(in *raft.Transfer) []raft.Reply { return []raft.Reply{{Op: in.Op, Outcome: raft.Rejected}} }),
			"transfer", models.NotChecked, "never did"},
	}
	for _, test := range tests {
		t.Run(test.name+": "+test.rule, func(t *testing.T) {
			i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Name == test.rule })
			r := Rules()[i].try(test.system)
			require.Equal(t, test.want, r.Outcome, r.Text)
			require.Contains(t, r.Text, test.text)
		})
	}
}

// keepsProposals is an adapter that hands a proposal on when the next input comes.
func keepsProposals(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	var kept *raft.Propose
	return func(in raft.Input) raft.Output {
		out := raft.Output{}
		if kept != nil {
			out = sound.Step(kept)
			kept = nil
			if len(out.Writes)+len(out.Sends)+len(out.Replies) == 0 {
				out = sound.Step(in)
			} else if _, ok := in.(*raft.Persisted); ok {
				panic("a write was durable between a proposal and what came next")
			}
			return out
		}
		if p, ok := in.(*raft.Propose); ok {
			kept = &raft.Propose{Op: p.Op, Data: p.Data}
			return raft.Output{}
		}
		return sound.Step(in)
	}
}

// keepsPointers is an adapter that takes a read when the next input comes.
func keepsPointers(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	var kept *raft.Read
	return func(in raft.Input) raft.Output {
		if read, ok := in.(*raft.Read); ok {
			kept = read
			return raft.Output{}
		}
		out := sound.Step(in)
		if kept != nil {
			out.Replies = append(slices.Clone(out.Replies), raft.Reply{Op: kept.Op, Outcome: raft.Rejected})
			kept = nil
		}
		return out
	}
}

// luck is a randomness that no schedule decides.
type luck struct{}

var drawn atomic.Int64

func (luck) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(trace.Mix(1, uint64(drawn.Add(1))))
	}
	return len(b), nil
}

// owning is a system that owns up to not being deterministic.
type owning struct{ clumsy }

func (owning) Nondeterminism() string { return "luck of its own" }

// readless is a system without reads.
type readless struct{ clumsy }

func (readless) Readless() string { return "they are in the log" }

// owningReadless is one that is not deterministic either.
type owningReadless struct{ owning }

func (owningReadless) Readless() string { return "they are in the log" }

// outliving is a system whose nodes outlive themselves.
type outliving struct {
	reference.System
	alive *atomic.Int64
}

type outlivingNode struct {
	raft.Node
	raft.Inspector
	alive *atomic.Int64
	ended bool
}

func (s outliving) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	s.alive.Add(1)
	return &outlivingNode{Node: n, Inspector: n.(raft.Inspector), alive: s.alive}, nil
}

func (n *outlivingNode) Stop() {
	if !n.ended {
		n.alive.Add(-1)
	}
	n.ended = true
}

// TestCheck_endsNodes: what nodes leave behind is gone when the rules were tried.
func TestCheck_endsNodes(t *testing.T) {
	system := outliving{alive: new(atomic.Int64)}
	for _, r := range Check(system) {
		require.Equal(t, models.Held, r.Outcome, "%s: %s", r.Name, r.Text)
	}
	require.Zero(t, system.alive.Load())
}
