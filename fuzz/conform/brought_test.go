package conform

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

// thrifty is our Raft with a property of its own, which no Raft keeps.
type thrifty struct{ reference.System }

func (thrifty) Checkers() []models.Checker { return []models.Checker{&noElection{}} }

// noElection judges that no node ever leads.
type noElection struct{ models.NoPanic }

func (*noElection) Property() models.Property { return models.Property{Name: "NoElection"} }

func (*noElection) Observe(v *trace.View, r *trace.Record) string {
	if r.Kind == trace.Stepped && v.Nodes[r.Node].Elected() {
		return r.Node.String() + " leads"
	}
	return ""
}

// TestCheck_broughtProperties: rules are judged by the properties that a system brings.
func TestCheck_broughtProperties(t *testing.T) {
	for _, result := range Check(thrifty{}, services.All()) {
		if result.Name == "election" {
			require.Equal(t, models.Violated, result.Outcome)
			require.Contains(t, result.Text, "n1 leads\nafter these events:")
			return
		}
	}
	t.Fatal("no rule elects a leader")
}
