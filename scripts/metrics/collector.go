package main

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"raftcheck/fuzz/campaign"
)

// The metrics, each with the name of the campaign's folder.
var (
	schedules = description("schedules_total", "Schedules that are done.")
	events    = description("events_total", "Events that were carried out in them.")
	verdicts  = description("verdicts_total", "Schedules by property and outcome.", "property", "outcome")
	goals     = description("goal_schedules_total", "Schedules that reached a goal.", "goal")
	states    = description("states", "Abstract states of the cluster that were seen.")
	heals     = description("heals_total", "Heals that took so many ticks, or up to twice as many.", "ticks")
	findings  = description("findings", "Findings, each of one bug, by its first property.", "property")
)

func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("raftcheck_campaign_"+name, help, append([]string{"campaign"}, labels...), nil)
}

// collector reads the folders of campaigns for Prometheus.
type collector map[string]*campaign.Folder

// Describe describes nothing: the properties and goals are not known before.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads every folder.
func (c collector) Collect(out chan<- prometheus.Metric) {
	for name, folder := range c {
		tally, err := folder.Tally()
		if err != nil {
			out <- prometheus.NewInvalidMetric(schedules, err)
			continue
		}
		collect(out, name, tally)
	}
}

// collect passes on the counts of one campaign.
func collect(out chan<- prometheus.Metric, name string, t *campaign.Tally) {
	send := func(of *prometheus.Desc, kind prometheus.ValueType, n int, labels ...string) {
		out <- prometheus.MustNewConstMetric(of, kind, float64(n), append([]string{name}, labels...)...)
	}
	send(schedules, prometheus.CounterValue, t.Schedules())
	send(events, prometheus.CounterValue, t.Events)
	send(states, prometheus.GaugeValue, len(t.States))
	for property, counts := range t.Verdicts {
		send(verdicts, prometheus.CounterValue, counts.Held, property, "held")
		send(verdicts, prometheus.CounterValue, counts.Violated, property, "violated")
		send(verdicts, prometheus.CounterValue, counts.NotChecked, property, "not checked")
	}
	for goal, reached := range t.Goals {
		send(goals, prometheus.CounterValue, reached.Schedules, goal)
	}
	for ticks, n := range t.Heals {
		send(heals, prometheus.CounterValue, n, strconv.Itoa(ticks))
	}
	broken := map[string]int{}
	for _, b := range t.Bugs() {
		broken[b.Property]++
	}
	for property, n := range broken {
		send(findings, prometheus.GaugeValue, n, property)
	}
}
