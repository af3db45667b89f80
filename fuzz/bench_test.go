package fuzz

import (
	"fmt"
	"testing"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

// rough is the rough profile in clusters of one size, a thousand events each.
func rough(nodes int) generate.Profile {
	p := generate.Rough
	p.Nodes = []int{nodes}
	return p
}

// schedules draws schedules of exactly a thousand events under a profile, the
// heal at their end left out.
func schedules(n int, p generate.Profile) []*faults.Schedule {
	runner := trial.NewRunner(reference.System{}, services.All())
	var list []*faults.Schedule
	for seed := uint64(0); len(list) < n; seed++ {
		if s, _ := generate.Schedule(runner, p, generate.NewPRNG(seed)); len(s.Events) > 1000 {
			s.Events = s.Events[:1000]
			list = append(list, s)
		}
	}
	return list
}

// BenchmarkChecked runs schedules with every checker on; events are plain ones.
func BenchmarkChecked(b *testing.B) {
	for _, nodes := range []int{3, 5} {
		list := schedules(16, rough(nodes))
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			runner := trial.NewRunner(reference.System{}, services.All())
			b.ReportAllocs()
			events := 0
			for i := 0; b.Loop(); i++ {
				events += runner.Run(list[i%len(list)]).Events
			}
			reportEvents(b, events)
		})
	}
}

// BenchmarkUnchecked runs the same schedules with nobody watching but the
// view, which the world needs.
func BenchmarkUnchecked(b *testing.B) {
	for _, nodes := range []int{3, 5} {
		list := schedules(16, rough(nodes))
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			view := new(trace.View)
			world := faults.NewWorld(view)
			b.ReportAllocs()
			events := 0
			for i := 0; b.Loop(); i++ {
				s := list[i%len(list)]
				world.Reset(reference.System{}, s)
				for _, e := range s.Events {
					world.Apply(e)
				}
				events += world.Events()
			}
			reportEvents(b, events)
		})
	}
}

// BenchmarkGenerated writes and judges schedules as a campaign does.
func BenchmarkGenerated(b *testing.B) {
	for _, p := range generate.Profiles() {
		b.Run(p.Name, func(b *testing.B) {
			runner, prng := trial.NewRunner(reference.System{}, services.All()), generate.NewPRNG(0)
			b.ReportAllocs()
			events := 0
			for i := uint64(0); b.Loop(); i++ {
				prng.Number(1, int(i%64))
				_, result := generate.Schedule(runner, p, prng)
				events += result.Events
			}
			reportEvents(b, events)
		})
	}
}

// reportEvents reports plain events a second and for each schedule.
func reportEvents(b *testing.B, events int) {
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(events)/float64(b.N), "events/op")
}
