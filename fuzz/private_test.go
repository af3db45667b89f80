package fuzz

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// privacy observes runs and verifies [trace.Record.Private]: the violations of a private
// record depend on its node alone, and checkers remember nothing of it.
type privacy struct {
	t       *testing.T
	view    *trace.View     // the runner's
	whole   *models.Monitor // observes all records
	alone   *models.Monitor // has the node of a record, and the entries that it knows
	before  trace.NodeView  // of that node
	as      *raft.Renaming
	private int
	broke   map[string]int // violations by private records
}

func newPrivacy(t *testing.T) *privacy {
	return &privacy{
		t: t, as: raft.NewRenaming(), broke: map[string]int{},
		whole: models.NewMonitor(models.Rememberers(nil)...), alone: models.NewMonitor(models.Rememberers(nil)...),
	}
}

// Observe compares the violations of a private record with those that a monitor reports
// which knows only the node.
func (p *privacy) Observe(r *trace.Record) {
	if r.Time == 1 {
		p.whole.Reset(p.view.All, p.view.FirstVoters)
	}
	n := &p.whole.View.Nodes[r.Node]
	p.before.CopyFrom(n)
	memory, broken := p.whole.AppendMemory(nil, p.as), p.whole.Violated(nil)
	p.whole.Watch(r)
	if !r.Private(n) {
		return
	}
	p.private++
	breaks := p.whole.Violated(nil)
	if len(breaks) == len(broken) {
		require.Equal(p.t, memory, p.whole.AppendMemory(nil, p.as), "%+v", r)
	}
	p.know(r.Node)
	p.alone.Watch(r)
	for _, v := range breaks {
		if !slices.Contains(broken, v) {
			p.broke[v.Property]++
		}
	}
	got, want := p.others(p.alone.Violated(nil), broken), p.others(breaks, broken)
	require.True(p.t, slices.Equal(got, want), "%v, want %v, after %+v", got, want, r)
}

// others returns the verdicts on properties that were not violated before.
func (p *privacy) others(breaks, broken []models.Verdict) []models.Verdict {
	return slices.DeleteFunc(breaks, func(v models.Verdict) bool {
		return slices.ContainsFunc(broken, func(b models.Verdict) bool { return b.Property == v.Property })
	})
}

// know resets alone to the entries that a node had committed and applied before the
// record.
func (p *privacy) know(id raft.NodeID) {
	p.alone.Reset(p.view.All, p.view.FirstVoters)
	log, s := p.before.Log, &p.before.Status
	for _, e := range log[:min(int(s.Commit), len(log))] {
		p.alone.View.Committed = append(p.alone.View.Committed, trace.Commitment{Logged: e, In: s.Term})
	}
	node := &p.alone.View.Nodes[id]
	node.CopyFrom(&p.before)
	r := trace.Record{Kind: trace.Stepped, Node: id, Inspected: true, Status: *s, Kept: raft.Index(len(log))}
	for i, e := range log[:min(int(s.Applied), len(log))] {
		r.Applied = append(r.Applied,
			trace.Digest{ID: raft.EntryID{Term: e.Term, Index: raft.Index(i + 1)}, Hash: e.Hash})
	}
	p.alone.Watch(&r)
	node.CopyFrom(&p.before)
}

// TestRecord_private: private records of the reference violate nothing.
func TestRecord_private(t *testing.T) {
	for _, profile := range generate.Profiles() {
		t.Run(profile.Name, func(t *testing.T) {
			t.Parallel()
			p := newPrivacy(t)
			p.watch(reference.System{}, profile, *seed, 8)
			require.Empty(t, p.broke)
			require.Greater(t, p.private, 50)
		})
	}
}

// watch runs the first schedules of a seed.
func (p *privacy) watch(system raft.System, profile generate.Profile, seed uint64, schedules int) {
	runner := trial.NewRunner(system, services.All(), p)
	p.view = runner.View()
	for i := range schedules {
		generate.Schedule(runner, profile, generate.Numbered(seed, i))
	}
}

// TestRecord_privateAndBroken: violations by private records of unsound systems do not
// depend on the other nodes.
func TestRecord_privateAndBroken(t *testing.T) {
	t.Parallel()
	broke := map[string]int{}
	systems := sabotage.Systems(reference.System{})
	for _, lie := range lies {
		systems = append(systems, liar{reference.System{}, lie})
	}
	for _, system := range systems {
		p := newPrivacy(t)
		p.watch(system, generate.Disks, 1, 5)
		for property, n := range p.broke {
			broke[property] += n
		}
	}
	t.Logf("broken by private records: %v", broke)
	for _, property := range []string{"Durability", "Monotonicity"} {
		require.NotZero(t, broke[property], property)
	}
}

// successor observes runs with two monitors. The second one skips records at times, and
// then copies the memory of the first.
type successor struct {
	t             *testing.T
	view          *trace.View // the runner's
	first, second *models.Monitor
}

// Observe wants both monitors to have equal memories while the second one observes.
func (s *successor) Observe(r *trace.Record) {
	if r.Time == 1 {
		s.first.Reset(s.view.All, s.view.FirstVoters)
		s.second.Reset(s.view.All, s.view.FirstVoters)
	}
	time := r.Time % 40
	if time == 20 {
		s.second.Remember(s.first)
		for id := range s.second.View.Nodes {
			s.second.View.Nodes[id].CopyFrom(&s.first.View.Nodes[id])
		}
	}
	s.first.Watch(r)
	if time < 20 {
		return
	}
	s.second.Watch(r)
	require.True(s.t, s.known(s.first) == s.known(s.second), "record %d: %+v", r.Time, r)
	require.Equal(s.t, s.first.Violated(nil), s.second.Violated(nil))
}

// known encodes the memory and the view of a monitor.
func (s *successor) known(m *models.Monitor) string {
	as := raft.NewRenaming(2, 1)
	b := m.AppendMemory(nil, as)
	for id := range m.View.Nodes {
		b = m.View.Nodes[id].AppendState(b, as)
	}
	return string(b)
}

// TestMonitor_Remember: a copied memory leads to the same verdicts.
func TestMonitor_Remember(t *testing.T) {
	for _, system := range []raft.System{reference.System{}, fixture.Saboteur(t, "send-before-persist"),
		fixture.Saboteur(t, "stale-snapshot")} {
		for _, profile := range []generate.Profile{generate.Disks, generate.Snapshots, generate.Members,
			generate.Workers} {
			s := &successor{t: t, first: models.NewMonitor(models.Rememberers(nil)...),
				second: models.NewMonitor(models.Rememberers(nil)...)}
			runner := trial.NewRunner(system, services.All(), s)
			s.view = runner.View()
			for i := range 4 {
				generate.Schedule(runner, profile, generate.Numbered(*seed, i))
			}
		}
	}
}

// liar is a system whose nodes show a false status.
type liar struct {
	raft.System
	lie func(s *raft.Status, times int)
}

// lies are about the fields that verdicts on private records depend on: the vote, the
// term, the commit, applied and compacted indexes, and the configuration.
var lies = []func(s *raft.Status, times int){
	func(s *raft.Status, times int) {
		if times%40 == 0 && s.Vote != raft.None {
			s.Vote = 1 + s.Vote%2
		}
	},
	func(s *raft.Status, times int) {
		if times%40 == 0 {
			s.Term /= 2
		}
	},
	func(s *raft.Status, times int) { s.Commit += raft.Index(times / 50) },
	func(s *raft.Status, times int) {
		if times < 5 && s.Last.Index > 0 {
			s.Applied = max(s.Applied, 1)
		}
	},
	func(s *raft.Status, _ int) { s.Applied = 0 },
	func(s *raft.Status, times int) {
		if times == 60 {
			s.Applied++
		}
	},
	func(s *raft.Status, times int) {
		if times < 20 {
			s.ConfigIndex = s.Last.Index + 1
		}
	},
	func(s *raft.Status, _ int) { s.Config = raft.Configuration{} },
	func(s *raft.Status, _ int) {
		if s.Role == raft.Leader {
			s.Config.Voters = s.Config.Voters.Without(s.Leader)
		}
	},
}

func (l liar) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := l.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return &lyingNode{Node: n, Inspector: n.(raft.Inspector), lie: l.lie}, nil
}

type lyingNode struct {
	raft.Node
	raft.Inspector
	lie   func(s *raft.Status, times int)
	times int
}

func (n *lyingNode) Status() raft.Status {
	s := n.Inspector.Status()
	n.lie(&s, n.times)
	n.times++
	return s
}
