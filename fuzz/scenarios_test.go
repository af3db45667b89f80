package fuzz

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

var update = flag.Bool("update", false, "rewrite golden verdicts and traces in testdata")

const scenarioFolder = "../testdata/scenarios"

// story is the content that a scenario must show. It is apart from the golden files, so
// that rewriting those cannot hide a scenario that has lost its story.
type story struct {
	// shows are pieces of the trace, in their order, others between them.
	shows []string
	// goals are among those that the run reaches, and notGoals are not.
	goals, notGoals []trial.Goal
	// violates lists the properties that the run breaks on purpose, and no other.
	violates []string
}

// stories by the scenario's name.
var stories = merged(figureStories, clusterStories, serviceStories)

// merged returns the stories of all tables. It panics if two have the same scenario.
func merged(tables ...map[string]story) map[string]story {
	all := map[string]story{}
	for _, table := range tables {
		for name, s := range table {
			if _, known := all[name]; known {
				panic("two stories of " + name)
			}
			all[name] = s
		}
	}
	return all
}

// figureStories are of the paper's figures, and of what its figure 2 is about:
// elections, replication, and what disks, networks and clocks do to them.
var figureStories = map[string]story{
	"candidate-yields": {
		shows: []string{
			"n1 timeout -> candidate t1", "n2 timeout -> candidate t1",
			"n3->n1 VoteReply t1 granted", "n3->n2 VoteReply t1 refused", "-> leader t1",
			"n2 receives from n1: AppendEntries t1", "-> follower t1, leader is n1", "matches up to 1",
		},
		goals:    []trial.Goal{trial.SplitVote, trial.CandidateYielded},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.LeaderDeposedUncommitted, trial.OlderTermOnMajority},
	},
	"catching-up": {
		shows: []string{
			"n3 crashed; down: n3\n", "commit 3", "commit 4",
			"commit 5", "n3 boots",
			"n1 receives from n3: VoteReply t2 granted -> leader t2, log 1..6",
			"n3 receives from n1: AppendEntries t2 prev=t1i5 entries=6..6", "refused at 5: log ends at 2",
			"n1->n3 AppendEntries t2 prev=t1i2 entries=3..5", "n3->n1 AppendReply t2 matches up to 5",
			"n1->n3 AppendEntries t2 prev=t1i5 entries=6..6", "n3->n1 AppendReply t2 matches up to 6",
			"n1 receives from n3: AppendReply t2 matches up to 6 -> commit 6, applied 6",
			"n3 receives from n1: AppendEntries t2 prev=t2i6 commit=6 -> commit 6, applied 6",
		},
		goals: []trial.Goal{trial.CaughtUp, trial.LogRecovered},
		notGoals: []trial.Goal{trial.OlderTermCommitted, trial.EntryOverwritten, trial.CrashLostWrites,
			trial.ThreeTermsInLog},
	},
	"election": {
		shows: []string{
			"n1->n3 AppendEntries t1 prev=t1i1 commit=1", "n3 receives from n1", "cut 1 | 2 3 4 5",
			"n3 timeout -> candidate t2, vote n3", "write 3: term 2 vote n3", "n3->n2 RequestVote t2",
			"n2->n3 VoteReply t2 granted", "n4->n3 VoteReply t2 granted",
			"n3 receives from n4: VoteReply t2 granted -> leader t2, log 1..2",
			"n5 receives from n3: AppendEntries t2", "-> follower t2, leader is n3", "commit 2",
			"n1 receives from n3: RequestVote t2", "-> follower t2",
		},
		goals: []trial.Goal{trial.LeaderElected, trial.LeadersOfTwoTerms, trial.MessageLost},
		notGoals: []trial.Goal{trial.SplitVote, trial.CandidateYielded, trial.LogRecovered,
			trial.OlderTermOnMajority, trial.LeaderDeposedUncommitted},
	},
	"election-by-clock": {
		shows: []string{
			"n1 tick -> candidate t1", "leader t1", "rejected", "c1 operation 1 done: ok", "pause 1",
			"tick -> candidate t2", "granted -> leader t2", "resume 1",
			"n1 receives from", "-> follower t2",
		},
		goals:    []trial.Goal{trial.ProposalRejected, trial.LeadersOfTwoTerms},
		notGoals: []trial.Goal{trial.OutcomeUnknown, trial.MessageLost},
	},
	"failed-disk": {
		shows: []string{
			"fail 2", "n2 cannot persist 3", "disk failed", "n1 receives from n3", "commit 2",
			"c1 operation 1 done", "c1 operation 2 done", "n2 boots", "log 1..1", "matches up to 3",
		},
		goals:    []trial.Goal{trial.DiskFailed},
		notGoals: []trial.Goal{trial.CaughtUp, trial.CrashLostWrites, trial.DiskRefused},
	},
	"figure-7": {
		shows: []string{
			"leader t1", "n7 receives from n6: VoteReply t2 granted -> leader t2",
			"n7 receives from n6: VoteReply t3 granted -> leader t3", "leader t4", "refused: old term",
			"n1 receives from n5: VoteReply t5 granted -> leader t5", "leader t6", "leader t7",
			"n4->n1 VoteReply t8 refused", "n5->n1 VoteReply t8 refused", "-> leader t8, log 1..11",
			"refused at 10: log ends at 9", "refused at 10: log ends at 4", "refused at 10: log ends at 7",
			"refused at 10: term 3 from 7", "refused at 7: term 4 from 4", "refused at 6: term 2 from 4",
			"n6 receives from n1: AppendEntries t8 prev=t4i5 entries=6..7 commit=9 -> log cut back to 5, log 1..7",
			"n7 receives from n1: AppendEntries t8 prev=t1i3 entries=4..5 commit=9 -> log cut back to 3, log 1..5",
			"prev=t4i5 entries=6..7", "log 1..7", "prev=t5i7 entries=8..10", "log 1..10", "prev=t6i10 entries=11..11",
			"log 1..11",
		},
		goals: []trial.Goal{trial.EntryOverwritten, trial.CaughtUp, trial.OperationAbandoned},
	},
	"figure-8": {
		shows: []string{
			"leader t2, log 1..2", "n1 crashed", "n5 receives from n4: VoteReply t3 granted -> leader t3, log 1..2",
			"n5 crashed", "n2 crashed, loses its last 1 of 4 writes",
			"n1 receives from n3: VoteReply t4 granted -> leader t4, log 1..3",
			"n1->n3 AppendEntries t4 prev=t1i1 entries=2..2", "n1->n2 AppendEntries t4 prev=t1i1 entries=2..2",
			"n1 receives from n2: AppendReply t4 matches up to 2\n", "n1 crashed; down: n1 n5",
			"n2->n5 VoteReply t5 granted", "n3->n5 VoteReply t5 granted", "n4->n5 VoteReply t5 granted",
			"n5 receives from n3: VoteReply t5 granted -> leader t5, log 1..3", "refused at 2: term 2 from 2",
			"n2 receives from n5: AppendEntries t5 prev=t1i1 entries=2..2 commit=0 -> log cut back to 1, log 1..2",
			"n3 receives from n5: AppendEntries t5 prev=t1i1 entries=2..2 commit=0 -> log cut back to 1, log 1..2",
			"n1 receives from n5: AppendEntries t5 prev=t1i1 entries=2..2 commit=0 -> log cut back to 1, log 1..2",
		},
		goals: []trial.Goal{trial.OlderTermOnMajority, trial.EntryOverwritten, trial.CrashLostWrites},
		notGoals: []trial.Goal{trial.CommandRepeated, trial.CaughtUp, trial.LeadersOfTwoTerms,
			trial.LeaderDeposedUncommitted, trial.WriteTorn},
	},
	"figure-8-committed": {
		shows: []string{
			"leader t2, log 1..2", "leader t3, log 1..2", "leader t4, log 1..3",
			"n1->n3 AppendEntries t4 prev=t1i1 entries=2..2",
			"n1 receives from n2: AppendReply t4 matches up to 3\n",
			"n1 receives from n3: AppendReply t4 matches up to 3 -> commit 3, applied 3",
			"n2->n5 VoteReply t5 refused", "n3->n5 VoteReply t5 refused", "n4->n5 VoteReply t5 granted",
			"n2 receives from n4: VoteReply t6 granted -> leader t6", "log cut back to 1",
		},
		goals:    []trial.Goal{trial.OlderTermOnMajority, trial.OlderTermCommitted, trial.EntryOverwritten},
		notGoals: []trial.Goal{trial.CommandRepeated, trial.CrashLostWrites, trial.CaughtUp},
	},
	"lost-vote-write": {
		shows: []string{
			"n3 receives from n1: RequestVote t1", "vote n1", "n3 crashed, loses its last 1 of 1 writes",
			"n3 receives from n2: RequestVote t1", "vote n2", "n3->n2 VoteReply t1 granted", "n2 receives from n3",
			"leader t1", "n3->n1 VoteReply t2 granted", "n3 crashed; down: n3\n", "n3 boots -> follower t2, vote n1",
			"n2 timeout -> candidate t2, vote n2", "n3->n2 VoteReply t2 refused", "n1 receives from n3", "leader t2",
		},
		goals: []trial.Goal{trial.CrashLostWrites, trial.CandidateYielded},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.WriteTorn, trial.TornWriteRecovered,
			trial.OlderTermCommitted},
	},
	"minority-leader": {
		shows: []string{
			"cut 1 2 | 3 4 5", "c1 calls append x lost on n1", "n2->n1 AppendReply t1 matches up to 2",
			"n3 timeout -> candidate t2", "leader t2", "c2 operation 1 done: ok", "mend",
			"n1 receives from n3: RequestVote t2", "answers c1 operation 1: unknown",
			"log cut back to 1", "log cut back to 1", "retry c1 3", "c1 operation 1 done: ok",
			"c2 operation 2 done: kept.lost",
		},
		goals: []trial.Goal{trial.LeadersOfTwoTerms, trial.LeaderDeposedUncommitted, trial.OutcomeUnknown,
			trial.EntryOverwritten},
		notGoals: []trial.Goal{trial.CommandRepeated, trial.ThreeTermsInLog, trial.CaughtUp,
			trial.ProposalRejected},
	},
	"retry-applied-once": {
		shows: []string{
			"n2->n1 AppendReply t1 matches up to 2", "n1 crashed", "-> leader t2, log 1..3", "commit 3, applied 3",
			"n2 is proposed c1 operation 1 -> log 1..4", "commit 4, applied 4", "c1 operation 1 done: ok",
			"c1 operation 2 done: a\n",
		},
		goals: []trial.Goal{trial.CommandRepeated},
		notGoals: []trial.Goal{trial.EntryOverwritten, trial.OutcomeUnknown, trial.ThreeTermsInLog,
			goal("cas-succeeded")},
	},
	"rotten-disk": {
		shows: []string{
			"a bit rots on the disk of n3: record 3 of 4", "n3->n1 AppendReply t1 matches up to 4",
			"n3 refuses to boot", "record 3 of 5", "c1 operation 4 done: ok",
			"n3 refuses to boot",
		},
		goals:    []trial.Goal{trial.DiskRefused},
		notGoals: []trial.Goal{trial.DiskFailed, trial.LogRecovered, trial.OlderTermOnMajority},
	},
	"skewed-clock": {
		shows: []string{
			"skew 3 k=400", "c1 operation 2 done: ok", "n3 tick -> candidate t2",
			"n1 receives from n3: RequestVote t2", "-> follower t2", "declined", "n3 tick -> candidate t3",
			"n3 tick -> candidate t4", "n2 tick -> candidate t5",
			"n2 receives from n1: VoteReply t5 granted -> leader t5",
			"n2 receives from n3: RequestVote t6", "-> follower t6", "skew 3 k=100", "c2 operation 1 done: ok",
		},
		goals: []trial.Goal{trial.ProposalRejected, trial.LeaderDeposedUncommitted},
	},
	"split-vote": {
		shows: []string{
			"n1 timeout -> candidate t1", "n2 timeout -> candidate t1",
			"n3->n1 VoteReply t1 granted", "n4->n2 VoteReply t1 granted",
			"n4->n1 VoteReply t1 refused", "n3->n2 VoteReply t1 refused",
			"n1 timeout -> candidate t2", "n2 timeout -> candidate t2", "n3->n2 VoteReply t2 refused",
			"n1 receives from n4: VoteReply t2 granted -> leader t2, log 1..1",
			"n2 receives from n1: AppendEntries t2", "-> follower t2, leader is n1",
		},
		goals:    []trial.Goal{trial.SplitVote, trial.CandidateYielded},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.MessageDoubled, trial.OlderTermOnMajority},
	},
	"stale-messages": {
		shows: []string{
			"n1->n2 doubles a message", "c1 operation 1 done", "commit 3, applied 3", "c1 operation 2 done",
			"n2 receives from n1: AppendEntries t1 prev=t1i1 entries=2..2 commit=1\n", "matches up to 2",
			"n1 crashed", "leader t2, log 1..4",
			"n2 receives from n1: AppendEntries t1 prev=t1i3 entries=4..4", "refused: old term",
			"log cut back to 3", "c1 operation 3 done",
		},
		goals: []trial.Goal{trial.MessageDoubled, trial.EntryOverwritten},
	},
	"torn-write": {
		shows: []string{
			"tear 3 bytes=7", "torn", "n3 boots", "log 1..1", "n3->n1 AppendReply t1 matches up to 2",
			"tear 3 bytes=27", "torn", "n3 boots", "log 1..2", "n3->n1 AppendReply t1 matches up to 3",
			"n3 crashed", "n3 boots", "log 1..3",
		},
		goals:    []trial.Goal{trial.WriteTorn, trial.TornWriteRecovered},
		notGoals: []trial.Goal{trial.DiskFailed, trial.DiskRefused, trial.EntryOverwritten},
	},
}

// allGoals are those of runs whose clients use any service.
var allGoals = trial.GoalsOf(services.All())

// goal is the goal of a name that a service brings.
func goal(name string) trial.Goal {
	g, ok := allGoals.Named(name)
	if !ok {
		panic("there is no goal " + name)
	}
	return g
}

// readScenario reads a scenario and its text.
func readScenario(t *testing.T, name string) (*faults.Schedule, string) {
	t.Helper()
	file := filepath.Join(scenarioFolder, name+".txt")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := faults.Parse(file, text, services.All())
	require.NoError(t, err)
	require.Equal(t, reference.System{}.Name(), s.System)
	return s, string(text)
}

// TestScenarios_haveStories wants a row in stories, a golden trace and prose for
// every scenario, and nothing else in the folder.
func TestScenarios_haveStories(t *testing.T) {
	entries, err := os.ReadDir(scenarioFolder)
	require.NoError(t, err)
	files := map[string]bool{}
	for _, e := range entries {
		files[e.Name()] = true
	}
	delete(files, "README.md") // the bugs that the stories are about
	for name := range stories {
		require.True(t, files[name+".txt"], "%s has a story and no file: write %s/%[1]s.txt", name, scenarioFolder)
		require.True(t, *update || files[name+".trace"],
			"%s has no golden trace: run this test with -update, and read the trace", name)
		delete(files, name+".txt")
		delete(files, name+".trace")
		s, _ := readScenario(t, name)
		lines := 0
		for _, line := range s.Prose {
			if line != "" {
				lines++
			}
		}
		require.GreaterOrEqual(t, lines, 3, "lines of prose of %s: describe the scenario", name)
	}
	require.Empty(t, files, "files without a story: add a row to a table of stories")
}

// TestScenarios_asWritten replays every scenario and wants its verdict and its golden
// trace.
func TestScenarios_asWritten(t *testing.T) {
	for name := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, text := readScenario(t, name)
			trace, result := traceOf(t, s)
			hash, lines := result.TraceHash, result.Lines()
			golden := filepath.Join(scenarioFolder, name+".trace")
			if *update {
				s.Golden = lines
				text = s.String()
				require.NoError(t, os.WriteFile(filepath.Join(scenarioFolder, name+".txt"), []byte(text), 0o644))
				require.NoError(t, os.WriteFile(golden, []byte(trace), 0o644))
			}
			require.Equal(t, text, s.String(), "the file is not as it would be printed")
			require.Equal(t, s.Golden, lines)
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), trace)

			again, _ := traceOf(t, s)
			require.Equal(t, trace, again, "two runs differ")
			second := trial.NewRunner(reference.System{}, services.All()).Run(s)
			require.Equal(t, hash, second.TraceHash, "two runs differ")
		})
	}
}

// TestScenarios_tellTheirStory wants the story of every scenario. All properties must
// hold, except those that it violates on purpose; the cluster must heal at the end, and
// no event may be ignored.
func TestScenarios_tellTheirStory(t *testing.T) {
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := readScenario(t, name)
			plain := s.WithoutChecks().Events
			require.Equal(t, faults.Heal, plain[len(plain)-1].Kind, "the last event")
			trace, result := traceOf(t, s)
			requireOnly(t, story.violates, &result)
			require.Equal(t, models.Held, result.Of("Liveness").Outcome)
			for _, goal := range story.goals {
				require.True(t, result.Goals.Has(goal),
					"the scenario must reach the goal %s, that %s: change its events, or the story",
					allGoals[goal].Name, allGoals[goal].About)
			}
			for _, goal := range story.notGoals {
				require.False(t, result.Goals.Has(goal),
					"the scenario must not reach the goal %s, that %s: change its events, or the goal",
					allGoals[goal].Name, allGoals[goal].About)
			}
			requireInOrder(t, trace, story.shows)
			requireNoneIgnored(t, s)
		})
	}
}

// requireOnly wants every property to hold but these, which are violated.
func requireOnly(t *testing.T, violated []string, r *trial.Result) {
	t.Helper()
	for _, v := range r.Verdicts {
		want := models.Held
		if slices.Contains(violated, v.Property) {
			want = models.Violated
		}
		require.Equal(t, want, v.Outcome, v.String())
	}
}

// requireInOrder wants the pieces in the text one after the other.
func requireInOrder(t *testing.T, text string, pieces []string) {
	t.Helper()
	rest, before := text, "the beginning"
	for _, piece := range pieces {
		_, after, found := strings.Cut(rest, piece)
		require.True(t, found, "the trace must show %q after %q: compare it with the story", piece, before)
		rest, before = after, piece
	}
}

// requireNoneIgnored wants every event enabled.
func requireNoneIgnored(t *testing.T, s *faults.Schedule) {
	t.Helper()
	w := ignored{}
	trial.NewRunner(reference.System{}, services.All(), &w).Run(s)
	for _, event := range w.events {
		t.Errorf("event %d, %s, was ignored: remove it, or make it possible", event, s.Events[event-1])
	}
}

// ignored collects the events that were not enabled.
type ignored struct{ events []int }

func (w *ignored) Observe(r *trace.Record) {
	if r.Kind == trace.Ignored {
		w.events = append(w.events, r.Event)
	}
}

// traceOf runs a schedule and returns its trace as text.
func traceOf(t *testing.T, s *faults.Schedule) (string, trial.Result) {
	t.Helper()
	var text strings.Builder
	result, err := trial.Trace(reference.System{}, services.All(), s, &text)
	require.NoError(t, err)
	return text.String(), result
}
