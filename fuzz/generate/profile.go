package generate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"raftcheck/faults"
	"raftcheck/models/service"
)

// Profile says how often each kind of event is tried, and in which clusters.
type Profile struct {
	Name    string
	About   string
	Nodes   []int // the sizes of cluster, equally likely
	Clients int
	// Events is how many events a schedule has at most; the least is an eighth of it.
	Events  int
	Weights Weights
	// Point is the kind of event that the profile is about, which swarm never switches off.
	Point faults.EventKind
	// Service names the service that clients use; "" is the usual one of the program. A mix
	// of profiles leaves out those whose service the program lacks.
	Service string
	// Leases says that clocks keep within the bound that leases trust. Then every schedule
	// has pre-votes, and with them leases; otherwise half of the schedules do.
	Leases bool
	// Calm has no faults and no plays.
	Calm bool
	// Rates are the clocks' speeds that Skew chooses from, in percent.
	Rates []int32
	// Swarm switches every kind of fault off with probability one half, anew
	// for each schedule, and makes the weights of the rest vary: a fault that
	// is always there hides what needs its absence (Groce and others: Swarm
	// testing, 2012).
	Swarm bool
	// Of, if not empty, has the profiles one of which each schedule is drawn under.
	Of []Profile
}

// Validate reports that a program with these services cannot draw under the profile.
func (p *Profile) Validate(set service.Set) error {
	switch {
	case len(p.Nodes) == 0 && len(p.Of) == 0:
		return errors.New("expected a profile with sizes of clusters, such as Swarm")
	case len(p.Of) > 0 && len(p.served(set)) == 0:
		return fmt.Errorf("expected a service of profile %s, found %s", p.Name, set.Names())
	case len(p.Of) == 0 && set.Named(p.Service) == nil:
		return fmt.Errorf("expected service %s, which profile %s needs, found %s", p.Service, p.Name,
			set.Names())
	}
	return nil
}

// served are the profiles of the mix whose services are in a set.
func (p *Profile) served(set service.Set) []Profile {
	lacks := func(of Profile) bool { return set.Named(of.Service) == nil }
	if !slices.ContainsFunc(p.Of, lacks) {
		return p.Of
	}
	return slices.DeleteFunc(slices.Clone(p.Of), lacks)
}

// Services are those of a set that the clients of the profile use, each once or more.
func (p *Profile) Services(set service.Set) []service.Service {
	if len(p.Of) == 0 {
		return []service.Service{set.Named(p.Service)}
	}
	var list []service.Service
	for _, of := range p.served(set) {
		list = append(list, set.Named(of.Service))
	}
	return list
}

// Weights says how often each kind of event is tried, relative to the others.
type Weights map[faults.EventKind]int

// progress is part of every profile, because without it nothing ever happens. Of
// choices made uniformly, hardly any would lead to a leader.
var progress = Weights{
	faults.Deliver: 90, faults.Persist: 36, faults.Tick: 8, faults.Timeout: 3,
	faults.Call: 14, faults.Settle: 2, faults.Run: 1,
}

var (
	links = Weights{
		faults.Drop: 6, faults.Duplicate: 5, faults.Slow: 1, faults.Lose: 1,
	}
	partitions = Weights{
		faults.Cut: 3, faults.Mend: 3, faults.Lose: 1, faults.Timeout: 5, faults.Heal: 1,
	}
	crashes = Weights{
		faults.Crash: 4, faults.Restart: 8, faults.Pause: 1, faults.Resume: 3, faults.Timeout: 4,
	}
	disks = Weights{
		faults.Crash: 3, faults.Tear: 3, faults.Fail: 2, faults.Corrupt: 1, faults.Restart: 10, faults.Timeout: 4,
	}
	clocks = Weights{
		faults.Run: 6, faults.Skew: 3, faults.Slow: 3, faults.Tick: 16, faults.Pause: 1, faults.Resume: 3,
	}
	clients = Weights{
		faults.Retry: 3, faults.Abandon: 2, faults.Read: 5, faults.LeaseRead: 1,
	}
	snapshots = Weights{
		faults.Compact: 4,
	}
	members = Weights{
		faults.Reconfigure: 5, faults.Transfer: 2, faults.Wipe: 1,
	}
	pace = Weights{
		faults.Batch: 3, faults.Lag: 2,
	}
	workers = Weights{
		faults.Work: 20, faults.Land: 12, faults.Run: 8,
	}
)

// every returns the weights of progress and these; of a kind that has several, the highest.
func every(parts ...Weights) Weights {
	sum := maps.Clone(progress)
	for _, part := range parts {
		for kind, weight := range part {
			sum[kind] = max(sum[kind], weight)
		}
	}
	return sum
}

// wild are rates of clocks that no lease survives. Of the bounded ones, which leases
// trust, the highest is half as much again as the lowest.
var (
	wild    = []int32{25, 50, 80, 100, 125, 200, 400, 1000}
	bounded = []int32{80, 90, 100, 110, 120}
)

// timed is the progress of a cluster in which time passes everywhere or nowhere, as
// leases need it. It has no kind with the hazard faults.JumpsClock: an election timer that
// fires out of turn is a clock that jumped, and the clock of a paused node stands still.
var timed = Weights{
	faults.Run: 40, faults.Settle: 24, faults.Skew: 12, faults.Slow: 3, faults.Drop: 2, faults.Duplicate: 1,
	faults.Cut: 4, faults.Mend: 3, faults.Crash: 2, faults.Restart: 6, faults.Deliver: 16, faults.Persist: 10,
	faults.Compact: 1, faults.Transfer: 2, faults.Heal: 1,
	faults.Call: 10, faults.Retry: 3, faults.Abandon: 4, faults.Read: 1, faults.LeaseRead: 16,
}

// The profiles, from the calmest on. Swarm draws from all but Calm, Reads and Queue, and
// twice as often from the richest.
var (
	Calm = Profile{
		Name:    "calm",
		About:   "no faults: elections and calls",
		Calm:    true,
		Nodes:   []int{1, 3, 5},
		Clients: 3,
		Events:  400,
		Weights: every(clients),
	}
	Elections = Profile{
		Name:    "elections",
		About:   "timeouts all the time, messages lost and doubled",
		Nodes:   []int{2, 3, 4, 5},
		Clients: 2,
		Events:  600,
		Weights: every(links, clients, pace, Weights{faults.Timeout: 14}),
	}
	Partitions = Profile{
		Name:    "partitions",
		About:   "links cut one way, two ways and in groups",
		Point:   faults.Cut,
		Nodes:   []int{3, 4, 5, 7},
		Clients: 3,
		Events:  1000,
		Weights: every(partitions, clients, snapshots, pace),
	}
	Crashes = Profile{
		Name:    "crashes",
		About:   "nodes crash, pause and restart",
		Point:   faults.Crash,
		Nodes:   []int{1, 2, 3, 5},
		Clients: 3,
		Events:  1000,
		Weights: every(crashes, clients, pace),
	}
	Disks = Profile{
		Name:    "disks",
		About:   "writes lost, torn and rotten, disks that fail",
		Point:   faults.Tear,
		Nodes:   []int{1, 3, 5},
		Clients: 3,
		Events:  1000,
		Weights: every(disks, clients, snapshots),
	}
	Clocks = Profile{
		Name:    "clocks",
		About:   "time runs, at different rates, over slow links",
		Point:   faults.Skew,
		Nodes:   []int{3, 5},
		Clients: 3,
		Events:  400,
		Rates:   wild,
		Weights: every(clocks, clients, snapshots, Weights{faults.Crash: 2, faults.Restart: 6}),
	}
	Snapshots = Profile{
		Name:    "snapshots",
		About:   "logs compacted while nodes are behind",
		Point:   faults.Compact,
		Nodes:   []int{2, 3, 5},
		Clients: 3,
		Events:  1000,
		Weights: every(links, partitions, crashes, clients, pace, Weights{
			faults.Compact: 12,
			faults.Tick:    16,
		}),
	}
	Members = Profile{
		Name:    "members",
		About:   "nodes come, go, and are promoted; disks are wiped",
		Point:   faults.Reconfigure,
		Nodes:   []int{3, 4, 5, 6},
		Clients: 3,
		Events:  1000,
		Weights: every(links, partitions, crashes, clients, snapshots, pace, Weights{
			faults.Reconfigure: 14,
			faults.Transfer:    3,
			faults.Wipe:        1,
			faults.Tick:        12,
		}),
	}
	Leases = Profile{
		Name:    "leases",
		About:   "clocks within their bound, reads from leases",
		Point:   faults.LeaseRead,
		Nodes:   []int{3, 5},
		Clients: 8,
		Events:  1000,
		Leases:  true,
		Rates:   bounded,
		Weights: timed,
	}
	Reads = Profile{
		Name:    "reads",
		About:   "reads at any node, while leaders are cut off",
		Nodes:   []int{3},
		Clients: 8,
		Events:  200,
		Weights: Weights{
			faults.Run:       30,
			faults.Settle:    10,
			faults.Cut:       10,
			faults.Mend:      6,
			faults.Timeout:   4,
			faults.Tick:      2,
			faults.Deliver:   4,
			faults.Persist:   2,
			faults.Duplicate: 2,
			faults.Call:      10,
			faults.Read:      40,
			faults.Retry:     8,
			faults.Abandon:   1,
		},
	}
	Workers = Profile{
		Name:    "workers",
		About:   "workers elect the one of them that may write",
		Nodes:   []int{3, 5},
		Clients: 4,
		Events:  800,
		Service: "election",
		Rates:   wild,
		Weights: every(partitions, crashes, clocks, clients, snapshots, workers),
	}
	Queue = Profile{
		Name:    "queue",
		About:   "clients share queues, and every fault at once",
		Nodes:   []int{3, 5},
		Clients: 4,
		Events:  1000,
		Service: "queue",
		Rates:   wild,
		Weights: Rough.Weights,
	}
	Rough = Profile{
		Name:    "rough",
		About:   "every fault at once",
		Nodes:   []int{3, 5},
		Clients: 4,
		Events:  1000,
		Rates:   wild,
		Weights: every(links, partitions, crashes, disks, clients, snapshots, members, pace, Weights{
			faults.Skew: 1,
		}),
	}
	Swarm = Profile{
		Name:  "swarm",
		About: "one of the others but calm and reads, and a random half of its faults",
		Swarm: true,
		Of: []Profile{
			Elections, Partitions, Crashes, Disks, Clocks, Snapshots, Members,
			Members, Leases, Leases, Workers, Workers, Rough, Queue,
		},
	}
)

// Profiles lists every profile.
func Profiles() []Profile {
	return []Profile{
		Calm, Elections, Partitions, Reads, Crashes, Disks, Clocks, Snapshots, Members, Leases,
		Workers, Queue, Rough, Swarm,
	}
}

// ProfileNamed returns the profile of a name.
func ProfileNamed(name string) (Profile, bool) {
	i := slices.IndexFunc(Profiles(), func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return Profile{}, false
	}
	return Profiles()[i], true
}

// table spreads kinds of event over a byte, so that one small choice picks one.
type table [256]faults.EventKind

// alwaysOn reports whether swarm never switches a kind off: it makes progress, in the
// cluster or in the work that the cluster is for, or ends a fault.
func alwaysOn(k faults.EventKind) bool {
	switch k {
	case faults.Work, faults.Land, faults.Restart, faults.Resume, faults.Mend:
		return true
	}
	return progress[k] > 0
}

// draw makes the table of one schedule: each kind that is on has a place, and the other
// places are shared out by weight. It draws in the order of the kinds' numbers. Without
// batches it draws as if there were no events about them.
func (p *Profile) draw(src Source, batches bool) *table {
	var weights [faults.Kinds]int
	total, on := 0, 0
	for _, kind := range faults.EventKinds() {
		w := p.Weights[kind] * 4
		if pace[kind] > 0 && !batches {
			w = 0
		}
		if p.Swarm && w > 0 {
			w = p.swarmed(src, kind, w)
		}
		if weights[kind] = w; w > 0 {
			total += w
			on++
		}
	}
	t := &table{}
	next, sum, spare := 0, 0, len(t)-on
	for kind, w := range weights {
		if w == 0 {
			continue
		}
		places := 1 + (sum+w)*spare/total - sum*spare/total
		sum += w
		for range places {
			t[next] = faults.EventKind(kind)
			next++
		}
	}
	return t
}

// swarmed switches a kind of fault off, or makes it rarer or more frequent.
func (p *Profile) swarmed(src Source, kind faults.EventKind, w int) int {
	choice := src.Below(8)
	if choice < 4 && !alwaysOn(kind) && kind != p.Point {
		return 0
	}
	return cmp.Or(w*[4]int{1, 2, 4, 8}[choice&3]/3, 1)
}
