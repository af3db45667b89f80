package page

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	_ "raftcheck/scripts/garbage"
)

// kept calls f with every kept schedule of the reference and of its broken variants.
func kept(t *testing.T, f func(t *testing.T, system raft.System, s *faults.Schedule)) {
	systems := append(sabotage.Systems(reference.System{}), reference.System{})
	for _, folder := range []string{"scenarios", "found"} {
		files, err := filepath.Glob("../../testdata/" + folder + "/*.txt")
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			s, err := trial.ReadSchedule(file, services.All())
			require.NoError(t, err)
			for _, system := range systems {
				if system.Name() == s.System {
					t.Run(filepath.Base(file), func(t *testing.T) { f(t, system, s) })
				}
			}
		}
	}
}

// rebuilt is a node as the page's script rebuilds it from the changes.
type rebuilt struct {
	fields    [fields]uint64
	log, disk []uint64 // terms
}

// rebuild carries out the changes of a run.
func rebuild(run *Run) []rebuilt {
	nodes := make([]rebuilt, run.Nodes+1)
	for _, step := range run.Steps {
		for _, c := range step.Changes {
			n := &nodes[c.Node]
			for i := 0; i < len(c.Fields); i += 2 {
				n.fields[c.Fields[i]] = c.Fields[i+1]
			}
			n.log, n.disk = patch(n.log, c.Log), patch(n.disk, c.Disk)
		}
	}
	return nodes
}

// patch carries out the change of a log.
func patch(log, change []uint64) []uint64 {
	if change == nil {
		return log
	}
	log = log[:change[0]]
	for i := 1; i < len(change); i += 2 {
		log = append(log, change[i])
	}
	return log
}

func terms(log []trace.Logged) (list []uint64) {
	for _, e := range log {
		list = append(list, uint64(e.Term))
	}
	return list
}

// requireWhole wants the changes of a run to add up to the view at its end.
func requireWhole(t *testing.T, system raft.System, s *faults.Schedule) {
	t.Helper()
	runner := trial.NewRunner(system, services.All())
	result := runner.Run(s)
	run, recorded := Record(system, services.All(), s, "whole")
	require.Equal(t, result.Lines(), recorded.Lines())
	require.Equal(t, result.TraceHash, recorded.TraceHash)
	nodes := rebuild(run)
	for id := range raft.FirstNodes(s.Nodes).All() {
		n, shown := &runner.View().Nodes[id], &nodes[id]
		st := &n.Status
		want := []uint64{bit(n.Up), uint64(st.Term), uint64(st.Vote), uint64(st.Role), uint64(st.Commit),
			uint64(st.Applied), uint64(n.Stored.Term), uint64(n.Stored.Vote)}
		f := &shown.fields
		require.Equal(t, want, []uint64{f[fieldUp], f[fieldTerm], f[fieldVote], f[fieldRole], f[fieldCommit],
			f[fieldApplied], f[fieldStoredTerm], f[fieldStoredVote]}, "%s", id)
		if n.Up {
			require.Equal(t, terms(n.Log), append([]uint64(nil), shown.log...), "log of %s", id)
		}
		require.Equal(t, terms(n.Stored.Log), append([]uint64(nil), shown.disk...), "disk of %s", id)
	}
	requireInFlight(t, runner.World(), run)
}

// requireInFlight wants the messages without an end to be those on the world's links.
func requireInFlight(t *testing.T, w *faults.World, run *Run) {
	t.Helper()
	onLinks, shown := map[string]int{}, map[string]int{}
	for from := range w.All().All() {
		for to := range w.All().All() {
			if n := w.InFlight(from, to); n > 0 {
				onLinks[fmt.Sprint(from, to)] = n
			}
		}
	}
	for _, m := range run.Messages {
		if m.Fate == OnItsWay {
			shown[fmt.Sprint(raft.NodeID(m.From), raft.NodeID(m.To))]++
		}
	}
	require.Equal(t, onLinks, shown)
}

// TestRecord_isTheRun: the page's data adds up to the cluster at the end of the run, for
// every kept schedule.
func TestRecord_isTheRun(t *testing.T) { kept(t, requireWhole) }

// TestRecord_isTheRunOfRandomSchedules does the same under random faults.
func TestRecord_isTheRunOfRandomSchedules(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	for number := range 20 {
		s, _ := generate.Schedule(runner, generate.Swarm, generate.Numbered(11, number))
		requireWhole(t, reference.System{}, s)
	}
}

// TestRecord_isTheRunOfRealFaults does the same for the faults of server processes, among
// them a link that loses and doubles messages, and for clients that call again and again.
func TestRecord_isTheRunOfRealFaults(t *testing.T) {
	s := fixture.Written(t, "nodes 3\nprevote on\n",
		"timeout 1\nsettle\nlossy 1->2 k=2\nlossy 2->1 k=3\nload k=3\n"+
			"run k=60\nkill 3\nstall 2\nrun k=20\nrestart 3\nunstall 2\nrun k=60\nload k=0\nheal k=400\nprobe k=400\n")
	requireWhole(t, reference.System{}, s)
	run, _ := Record(reference.System{}, services.All(), s, "real")
	copies, spilled := 0, 0
	for _, m := range run.Messages {
		copies += int(bit(m.CopyOf > 0))
		spilled += int(bit(m.Fate == Spilled))
	}
	require.Positive(t, copies)
	require.Positive(t, spilled)
}

// TestRecord_hasTheWordsOfReplay: each line that replay prints for a record is in the steps.
func TestRecord_hasTheWordsOfReplay(t *testing.T) {
	kept(t, func(t *testing.T, system raft.System, s *faults.Schedule) {
		run, _ := Record(system, services.All(), s, "words")
		var words, replayed bytes.Buffer
		for _, step := range run.Steps {
			words.WriteString(step.Text)
		}
		_, err := trial.Trace(system, services.All(), s, &replayed)
		require.NoError(t, err)
		shown := map[string]bool{}
		for line := range strings.Lines(words.String()) {
			shown[strings.TrimSpace(line)] = true
		}
		for line := range strings.Lines(replayed.String()) {
			text := strings.TrimSpace(line)
			if !strings.HasPrefix(line, "    ") || boring.MatchString(text) || isStack(text) {
				continue
			}
			require.True(t, shown[text], "%q", text)
		}
	})
}

// boring matches the lines of replay about ticks without effect, which the page counts.
var boring = regexp.MustCompile(`^n\d tick$|ticks? (of n\d )?without effect`)

func isStack(text string) bool {
	return strings.Contains(text, ".go:") || strings.HasPrefix(text, "raftcheck/")
}

const weather = `timeout 1
settle
cut 1 2 | 3
timeout 3
mend
slow 1->2 k=3
persist 3
duplicate 3->1
settle
skew 2 k=150
call c1 3 put x 7
crash 2
restart 2
fail 3
corrupt 1
crash 1
restart 1
deliver 1->2 k=99
heal k=400
`

// stepOf is the first step of an event.
func stepOf(run *Run, event int) *Step {
	for i := range run.Steps {
		if run.Steps[i].Event == event {
			return &run.Steps[i]
		}
	}
	return nil
}

// TestRecord_showsFaults wants each fault at its event: cuts and delays of links, messages
// that are copied or lost, disks that lose writes, an event that is ignored with its reason.
func TestRecord_showsFaults(t *testing.T) {
	s := fixture.Written(t, "nodes 3\n", weather)
	run, _ := Record(reference.System{}, services.All(), s, "weather")
	require.Equal(t, []Link{{From: 1, To: 3}, {From: 2, To: 3}, {From: 3, To: 1}, {From: 3, To: 2}},
		*stepOf(run, 3).Cuts)
	require.Empty(t, *stepOf(run, 5).Cuts)
	require.Equal(t, []Link{{From: 1, To: 2, Ticks: 3}}, *stepOf(run, 6).Slow)
	for event, fault := range map[int]string{
		3: "cut", 5: "mend", 12: "crash", 13: "restart", 14: "fail", 15: "corrupt",
	} {
		require.Equal(t, fault, stepOf(run, event).Fault, "event %d", event)
	}
	require.Equal(t, []uint64{fieldRate, 150}, stepOf(run, 10).Changes[0].Fields)
	require.True(t, stepOf(run, 18).Ignored)
	require.Regexp(t, "^ignored: .+\n$", stepOf(run, 18).Text)
	fates, copies := map[Fate]int{}, 0
	for _, m := range run.Messages {
		fates[m.Fate]++
		copies += int(bit(m.CopyOf > 0))
	}
	require.Equal(t, 1, copies)
	require.Positive(t, fates[Arrived])
	require.Positive(t, fates[ReachedNo])
}

// TestRecord_messages wants each fate of a message, the copy, and the one that was overtaken.
func TestRecord_messages(t *testing.T) {
	for name, test := range map[string]struct {
		events string
		fate   Fate
	}{
		"on its way": {"timeout 1\npersist 1\n", OnItsWay},
		"arrived":    {"timeout 1\npersist 1\ndeliver 1->2\n", Arrived},
		"dropped":    {"timeout 1\npersist 1\ndrop 1->2\n", Dropped},
		"all lost":   {"timeout 1\npersist 1\nlose 1->2\n", Dropped},
		"reached no": {"timeout 1\npersist 1\ncrash 2\ndeliver 1->2\n", ReachedNo},
		"never left": {"timeout 1\ncrash 1\n", NeverLeft},
		"held":       {"timeout 1\n", Held},
		"link is full": {"timeout 1\npersist 1\n" + strings.Repeat("duplicate 1->2\n", 63) +
			"timeout 1\npersist 1\n", Spilled},
	} {
		run, _ := Record(reference.System{}, services.All(), fixture.Written(t, "nodes 2\n", test.events), name)
		require.Equal(t, test.fate, messageOf(run, name).Fate, name)
	}
	s := fixture.Written(t, "nodes 2\n", "timeout 1\npersist 1\nduplicate 1->2\ndeliver 1->2 k=1\n")
	run, _ := Record(reference.System{}, services.All(), s, "overtaken")
	require.True(t, run.Messages[0].Overrun)
	require.Equal(t, 1, run.Messages[1].CopyOf)
	require.Equal(t, Arrived, run.Messages[1].Fate)
}

// messageOf is the message that a case is about: the first, or the one that found a full link.
func messageOf(run *Run, name string) Message {
	if name == "link is full" {
		return run.Messages[len(run.Messages)-1]
	}
	return run.Messages[0]
}

// TestRecord_violations wants each violation at a step of its event, and of a stale read the
// operations that have no order.
func TestRecord_violations(t *testing.T) {
	violated := 0
	kept(t, func(t *testing.T, system raft.System, s *faults.Schedule) {
		run, _ := Record(system, services.All(), s, "violated")
		clashes := 0
		for _, op := range run.Operations {
			clashes += int(bit(op.Clashes))
		}
		for _, v := range run.Verdicts {
			if v.Outcome != "violated" {
				require.Equal(t, -1, v.Step, v.Property)
				continue
			}
			violated++
			require.GreaterOrEqual(t, v.Step, 0, v.Property)
			if v.Event > 0 {
				require.Equal(t, v.Event, run.Steps[v.Step].Event, v.Property)
			}
			if v.Property == trial.Linearizability.Name {
				require.Positive(t, clashes)
			}
		}
	})
	require.Greater(t, violated, 20)
}

// TestRecord_points: the points at which operations took effect lie within their times and
// are in the order of the log.
func TestRecord_points(t *testing.T) {
	points := 0
	kept(t, func(t *testing.T, system raft.System, s *faults.Schedule) {
		run, result := Record(system, services.All(), s, "points")
		if result.Of(trial.Linearizability.Name).Outcome == models.Violated {
			return
		}
		byOrder := map[int]*Operation{}
		for i := range run.Operations {
			if op := &run.Operations[i]; op.Order > 0 {
				byOrder[op.Order] = op
			}
		}
		last := 0
		for i := 1; i <= len(byOrder); i++ {
			op := byOrder[i]
			points++
			require.LessOrEqual(t, last, op.Point, op.Text)
			require.LessOrEqual(t, op.Called, op.Point, op.Text)
			if op.End == "returned" {
				require.LessOrEqual(t, op.Point, op.Ended, op.Text)
			}
			last = op.Point
		}
	})
	require.Greater(t, points, 50)
}

// TestRecord_lastingFaults: the page has the faults that last, from their beginning to their
// end, and the beliefs of a node as they are then.
func TestRecord_lastingFaults(t *testing.T) {
	s := fixture.Written(t, "nodes 3\nprevote on\n", "timeout 1\nsettle\nlossy 1->2 k=5\nslow 1->2 k=3\nstall 2\n"+
		"fill 3\ntick 1 k=3\nmend 1->2\nunstall 2\nfree 3\nsettle\ntick 1\nsettle\n")
	run, _ := Record(reference.System{}, services.All(), s, "lasting")
	at := func(event int) []rebuilt {
		upTo := *run
		upTo.Steps = run.Steps[:slices.IndexFunc(append(run.Steps, Step{Event: event + 1}),
			func(s Step) bool { return s.Event > event })]
		return rebuild(&upTo)
	}
	require.Equal(t, []Link{{From: 1, To: 2, Lossy: 5}}, *stepOf(run, 3).Slow)
	require.Equal(t, []Link{{From: 1, To: 2, Ticks: 3, Lossy: 5}}, *stepOf(run, 4).Slow)
	require.Empty(t, *stepOf(run, 8).Slow)
	require.EqualValues(t, 1, at(7)[2].fields[fieldStalled])
	require.EqualValues(t, 1, at(7)[3].fields[fieldFull])
	require.Zero(t, at(10)[2].fields[fieldStalled]+at(10)[3].fields[fieldFull])

	leader, follower := at(2)[1].fields, at(2)[2].fields
	require.EqualValues(t, reference.LeaseTicks, leader[fieldLease])
	require.EqualValues(t, reference.HeartbeatTicks, leader[fieldHeartbeat])
	require.Zero(t, leader[fieldElection])
	require.EqualValues(t, []uint64{1, 1, 1}, leader[fieldMatch:fieldMatch+3])
	require.GreaterOrEqual(t, follower[fieldElection], uint64(reference.ElectionTicks))
	require.EqualValues(t, reference.ElectionTicks, follower[fieldLoyal])
	require.Zero(t, follower[fieldLease])
}

// mute is the reference, whose nodes panic when they are asked for their beliefs.
type mute struct{ reference.System }

func (s mute) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return mutes{n.(*reference.Node)}, nil
}

type mutes struct{ *reference.Node }

func (mutes) Beliefs() raft.Beliefs { panic("nobody may know") }

// TestRecord_mute: a node that panics when it is asked for its beliefs has none on the page.
func TestRecord_mute(t *testing.T) {
	s := fixture.Written(t, "nodes 3\n", "timeout 1\nsettle\n")
	run, result := Record(mute{}, services.All(), s, "mute")
	require.Equal(t, models.Held, result.Outcome())
	leader := rebuild(run)[1].fields
	require.EqualValues(t, raft.Leader, leader[fieldRole])
	require.Zero(t, leader[fieldHeartbeat])
}

// TestRecord_searchedPoints: where the order of the log explains nothing, the points are
// those of an order that a search finds. Here n2 answers a read from before the second of
// two equal writes, which had returned.
func TestRecord_searchedPoints(t *testing.T) {
	s := fixture.Written(t, "nodes 3\n", "timeout 1\nsettle\ncall c1 1 put x 7\nrun k=9\ncut 1 3 | 2\n"+
		"call c2 1 put x 7\nrun k=9\nread c3 2 get x\n")
	s.System = "reference+read-at-once"
	systems := sabotage.Systems(reference.System{})
	system := systems[slices.IndexFunc(systems, func(one raft.System) bool { return one.Name() == s.System })]
	run, result := Record(system, services.All(), s, "searched")
	require.Equal(t, models.Held, result.Of(trial.Linearizability.Name).Outcome)
	require.Error(t, linearizability.CheckWitness(s.Service.Spec(), result.History))
	require.Len(t, run.Operations, 3)
	last := 0
	for _, op := range run.Operations {
		require.Equal(t, "returned", op.End, op.Text)
		require.LessOrEqual(t, max(last, op.Called), op.Point, op.Text)
		require.LessOrEqual(t, op.Point, op.Ended, op.Text)
		last = op.Point
	}
}

// showsService is a schedule of each service, and what the page has of its clients.
var showsService = map[string]struct {
	events string
	calls  []string
	acts   []string
}{
	"kv": {"call c1 1 cas x nil 7\nsettle\n", []string{"cas x nil 7 -> ok"}, nil},
	"election": {"call c1 1 campaign x 9\nsettle\nwork c1\nland c1\n",
		[]string{"campaign x 9 -> token-1-until-9-at-0-for-c1"}, []string{"1 true"}},
	"election-unfenced": {"call c1 1 campaign x 9\nsettle\nwork c1\nrun k=20\n" +
		"call c2 1 campaign x 9\nsettle\nwork c2\nland c2\nland c1\n",
		[]string{"campaign x 9 -> token-1-until-9-at-0-for-c1", "campaign x 9 -> token-2-until-29-at-20-for-c2"},
		[]string{"1 true", "2 true"}},
	"queue": {"call c1 1 enqueue x 7\nsettle\ncall c2 1 dequeue x\nsettle\n",
		[]string{"enqueue x 7 -> ok", "dequeue x -> 7"}, nil},
}

// TestRecord_ofEachService: the page has the calls and the acts of every service's clients.
func TestRecord_ofEachService(t *testing.T) {
	for _, svc := range services.All() {
		test, ok := showsService[svc.Name()]
		require.True(t, ok, "add a schedule of %s to showsService", svc.Name())
		s := fixture.Written(t, "nodes 1\nservice "+svc.Name()+"\n", "timeout 1\nsettle\n"+test.events)
		run, _ := Record(reference.System{}, services.All(), s, svc.Name())
		var calls, acts []string
		for _, op := range run.Operations {
			require.Positive(t, op.Order, op.Text)
			calls = append(calls, op.Text+" -> "+op.Result)
		}
		for _, a := range run.Acts {
			acts = append(acts, fmt.Sprint(a.Token, " ", a.Accepted))
		}
		require.Equal(t, test.calls, calls)
		require.Equal(t, test.acts, acts)
	}
}

// TestRecord_hidden: a system that shows no state, and describes nothing, has a page too.
func TestRecord_hidden(t *testing.T) {
	s := fixture.TrapSchedule(t, "2", "timeout 2\ntick 1\nrestart 2\n")
	run, _ := Record(fixture.Trap{OnStep: fixture.PanicsOnTimeout}, services.All(), s, "trap")
	require.EqualValues(t, 1, rebuild(run)[1].fields[fieldHidden])
	require.Contains(t, stepOf(run, 1).Text, "n2 panicked: trapped")
	require.NoError(t, run.Write(new(bytes.Buffer)))
}
