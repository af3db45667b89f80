package paper

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"raftcheck/raft"
)

// exploration visits every state within bounds, and keeps the way to each.
type exploration struct {
	bounds
	names     []*raft.Renaming // the renamings that leave the first configuration alone
	visited   map[string]bool
	least     []byte
	other     []byte
	way       []arrival
	generated int
	levels    int
	broken    string // the first property that is broken, with the shortest way there
}

type arrival struct {
	from int
	step string
}

// explore visits every cluster within bounds. With symmetric, clusters that differ by names
// count once.
func explore(b bounds, symmetric bool) *exploration {
	x := &exploration{bounds: b, visited: map[string]bool{}, names: []*raft.Renaming{raft.NewRenaming()}}
	if symmetric {
		x.names = renamings(b.nodes, b.voters)
	}
	first := b.first()
	x.add(first, arrival{from: -1})
	next := &cluster{State: new(State)}
	level := []*cluster{first}
	for at := 0; len(level) > 0 && x.broken == ""; x.levels++ {
		var deeper []*cluster
		for _, c := range level {
			x.successors(c, next, func(step string) {
				x.generated++
				if x.add(next, arrival{at, step}) {
					kept := &cluster{State: new(State)}
					kept.become(next)
					deeper = append(deeper, kept)
				}
			})
			at++
		}
		level = deeper
	}
	return x
}

// add visits a cluster, and reports whether it is new.
func (x *exploration) add(c *cluster, came arrival) bool {
	x.least = c.encode(x.least[:0], x.names[0])
	for _, as := range x.names[1:] {
		if x.other = c.encode(x.other[:0], as); bytes.Compare(x.other, x.least) < 0 {
			x.least, x.other = x.other, x.least
		}
	}
	if x.visited[string(x.least)] {
		return false
	}
	x.visited[string(x.least)] = true
	x.way = append(x.way, came)
	if text := c.broken(); text != "" && x.broken == "" {
		x.broken = text + ":" + x.steps(len(x.way)-1)
	}
	return true
}

func (x *exploration) steps(i int) string {
	var steps []string
	for ; x.way[i].from >= 0; i = x.way[i].from {
		steps = append(steps, x.way[i].step)
	}
	slices.Reverse(steps)
	return " " + strings.Join(steps, " ")
}

// renamings lists the permutations of names that map voters to voters.
func renamings(nodes, voters int) (list []*raft.Renaming) {
	var extend func(names []raft.NodeID)
	extend = func(names []raft.NodeID) {
		if len(names) == nodes {
			list = append(list, raft.NewRenaming(names...))
			return
		}
		for id := 1; id <= nodes; id++ {
			if !slices.Contains(names, raft.NodeID(id)) && (id <= voters) == (len(names) < voters) {
				extend(append(slices.Clone(names), raft.NodeID(id)))
			}
		}
	}
	extend(nil)
	return list
}

// The number of states is pinned: a change of an action or of a guard changes it.
var pinned = []struct {
	about             string
	bounds            bounds
	states, generated int
}{
	{"the bounds of TLC's published number", bounds{nodes: 3, voters: 3, terms: 1, log: 1}, 82, 160},
	{"figure 2, three nodes", bounds{nodes: 3, voters: 3, terms: 2, log: 1}, 4266, 9168},
	{"figure 2, two nodes", bounds{nodes: 2, voters: 2, terms: 3, log: 2}, 2669, 4597},
	{"a crash", bounds{nodes: 3, voters: 3, terms: 2, log: 1, crashes: 1}, 21973, 59419},
	{"snapshots", bounds{nodes: 2, voters: 2, terms: 2, log: 2, snapshots: true}, 759, 1867},
	{"pre-votes", bounds{nodes: 2, voters: 2, terms: 2, log: 1, preVote: true}, 3711, 11287},
	{"a read", bounds{nodes: 2, voters: 2, terms: 2, log: 1, reads: 1}, 551, 892},
	{"a transfer", bounds{nodes: 2, voters: 2, terms: 3, log: 2, transfers: 1}, 6198, 11438},
	{"a change of the configuration", bounds{nodes: 2, voters: 1, terms: 2, log: 3, changes: 1}, 2767, 6969},
}

func TestExplore(t *testing.T) {
	for _, c := range pinned {
		x := explore(c.bounds, true)
		if x.broken != "" || len(x.visited) != c.states || x.generated != c.generated {
			t.Errorf("%s: %d states, %d generated, %s", c.about, len(x.visited), x.generated, x.broken)
		}
	}
}

// Symmetry loses nothing: among the states that an exploration without it visits, there are as
// many that differ by more than names.
func TestExplore_symmetry(t *testing.T) {
	b := bounds{nodes: 3, voters: 3, terms: 1, log: 1, crashes: 1}
	all, apart := explore(b, false), explore(b, true)
	different := &exploration{bounds: b, visited: map[string]bool{}, names: apart.names}
	level, next := []*cluster{b.first()}, &cluster{State: new(State)}
	seen := &exploration{visited: map[string]bool{}, names: all.names}
	for len(level) > 0 {
		c := level[0]
		level = level[1:]
		if !seen.add(c, arrival{}) {
			continue
		}
		different.add(c, arrival{})
		b.successors(c, next, func(string) {
			kept := &cluster{State: new(State)}
			kept.become(next)
			level = append(level, kept)
		})
	}
	if len(seen.visited) != len(all.visited) || len(different.visited) != len(apart.visited) {
		t.Errorf("%d and %d states without symmetry, %d and %d with it",
			len(seen.visited), len(all.visited), len(different.visited), len(apart.visited))
	}
}

// The time of a state.
func BenchmarkExplore(b *testing.B) {
	states, generated := 0, 0
	for b.Loop() {
		x := explore(bounds{nodes: 3, voters: 3, terms: 2, log: 1}, true)
		states, generated = len(x.visited), x.generated
	}
	perRun := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(states)/perRun, "states/s")
	b.ReportMetric(float64(generated)/perRun, "generated/s")
}
