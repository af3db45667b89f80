package conform

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/internal/hostile"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	_ "raftcheck/scripts/garbage"
)

// TestReference wants every rule held by the reference.
func TestReference(t *testing.T) {
	for _, r := range Check(reference.System{}, services.All()) {
		require.Equal(t, models.Held, r.Outcome, "%s: %s", r.Name, r.Text)
	}
	Test(t, reference.System{}, services.All())
}

// clumsy is the reference behind an adapter that gets one thing wrong.
type clumsy struct {
	reference.System
	config func(*raft.NodeConfig)
	around func(raft.NodeConfig, raft.Node) func(raft.Input) raft.Output
	blind  bool                                // its nodes do not show their state
	shows  func(raft.NodeConfig, *raft.Status) // changes the status that a node shows
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
		n = lying{n, n.(raft.Inspector), func(is *raft.Status) { s.shows(c, is) }}
	}
	return n, err
}

// lying is a node that shows another status than its own.
type lying struct {
	raft.Node
	raft.Inspector
	change func(*raft.Status)
}

func (n lying) Status() raft.Status {
	is := n.Inspector.Status()
	n.change(&is)
	return is
}

// keeping is an adapter that keeps memory of an input until the next one, and panics if
// the memory has changed by then.
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

// without is an adapter that passes on no inputs of a type, and answers them as given.
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

// changing is an adapter that changes outputs.
func changing(change func(*raft.Output)) clumsy {
	return clumsy{around: func(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
		return func(in raft.Input) raft.Output {
			out := sound.Step(in)
			change(&out)
			return out
		}
	}}
}

// saboteur returns the reference with one promise broken.
func saboteur(name string) raft.System {
	for _, s := range sabotage.Systems(reference.System{}) {
		if strings.HasSuffix(s.Name(), "+"+name) {
			return s
		}
	}
	panic("no saboteur has the name " + name)
}

// clumsyTests are adapters with one mistake each, or without an ability, and the rule that
// is about it.
var clumsyTests = []struct {
	name   string
	system raft.System
	rule   string
	want   models.Outcome
	text   string // a part of the rule's text
}{
	{"refuses an empty disk", clumsy{err: errors.New("no disk")}, "boot", models.Violated, "no disk"},
	{"panics", clumsy{config: refusesOutsiders}, "boot", models.Violated, "who am I"},
	{"hides its state", clumsy{blind: true}, "status", models.NotChecked, "no raft.Inspector"},
	{"hides its state", clumsy{blind: true}, "restart", models.NotChecked, "do not show their state"},
	{"hides its state", clumsy{blind: true}, "commands", models.Held, ""},
	{"leads from the first", showing(func(_ raft.NodeConfig, is *raft.Status) { is.Role = raft.Leader }),
		"status", models.Violated, "and not a follower with nothing committed"},
	{"always asks for pre-votes", asksForPreVotes, "election", models.Held, ""},
	{"always asks for pre-votes", asksForPreVotes, "restart", models.Held, ""},
	{"lets another node stand first", standsLater, "election", models.Held, ""},
	{"ignores timeouts", without(func(*raft.Timeout) []raft.Reply { return nil }),
		"election", models.Violated, "n2 got 10 timeouts of its election timer"},
	{"ignores ticks", without(func(*raft.Tick) []raft.Reply { return nil }),
		"clock", models.Violated, "does Tick drive the election timer?"},
	{"never answers", changing(func(out *raft.Output) { out.Replies = nil }),
		"commands", models.Violated, "asked 10 times to append an entry"},
	{"applies something else", changing(appliesMore),
		"commands", models.Violated, "n1 applied t1i1, which is not what its log has there"},
	{"applies in another order", changing(func(out *raft.Output) { slices.Reverse(out.Applied) }),
		"restart", models.Violated, "n2 applied t2i3 where index 2 is next"},
	{"commits beyond its log", showing(atLast(func(is *raft.Status) { is.Commit = is.Last.Index + 1 })),
		"log", models.Violated, "n1 shows 2 as its commit index, and its log ends at t1i1"},
	{"commits below zero", showing(atLast(func(is *raft.Status) { is.Commit = ^raft.Index(0) })),
		"log", models.Violated, "n1 shows 18446744073709551615 as its commit index, and its log ends at t1i1"},
	{"applies beyond its commit index", showing(atLast(func(is *raft.Status) { is.Applied = is.Commit + 1 })),
		"log", models.Violated, "n1 shows that it applied up to 1, and calls only 0 committed"},
	{"is configured beyond its log", showing(atLast(func(is *raft.Status) { is.ConfigIndex = 1 << 63 })), "log",
		models.Violated, "n1 shows 9223372036854775808 as the index of its configuration, and its log ends at t1i1"},
	{"has entries beyond the last", endless{},
		"log", models.Violated, "n1 has t0i1 for EntryAt(1), and its log ends at t0i0"},
	{"hides its state", clumsy{blind: true}, "log", models.NotChecked, "do not show their state"},
	{"counts its writes from 101", changing(countsFrom101),
		"writes", models.Violated, "has the ID 101 in the write after its write 0 since it booted"},
	{"waits for what it never writes", changing(everySend(func(m *raft.Message) { m.After += 100 })),
		"writes", models.Violated, "a RequestVote of n1 waits for write 101, and the node has issued 1"},
	{"writes nothing", changing(writesNothing), "writes", models.Violated, "ever wrote anything"},
	{"waits for no write", saboteur("send-before-persist"),
		"promises", models.Violated, "Message.After has to name the write"},
	{"promises nothing", changing(everySend(func(m *raft.Message) { m.Promise = raft.Promise{} })),
		"promises", models.NotChecked, "no message that left has a Promise"},
	{"keeps a proposal", clumsy{around: keepsProposals},
		"memory", models.Violated, "it keeps memory of an input (a proposal's data)"},
	{"keeps a payload", keeping(payloadOf),
		"memory", models.Violated, "it keeps memory of an input (a message's payload)"},
	{"keeps a state", keeping(stateOf),
		"memory", models.Violated, "it keeps memory of an input (a snapshot's state)"},
	{"keeps a pointer", clumsy{around: keepsPointers},
		"memory", models.Violated, "it keeps memory of an input (what the pointer to an input points to)"},
	{"keeps a pointer", clumsy{around: keepsPointers}, "determinism", models.Held, ""},
	{"keeps its disk", clumsy{around: keepsDisk},
		"memory", models.Violated, "it keeps memory of an input (a disk's record)"},
	{"forgets its vote", showing(afterRestart(func(is *raft.Status) { is.Vote = raft.None })),
		"restart", models.Violated, "after its restart it has term 2, voted for none and a log to t2i3"},
	{"applies nothing again", clumsy{
		around: appliesNothingAgain, shows: afterRestart(func(is *raft.Status) { is.Applied = 0 }),
	}, "restart", models.Violated, "as done without applying it"},
	{"boots as if it were new", saboteur("forget-disk"),
		"restart", models.Violated, "after its restart it has term 0, voted for none and a log to t0i0"},
	{"refuses half a disk", clumsy{config: refusesHalfADisk}, "recovery", models.Violated, "half a disk"},
	{"refuses a torn record but at the end", clumsy{config: refusesTornRecords},
		"recovery", models.Violated, "a torn record stays on the disk"},
	{"trusts a disk that failed", saboteur("trust-failed-fsync"),
		"failed-disk", models.Violated, "n1 sent after its disk failed"},
	{"has luck of its own", clumsy{config: drawsLuck},
		"determinism", models.Violated, "is there randomness other than NodeConfig.Rand"},
	{"states its luck", owning{clumsy{config: drawsLuck}}, "determinism", models.NotChecked, "luck of its own"},
	{"states its luck", owning{clumsy{config: drawsLuck}}, "memory", models.Held, ""},
	{"states its luck, and keeps a proposal", owning{clumsy{around: keepsProposals}},
		"memory", models.Violated, "it keeps memory of an input"},
	{"has no snapshots", without(func(*raft.Compact) []raft.Reply { return nil }),
		"snapshots", models.NotChecked, "Compact leaves the log unchanged"},
	{"commits late what its snapshot covers", showing(func(_ raft.NodeConfig, is *raft.Status) {
		if is.Commit == is.Base.Index && is.Role == raft.Follower { // until the next entry is committed
			is.Commit = max(is.Commit, 1) - 1
			is.Applied = min(is.Applied, is.Commit)
		}
	}),
		"snapshots", models.Violated, "n3 shows a log that begins after t1i8, and calls only 7 committed"},
	{"loses snapshots", saboteur("lose-snapshot"),
		"snapshots", models.Violated, "n3 was behind the snapshot of n1 and never got it"},
	{"applies again the entries that it kept before its snapshot", clumsy{around: appliesKeptAgain},
		"snapshots", models.Violated, "n1 applied t2i10 where index 12 is next"},
	{"has no reads", without(func(in *raft.Read) []raft.Reply { return answered(in.Op, raft.Rejected) }),
		"reads", models.NotChecked, "a raft.Readless: read leaseread"},
	{"states that it has no reads", readless{without(func(*raft.Read) []raft.Reply { return nil })},
		"reads", models.NotChecked, "it states that it has no reads: they are in the log"},
	{"states that it has no reads, and its luck",
		owningReadless{owning{without(func(*raft.Read) []raft.Reply { return nil })}}, "memory", models.Held, ""},
	{"has no changes", without(func(in *raft.Reconfigure) []raft.Reply {
		return answered(in.Op, raft.Rejected)
	}),
		"membership", models.NotChecked, "never answered with Done"},
	{"changes nothing", without(func(in *raft.Reconfigure) []raft.Reply { return answered(in.Op, raft.Done) }),
		"membership", models.Violated,
		"n1 answers request 1 of the operator with done, and it acts by {1 2 3} instead of {1 2 3}+{4}"},
	{"leads unseen", showing(func(_ raft.NodeConfig, is *raft.Status) {
		if is.Applied > 1 {
			is.Role = raft.Follower
		}
	}), "transfer", models.NotChecked, "never did"},
	{"has no transfer", without(func(in *raft.Transfer) []raft.Reply { return answered(in.Op, raft.Rejected) }),
		"transfer", models.NotChecked, "never did"},
}

// TestClumsy wants each mistake of an adapter to violate the rule that is about it, with
// a text that names the mistake.
func TestClumsy(t *testing.T) {
	for _, test := range clumsyTests {
		t.Run(test.name+": "+test.rule, func(t *testing.T) {
			i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Name == test.rule })
			r := Rules()[i].Try(test.system, services.All(), trial.Watch{})
			require.Equal(t, test.want, r.Outcome, r.Text)
			require.Contains(t, r.Text, test.text)
		})
	}
}

// TestCheck_ends wants no further rule tried on a system whose nodes do not boot.
func TestCheck_ends(t *testing.T) {
	boots := 0
	results := Check(clumsy{config: func(*raft.NodeConfig) { boots++; panic("no library") }}, services.All())
	require.Len(t, results, 1)
	require.True(t, results[0].Ends())
	require.Equal(t, 1, boots)
}

// answered is one reply.
func answered(op raft.OpID, o raft.Outcome) []raft.Reply { return []raft.Reply{{Op: op, Outcome: o}} }

// TestCheck_endsNodes wants every node stopped once the rules were tried.
func TestCheck_endsNodes(t *testing.T) {
	system := outliving{alive: new(atomic.Int64)}
	for _, r := range Check(system, services.All()) {
		require.Equal(t, models.Held, r.Outcome, "%s: %s", r.Name, r.Text)
	}
	require.Zero(t, system.alive.Load())
}

// atLast changes the status of a node that has an entry.
func atLast(change func(*raft.Status)) func(raft.NodeConfig, *raft.Status) {
	return func(_ raft.NodeConfig, is *raft.Status) {
		if is.Last.Index > 0 {
			change(is)
		}
	}
}

// endless is the reference whose logs have an entry at every index.
type endless struct{ reference.System }

func (s endless) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return endlessNode{n.(*reference.Node)}, err
}

type endlessNode struct{ *reference.Node }

func (n endlessNode) EntryAt(i raft.Index) (raft.Entry, bool) {
	if e, ok := n.Node.EntryAt(i); ok || i == 0 {
		return e, ok
	}
	return raft.Entry{ID: raft.EntryID{Index: i}}, true
}

// TestCheck_hostile: whatever the nodes of a system return, each rule has an outcome.
func TestCheck_hostile(t *testing.T) {
	for salt := range uint64(12) {
		s := hostile.System{Salt: salt, Rarity: []uint64{3, 30, 300}[salt%3], Kinds: salt / 3 * 5 % 16}
		require.NotPanics(t, func() {
			for _, r := range Check(s, services.All()) {
				require.True(t, r.Outcome == models.Held || r.Text != "", "%s: %s", r.Name, r.Outcome)
			}
		}, "salt %d", salt)
	}
}
