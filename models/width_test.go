package models

import "testing"

// TestConfiguration_largeIndexes: an index of a system under test may be any number.
// One that an int cannot hold, of 32 bits or of 64, is no index into a log.
func TestConfiguration_largeIndexes(t *testing.T) {
	four := votersOf(1, 2, 3, 4)
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"beyond 32 bits", func(t *tape) {
			t.do(2, appends(1, "a"), acts(1<<31, four))
		}, "n2 acts by the configuration at 2147483648 and its log ends at 1", 1},
		{"beyond 64 bits", func(t *tape) {
			t.do(2, appends(1, "a"), acts(1<<63, four))
		}, "n2 acts by the configuration at 9223372036854775808 and its log ends at 1", 1},
		{"a leader that calls everything committed", func(t *tape) {
			t.do(1, leads(1, 1))
			t.do(1, appends(1, "a"), commits(1<<63))
			t.do(1, appends(1, "+4"), acts(2, four))
		}, "n1 makes n4 a voter, which was no learner in {1 2 3}", 3},
	})
}
