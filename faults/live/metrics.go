package live

import (
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics shows the run that goes on, and totals of those before it, in OpenMetrics text.
type Metrics struct {
	mu    sync.Mutex
	world *world // nil before the first run
	runs  int
	past  speed // of the runs that have ended
}

// The metrics. Those of a node are as of its last answer.
var (
	metricRuns    = description("runs_total", "Runs that were started.")
	metricDone    = description("operations_total", "Operations of clients that were answered.")
	metricUnknown = description("operations_unknown_total", "Operations whose outcome is unknown.")
	metricLatency = description("operation_seconds", "Time to the answer, of the last operations.", "quantile")
	metricUp      = description("node_up", "1 if the node's process runs and is not paused.", "node")
	metricLeads   = description("node_leads", "1 if the node says that it leads.", "node")
	metricTerm    = description("node_term", "Term of the node.", "node")
	metricBehind  = description("node_behind", "Entries that the node has not applied yet, of those that another has.",
		"node")
)

func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("raftcheck_"+name, help, labels, nil)
}

// serveMetrics serves metrics at a listener that was handed over.
func serveMetrics(f *os.File) (*Metrics, error) {
	listener, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	m := &Metrics{}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	handler := http.NewServeMux()
	handler.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	go http.Serve(listener, handler) // until the program ends
	return m, nil
}

// follow makes a run the one that is shown.
func (m *Metrics) follow(w *world) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.world != nil {
		m.past = m.sum()
	}
	m.world = w
	m.runs++
}

// sum has the operations of all runs.
func (m *Metrics) sum() speed {
	c := m.world.clients
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.speed
	s.done += m.past.done
	s.unknown += m.past.unknown
	return s
}

// Describe describes the metrics to Prometheus.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, out) }

// Collect collects the metrics for Prometheus.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counter := func(of *prometheus.Desc, v int) {
		out <- prometheus.MustNewConstMetric(of, prometheus.CounterValue, float64(v))
	}
	gauge := func(of *prometheus.Desc, v float64, label string) {
		out <- prometheus.MustNewConstMetric(of, prometheus.GaugeValue, v, label)
	}
	counter(metricRuns, m.runs)
	if m.world == nil {
		return
	}
	s := m.sum()
	counter(metricDone, s.done)
	counter(metricUnknown, s.unknown)
	for _, q := range []float64{0.5, 0.9, 0.99} {
		gauge(metricLatency, s.quantile(q).Seconds(), strconv.FormatFloat(q, 'g', -1, 64))
	}
	views, leader := m.world.watch.sights()
	most := furthest(views)
	for _, n := range m.world.nodes[1:] {
		v, label := views[n.ID], strconv.Itoa(n.ID)
		gauge(metricUp, number(n.awake()), label)
		gauge(metricLeads, number(v.Leads && n.ID == leader), label)
		gauge(metricTerm, float64(v.Term), label)
		gauge(metricBehind, float64(most-v.Applied), label)
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
