package models_test

import (
	"fmt"

	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// shortLog judges that a node compacts its log before it has more than most entries.
type shortLog struct{ most raft.Index }

// Property returns the name, rule and source.
func (c *shortLog) Property() models.Property {
	return models.Property{
		Name: "ShortLog", Rule: "Nodes compact in time.", Source: "thesis, chapter 5", Inspects: true,
	}
}

// Observe counts the entries of a node that shows its log.
func (c *shortLog) Observe(_ *trace.View, r *trace.Record) string {
	if n := r.Status.Last.Index - r.Status.Base.Index; r.Shows() && n > c.most {
		return fmt.Sprintf("%s has %d entries, at most %d expected", r.Node, n, c.most)
	}
	return ""
}

// Finish reports that the property held.
func (c *shortLog) Finish(*trace.View) (models.Outcome, string) { return models.Held, "" }

// A property of one's own is a type with three methods. Here it judges a run of three
// records: n1 boots, appends two entries, and appends a third.
func ExampleChecker() {
	appends := func(event int, kept raft.Index, entries ...trace.Digest) trace.Record {
		return trace.Record{
			Event: event, Kind: trace.Stepped, Node: 1, Inspected: true, Kept: kept, Appended: entries,
			Status: raft.Status{Term: 1, Last: entries[len(entries)-1].ID},
		}
	}
	entry := func(i raft.Index) trace.Digest { return trace.Digest{ID: raft.EntryID{Term: 1, Index: i}} }
	records := []trace.Record{
		{Event: 1, Kind: trace.Booted, Node: 1, Inspected: true},
		appends(2, 0, entry(1), entry(2)),
		appends(3, 2, entry(3)),
	}
	m := models.NewMonitor(&shortLog{most: 2}, new(models.LogMatching))
	m.Reset(raft.FirstNodes(1), raft.FirstNodes(1))
	for i := range records {
		m.Watch(&records[i])
	}
	for _, verdict := range m.Finish() {
		fmt.Println(verdict)
	}
	// Output:
	// violated ShortLog after event 3: n1 has 3 entries, at most 2 expected
	// held LogMatching
}

// compacting is a system that brings a property of its own.
type compacting struct{ reference.System }

// Checkers returns a new checker for each property of the system.
func (compacting) Checkers() []models.Checker { return []models.Checker{&shortLog{most: 64}} }

// A system from any module brings its properties by implementing Judged. Every run of the
// system is judged by them too.
func ExampleJudged() {
	all := models.PropertiesOf(compacting{})
	own := all[len(all)-1]
	fmt.Printf("%s: %s (%s)\n", own.Name, own.Rule, own.Source)
	// Output:
	// ShortLog: Nodes compact in time. (thesis, chapter 5)
}
