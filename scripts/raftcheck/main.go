// Command raftcheck throws schedules of faults at a Raft and says what broke.
//
//	raftcheck fuzz             run random schedules and keep what fails
//	raftcheck explore [FILE]   visit every state within bounds
//	raftcheck neighbourhood FILE
//	                           run every schedule that is a few changes away from one
//	raftcheck hunt             look for one violation, with one engine and a budget
//	raftcheck mutants          see which engine finds which deliberate bug
//	raftcheck replay FILE      run a schedule and tell what happens, step by step
//	raftcheck shrink FILE      print the smallest schedule that fails alike
//	raftcheck show FILE        draw what the clients saw
//
// It exits with 0 if everything held, with 1 if something was violated, with 2
// if something could not be checked (a malformed file, a property without a
// verdict, a campaign that missed its goals), and with 3 for a bug of its own.
package main

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
	"syscall"

	"raftcheck/fuzz"
	"raftcheck/models"
)

// The exit codes.
const (
	exitHeld       = 0
	exitViolated   = 1
	exitNotChecked = 2
	exitBug        = 3
)

const usage = `usage:
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

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// interruptible returns a context that the first Ctrl-C ends; the second ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// commands by name.
var commands = map[string]func(context.Context, []string, io.Writer, io.Writer) (int, error){
	"fuzz": runFuzz, "explore": runExplore, "neighbourhood": runNeighbourhood, "hunt": runHunt, "mutants": runMutants,
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
