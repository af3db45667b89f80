package live

// Metrics shows runs in OpenMetrics text.
type Metrics struct{}

func (m *Metrics) follow(*world) {}
