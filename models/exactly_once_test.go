package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestExactlyOnce(t *testing.T) {
	testChecker(t, new(ExactlyOnce), []traceCase{
		{"twice", func(t *tape) {
			t.do(1, executes(3, 1, trace.Executed, 7))
			t.do(1, executes(4, 2, trace.Executed, 7), executes(5, 1, trace.Executed, 7))
		}, "n1 executed c2 operation 1 at index 5, which n1 executed at index 3", 2},
		{"by another node at another index", func(t *tape) {
			t.do(1, executes(3, 1, trace.Executed, 7))
			t.do(2, executes(2, 1, trace.Executed, 7))
		}, "n2 executed c2 operation 1 at index 2, which n1 executed at index 3", 2},
		{"repeated before it was executed", func(t *tape) {
			t.do(1, executes(3, 1, trace.Repeated, 7))
		}, "n1 took c2 operation 1 at index 3 for repeated, and nobody executed it before", 1},
		{"repeated below where it was executed", func(t *tape) {
			t.do(1, executes(3, 1, trace.Executed, 7))
			t.do(2, executes(2, 1, trace.Repeated, 7))
		}, "n2 took c2 operation 1 at index 2 for repeated, and nobody executed it before", 2},
		{"repeated after another client's operation of that number", func(t *tape) {
			t.do(1, func(_ *player, r *trace.Record) {
				r.Executed = append(r.Executed, trace.Execution{
					Index: 1, Op: raft.OpID{Client: 3, Seq: 1}, Did: trace.Executed,
				})
			})
			t.do(1, executes(2, 1, trace.Repeated, 7))
		}, "n1 took c2 operation 1 at index 2 for repeated, and nobody executed it before", 2},
		{"out of time where another executed it", func(t *tape) {
			t.do(1, executes(3, 1, trace.Executed, 7))
			t.do(2, executes(3, 1, trace.OutOfTime, 7))
		}, "n2 took for out of time c2 operation 1 at index 3, which n1 executed", 2},
		{"executed where another did nothing", func(t *tape) {
			t.do(1, executes(3, 1, trace.Nothing, 7))
			t.do(2, executes(3, 1, trace.Executed, 7))
		}, "n2 executed c2 operation 1 at index 3, which n1 did nothing with", 2},
		{"another answer", func(t *tape) {
			t.do(1, executes(3, 1, trace.Executed, 7))
			t.do(2, executes(3, 1, trace.Executed, 8))
		}, "n1 and n2 have different answers to c2 operation 1 at index 3", 2},
		{"another operation", func(t *tape) {
			t.do(1, executes(3, 1, trace.Executed, 7))
			t.do(2, executes(3, 2, trace.Executed, 7))
		}, "n2 took c2 operation 2 from index 3 where n1 took c2 operation 1", 2},
	})
}

func TestExactlyOnce_held(t *testing.T) {
	testChecker(t, new(ExactlyOnce), []traceCase{
		{"passed on so late that its client has gone on", func(t *tape) {
			t.do(1, executes(2, 2, trace.Executed, 8), executes(3, 1, trace.Repeated, 0))
		}, "", 0},
		{"retried, on nodes that are at different places", func(t *tape) {
			t.do(1, executes(1, 1, trace.Executed, 7), executes(3, 1, trace.Repeated, 7),
				executes(4, 2, trace.Executed, 8))
			t.do(2, executes(1, 1, trace.Executed, 7))
			t.do(3, executes(3, 1, trace.Repeated, 7), executes(4, 2, trace.Executed, 8))
			t.do(1, executes(9, 1, trace.OutOfTime, 0))
			t.do(2, executes(3, 1, trace.Repeated, 7))
		}, "", 0},
		{"again after a boot", func(t *tape) {
			t.do(1, executes(1, 1, trace.Executed, 7))
			t.crash(1, 0)
			t.boot(1)
			t.do(1, executes(1, 1, trace.Executed, 7))
		}, "", 0},
		{"of nobody", func(t *tape) {
			t.do(1, executes(1, 1, trace.Executed, 7), func(_ *player, r *trace.Record) {
				r.Executed = append(r.Executed, trace.Execution{Index: 2, Did: trace.Executed},
					trace.Execution{Index: 3, Did: trace.Executed})
			})
		}, "", 0},
	})
}

func TestExactlyOnce_nothingExecuted(t *testing.T) {
	if got := judge(newTape(3), new(ExactlyOnce)); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
