package maelstrom

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/faults/live"
	"raftcheck/models/service"
)

// Server is a program for Maelstrom's workload lin-kv.
type Server struct {
	// Memory is for programs that keep nothing in files: random schedules end no process.
	Memory bool
	// Words are the command that starts a node.
	Words []string
}

var (
	_ live.Wired     = Server{}
	_ live.Commanded = Server{}
	_ live.Selective = Server{}
)

// Name is the same for every program: schedules are for all of them.
func (s Server) Name() string {
	if s.Memory {
		return "maelstrom+memory"
	}
	return "maelstrom"
}

// With returns the server of a command. Words that name files become absolute, because
// nodes run in folders of their own.
func (s Server) With(words []string) live.Server {
	s.Words = slices.Clone(words)
	for i, word := range words {
		path, err := filepath.Abs(word)
		if _, missing := os.Stat(path); err == nil && missing == nil {
			s.Words[i] = path
		}
	}
	return s
}

// Services has the one of the workload.
func (s Server) Services() service.Set { return service.Set{Store{}} }

// Leaves has the ends of processes, if they lose everything.
func (s Server) Leaves() []faults.EventKind {
	if s.Memory {
		return []faults.EventKind{faults.Kill, faults.Crash, faults.Fail}
	}
	return nil
}

// Prepare looks for the program.
func (s Server) Prepare(context.Context) (version string, err error) {
	if len(s.Words) == 0 {
		return "any program, named by -exec", nil
	}
	_, err = exec.LookPath(s.Words[0])
	return strings.Join(s.Words, " "), err
}

// BootTime is that of a slow language on a busy machine.
func (s Server) BootTime() time.Duration { return 30 * time.Second }

// Wire makes the network of a run.
func (s Server) Wire(nodes int) live.Wiring { return newRun(s, nodes) }

// errNoRun is that of methods that ask nodes, outside of a run.
var errNoRun = errors.New("nodes of Maelstrom answer in a run only")

// Command is an error outside of a run, as are the other questions to nodes.
func (s Server) Command(live.Node) (*exec.Cmd, error) { return nil, errNoRun }

// Status is an error outside of a run.
func (s Server) Status(context.Context, live.Node) (live.Status, error) {
	return live.Status{}, errNoRun
}

// Serves is an error outside of a run.
func (s Server) Serves(context.Context, live.Node) error { return errNoRun }

// State says nothing: the workload has no question for it.
func (s Server) State(context.Context, live.Node) (live.State, error) { return live.State{}, nil }

// Dial panics: clients are those of a run.
func (s Server) Dial(live.Config) live.Client { panic(errNoRun) }
