package pipe

import (
	"encoding/binary"
	"os/exec"
	"strings"
	"testing"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	_ "raftcheck/scripts/garbage"
)

// inProcess is the included Raft with the randomness that a child gets: a seed.
type inProcess struct{ reference.System }

func (s inProcess) Boot(c raft.NodeConfig) (raft.Node, error) {
	var seed [8]byte
	c.Rand.Read(seed[:])
	c.Rand = seeded(binary.LittleEndian.Uint64(seed[:]) >> (64 - seedBits))
	return s.System.Boot(c)
}

// described describes messages in words, as goals know some by them.
type described struct{ *System }

func (described) DescribeMessage(m raft.Message) string { return reference.System{}.DescribeMessage(m) }

// TestSystem_sameAsInTheProcess: a Raft is the same to the harness behind a pipe. The
// schedules are random.
func TestSystem_sameAsInTheProcess(t *testing.T) {
	profile, _ := generate.ProfileNamed("swarm")
	inside := trial.NewRunner(inProcess{}, services.All())
	outside := trial.NewRunner(described{open(t, "reference").(*System)}, services.All())
	events := 0
	for number := range 8 {
		prng := generate.NewPRNG(0)
		prng.Number(7, number)
		s, want := generate.Schedule(inside, profile, prng)
		got := outside.Run(s)
		if got.TraceHash != want.TraceHash || got.Goals != want.Goals {
			t.Fatalf("schedule %d: trace hash %x goals %x, in the process %x and %x",
				number, got.TraceHash, got.Goals, want.TraceHash, want.Goals)
		}
		if got.Outcome() == models.Violated {
			t.Errorf("schedule %d: %v", number, got.Lines())
		}
		events += got.Events
	}
	if events < 1000 {
		t.Errorf("only %d events", events)
	}
}

// TestSystem_misbehaves: a program that misbehaves is a verdict, in one sentence, twice the
// same; and the next run has a sound cluster again.
func TestSystem_misbehaves(t *testing.T) {
	tests := map[string]string{
		"raise": "NoPanic: its program ended: exit status 3; " +
			"its last words: ValueError: an index of 7 in <list at 0x...>",
		"segv":  "NoPanic: its program ended: signal: killed",
		"panic": "NoPanic: it cannot go on",
		"exit":  "Contract: its program ended before it answered",
		"hang":  "Contract: its program gave no answer in time",
		"garbage": `Contract: its program gave no answer of the protocol: ` +
			`expected '{' at byte 0, found "Traceback? no"`,
		"extra":   `Contract: its program says more than one line to one question: "{}\n"`,
		"key":     `Contract: its program gave no answer of the protocol: an answer has no key "sendz"`,
		"role":    `protocol: a role "boss", which is none of follower, pre-candidate, candidate, leader`,
		"endless": "Contract: its program's answer has more than 16777216 bytes",
	}
	what := strings.NewReplacer("NoPanic: ", "NoPanic after event 1: n1 panicked: ",
		"Contract: ", "Contract after event 1: n1 broke the contract: ")
	for role, want := range tests {
		want = what.Replace(want)
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := open(t, role)
			runner := trial.NewRunner(s, services.All())
			for range 2 {
				if role == "hang" {
					hurry(s)
				}
				result := runner.Run(schedule(t, "timeout 1\nrestart 1\nsettle"))
				if got := strings.Join(result.Lines(), "\n"); !strings.Contains(got, want) || len(result.Lines()) != 1 {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			}
			calm := runner.Run(schedule(t, "run k=5"))
			if calm.Outcome() != models.Held {
				t.Errorf("without a timeout: %v", calm.Lines())
			}
		})
	}
}

// hurry makes the patience with a program short.
func hurry(p Program) { p.(*System).patience.Store(int64(time.Second / 2)) }

func schedule(t *testing.T, events string) *faults.Schedule {
	t.Helper()
	s, err := faults.Parse("test", []byte("system reference\nnodes 3\nrand 1\n\n"+events+"\n"), services.All())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpen_error(t *testing.T) {
	tests := []struct{ command, want string }{
		{"/nonexistent/program", "ended: exit status 127; its last words: "},
		{"true", "ended before it answered"},
		{"read question; echo hello", `expected '{' at byte 0, found "hello"`},
		{commandOf("protocol"), `expected "protocol":1, found 2`},
		{`read question; echo '{"protocol":1}'`, `the answer has no "name"`},
	}
	for _, test := range tests {
		s, err := Open(test.command)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", test.command)
		} else if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.command, err, test.want)
		}
	}
}

// TestIntroduced_limits: a program states the limits of its system.
func TestIntroduced_limits(t *testing.T) {
	traits, err := introduced([]byte(
		`{"protocol":1,"name":"x","nodes":[2,5],"entries":7,"algorithm":"Paxos","halves":true,` +
			`"lacks":["reads","unknowns"]}`))
	want := raft.Limits{Least: 2, Most: 5, Entries: 7, Algorithm: "Paxos", Halves: true,
		Lacks: raft.Reads | raft.Unknowns}
	if err != nil || traits.limits != want {
		t.Errorf("%+v, %v", traits.limits, err)
	}
}

// TestSystem_outage: a program that can no longer be started is no verdict.
func TestSystem_outage(t *testing.T) {
	s := open(t, "reference").(*System)
	s.command = "/nonexistent/program"
	defer func() {
		if _, ok := recover().(raft.Outage); !ok {
			t.Error("no outage")
		}
	}()
	trial.NewRunner(s, services.All()).Run(schedule(t, "settle"))
}

// TestSystem_close: no process is left, one that hangs included.
func TestSystem_close(t *testing.T) {
	s := open(t, "hang").(*System)
	hurry(s)
	trial.NewRunner(s, services.All()).Run(schedule(t, "timeout 1\nsettle"))
	s.Close()
	for c := range s.alive {
		t.Errorf("process %d lives", c.cmd.Process.Pid)
	}
	if out, _ := exec.Command("pgrep", "-f", roleOfChild+"=hang ").Output(); len(out) > 0 {
		t.Errorf("left behind: %s", out)
	}
}
