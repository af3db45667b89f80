package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"raftcheck/fuzz"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// The exit codes.
const (
	exitHeld       = 0
	exitViolated   = 1
	exitNotChecked = 2
	exitBug        = 3
)

const usage = `usage:
  raftcheck conform [flags]     say what an adapter gets wrong, before Raft is judged
  raftcheck fuzz [flags]        run random schedules and keep what fails
  raftcheck explore [flags] [FILE]
                                visit every state that can be reached within bounds
  raftcheck neighbourhood [flags] FILE
                                run every schedule that is a few changes away from one
  raftcheck hunt [flags]        look for one violation, with one engine and a budget
  raftcheck mutants [flags]     see which engine finds which deliberate bug
  raftcheck replay [-json] FILE run a schedule and tell what happens, step by step
  raftcheck shrink FILE         print the smallest schedule that fails alike
  raftcheck show FILE           draw what the clients saw, as FILE with .html

'raftcheck fuzz -h' lists the flags. Exit codes: 0 everything held,
1 something was violated, 2 something was not checked, 3 a bug of raftcheck.
`

// gcPercent trades memory for speed: a campaign keeps a few megabytes alive, and
// with Go's usual 100 it would collect them so often that a third of the time goes.
const gcPercent = 400

// Main carries out the command line of a program that tests these systems, whose clients
// use these services, and ends the program with one of the exit codes. Of several systems
// the first is tested if no other is named. The services are services.All(), or that and
// further ones of the program; the first is the one of schedules that name none.
func Main(set service.Set, ofProgram ...raft.System) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	serviceSet, systems, program = set, ofProgram, invocation()
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// systems are the implementations that the program can test.
var systems []raft.System

// serviceSet is the services that clients can use.
var serviceSet service.Set

// program is how somebody runs it.
var program = "go run ./scripts/raftcheck"

// invocation is how this program is run from the folder of its module.
func invocation() string {
	built, ok := debug.ReadBuildInfo()
	if !ok {
		return program
	}
	return "go run ." + strings.TrimPrefix(built.Path, built.Main.Path)
}

// printSystem says what was tested.
func printSystem(w io.Writer, s raft.System) {
	fmt.Fprintf(w, "system      %s\n", s.Name())
	if s, ok := s.(raft.Nondeterministic); ok {
		fmt.Fprintf(w, "            not deterministic, so that no two runs need be alike: %s\n", s.Nondeterminism())
	}
}

// ofSystems says which systems a flag may name.
func ofSystems() string {
	return fmt.Sprintf(", one of %s; the first if it is not given", strings.Join(systemNames(), ", "))
}

func systemNames() (names []string) {
	for _, s := range systems {
		names = append(names, s.Name())
	}
	return names
}

// systemNamed returns the system of a name; "" is the first.
func systemNamed(name string) (raft.System, error) {
	for _, s := range systems {
		if name == "" || s.Name() == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("expected a system of: %s; found %q", strings.Join(systemNames(), ", "), name)
}

// interruptible returns a context that the first Ctrl-C ends; the second ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// commands by name.
var commands = map[string]func(context.Context, []string, io.Writer, io.Writer) (int, error){
	"conform": runConform, "fuzz": runFuzz, "explore": runExplore, "neighbourhood": runNeighbourhood, "hunt": runHunt, "mutants": runMutants,
	"replay": runReplay, "shrink": runShrink, "show": runShow,
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(errs, "raftcheck: bug: %v\n%s", p, debug.Stack())
			code = exitBug
		}
	}()
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return exitNotChecked
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprint(out, usage)
		return exitHeld
	}
	buffered := bufio.NewWriter(out)
	defer func() {
		if err := buffered.Flush(); err != nil {
			fmt.Fprintln(errs, "raftcheck:", err)
			code = max(code, exitNotChecked)
		}
	}()
	command, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(errs, "raftcheck: no command %q\n%s", args[0], usage)
		return exitNotChecked
	}
	code, err := command(ctx, args[1:], buffered, errs)
	if err == nil {
		return code
	}
	if errors.Is(err, flag.ErrHelp) {
		return exitHeld
	}
	if errors.As(err, &fuzz.Bug{}) {
		fmt.Fprintln(errs, "raftcheck: bug:", err)
		return exitBug
	}
	fmt.Fprintln(errs, "raftcheck:", err)
	if code == exitHeld {
		code = exitNotChecked // nothing was checked, or not all of it
	}
	return code
}

// exitCode is the exit code of an outcome.
func exitCode(o models.Outcome) int {
	switch o {
	case models.Held:
		return exitHeld
	case models.Violated:
		return exitViolated
	}
	return exitNotChecked
}
