package live

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"raftcheck/faults/live/sandbox"
	"raftcheck/models"
)

// The exit codes, which are those of the simulation's program.
const (
	exitHeld       = 0
	exitViolated   = 1
	exitNotChecked = 2
	exitBug        = 3
)

// program is a program that tests some servers.
type program struct {
	servers []Server
	name    string
	out     io.Writer
	errs    io.Writer
}

// Main carries out the command line of a program that tests these servers, and ends the
// program with one of the exit codes: 0 if everything held, 1 if a property was violated, 2
// if something was not checked, and 3 for a bug of raftcheck.
func Main(servers ...Server) {
	p := &program{servers: servers, name: filepath.Base(os.Args[0]), out: os.Stdout, errs: os.Stderr}
	os.Exit(p.run(os.Args[1:]))
}

// run carries out a command line and returns the exit code.
func (p *program) run(args []string) (code int) {
	defer func() {
		if bug := recover(); bug != nil {
			fmt.Fprintf(p.errs, "%s: bug: %v\n%s", p.name, bug, debug.Stack())
			code = exitBug
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code, err := p.carryOut(ctx, args)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return code
	case ctx.Err() != nil:
		err = errors.New("stopped by a signal")
	}
	fmt.Fprintf(p.errs, "%s: %v\n", p.name, err)
	return max(code, exitNotChecked)
}

// commands by name.
var commands = map[string]struct {
	about string
	runs  bool // schedules, in the sandbox
	do    func(*program, context.Context, *flags) (int, error)
}{
	"fuzz":    {"run random schedules, and write those that violate a property", true, (*program).fuzz},
	"replay":  {"run a schedule, and print what happened", true, (*program).replay},
	"shrink":  {"print the smallest schedule found that violates the same property", true, (*program).shrink},
	"show":    {"run a schedule, and draw the run as a page beside its file", true, (*program).show},
	"list":    {"print the servers and the profiles", false, (*program).list},
	"version": {"print the versions of the servers", false, (*program).version},
}

// carryOut finds the command and carries it out, in the sandbox if it runs schedules.
func (p *program) carryOut(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		p.printOverview()
		return exitHeld, nil
	}
	command, ok := commands[args[0]]
	if !ok {
		return 0, fmt.Errorf("no command %q; run '%s help'", args[0], p.name)
	}
	f, err := p.parse(args[0], args[1:])
	if err != nil {
		return 0, err
	}
	if f.profile != "" {
		if _, err := profileNamed(f.profile); err != nil {
			return 0, err
		}
	}
	if !command.runs {
		return command.do(p, ctx, f)
	}
	switch {
	case sandbox.Inside():
		err = f.enter()
	case f.plain:
		err = f.stay(ctx)
	default:
		return p.inSandbox(ctx, f)
	}
	if err != nil {
		return 0, err
	}
	return command.do(p, ctx, f)
}

// enter makes the program ready in the sandbox.
func (f *flags) enter() (err error) {
	if err := sandbox.Enter(); err != nil {
		return err
	}
	f.version = os.Getenv(versionVariable)
	if f.metrics != "" {
		f.served, err = serveMetrics(sandbox.File(0))
	}
	return err
}

// stay makes the program ready without a sandbox.
func (f *flags) stay(ctx context.Context) (err error) {
	if f.version, err = f.server.Prepare(ctx); err != nil {
		return err
	}
	files, err := f.listen()
	if err == nil && len(files) > 0 {
		f.served, err = serveMetrics(files[0])
	}
	return err
}

// versionVariable hands the server's version over to the program in the sandbox.
const versionVariable = "RAFTCHECK_SERVER_VERSION"

// inSandbox prepares the server where there is a network, and then runs the program again
// in the sandbox.
func (p *program) inSandbox(ctx context.Context, f *flags) (int, error) {
	version, err := f.server.Prepare(ctx)
	if err != nil {
		return 0, err
	}
	os.Setenv(versionVariable, version)
	listener, err := f.listen()
	if err != nil {
		return 0, err
	}
	return sandbox.Run(listener...)
}

// exitCode is the exit code of verdicts.
func exitCode(verdicts []models.Verdict) int {
	code := exitHeld
	if len(verdicts) == 0 {
		code = exitNotChecked
	}
	for _, v := range verdicts {
		switch v.Outcome {
		case models.Violated:
			return exitViolated
		case models.NotChecked:
			code = exitNotChecked
		}
	}
	return code
}
