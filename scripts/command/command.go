package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode"

	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
	_ "raftcheck/scripts/garbage"
)

// The exit codes.
const (
	exitHeld       = 0
	exitViolated   = 1
	exitNotChecked = 2
	exitBug        = 3
)

// Main carries out the command line of a program that tests these systems, whose clients
// use these services, and ends the program with one of the exit codes. The first system
// is tested if no other is named. The services are [services.All], or those and more of
// the program's own; schedules that name no service use the first.
func Main(ofClients service.Set, ofProgram ...raft.System) {
	built, _ := debug.ReadBuildInfo()
	serviceSet, systems, program = ofClients, ofProgram, invocation(os.Args[0], built)
	name = strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if os.Getenv(apart.Variable) != "" {
		apart.Serve(systems, serviceSet, tasks)
	}
	if file, err := os.Executable(); err == nil {
		processes = &apart.Program{Path: file, Limits: limits}
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

var (
	systems []raft.System // the implementations that the program can test
	// serviceSet is the services that clients can use.
	serviceSet service.Set
	program    = "go run ./scripts/raftcheck" // the words that start it
	name       = "raftcheck"                  // its name, in front of errors
	// processes is the program itself, which runs systems in processes apart; nil runs them in
	// this process.
	processes *apart.Program
	limits    apart.Limits // of its processes
)

// invocation returns the words that start the program again. An executable in Go's
// build cache was started by go run, in the folder of its module.
func invocation(executable string, built *debug.BuildInfo) string {
	if built == nil || !strings.Contains(executable, "go-build") {
		return executable
	}
	return "go run ." + strings.TrimPrefix(built.Path, built.Main.Path)
}

// printSystem prints the name of the tested system.
func printSystem(w io.Writer, s raft.System) {
	fmt.Fprintf(w, "system      %s\n", s.Name())
	if s, ok := s.(raft.Nondeterministic); ok {
		fmt.Fprintf(w, "            not deterministic, so that no two runs need be alike: %s\n", s.Nondeterminism())
	}
	if about := models.AboutNotAsked(s); about != "" {
		fmt.Fprintf(w, "            %s\n", about)
	}
}

// systemNamed returns the system of a name; "" is the first.
func systemNamed(name string) (raft.System, error) {
	for _, s := range systems {
		if name == "" || nameOf(s) == name {
			return s, trial.ValidateSystem(s)
		}
	}
	return nil, misuse{fmt.Errorf("no system %q", name), "list systems"}
}

// nameOf is the name of a system, "" if that panics.
func nameOf(s raft.System) (name string) {
	defer func() { recover() }()
	return s.Name()
}

// commands by name.
var commands = map[string]func(context.Context, []string, io.Writer, io.Writer) (int, error){
	"bisect":        runBisect,
	"campaign":      runCampaign,
	"conform":       runConform,
	"conform-trace": runConformTrace,
	"escalate":      runEscalate,
	"explore":       runExplore,
	"fuzz":          runFuzz,
	"hunt":          runHunt,
	"judge":         runJudge,
	"list":          runList,
	"mutants":       runMutants,
	"neighbourhood": runNeighbourhood,
	"play":          runPlay,
	"replay":        runReplay,
	"show":          runShow,
	"shrink":        runShrink,
	"version":       runVersion,
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) (code int) {
	defer endPrograms()
	defer func() {
		if p := recover(); p != nil {
			if outage, ok := p.(raft.Outage); ok {
				code = printError(exitNotChecked, outage.Err, errs)
				return
			}
			fmt.Fprintf(errs, "%s: bug: %v\n%s", name, p, debug.Stack())
			code = exitBug
		}
	}()
	if len(args) == 0 {
		printOverview(errs)
		return exitNotChecked
	}
	buffered := bufio.NewWriter(out)
	defer func() {
		if err := buffered.Flush(); err != nil {
			fmt.Fprintf(errs, "%s: %v\n", name, err)
			code = max(code, exitNotChecked)
		}
	}()
	code, err := carryOut(ctx, args, buffered, errs)
	return printError(code, err, errs)
}

// carryOut finds the command and carries it out.
func carryOut(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	verb, args := args[0], args[1:]
	switch verb {
	case "help", "-h", "-help", "--help":
		switch len(args) {
		case 0:
			printOverview(out)
			return exitHeld, nil
		case 1:
			verb, args = args[0], []string{"-h"}
		default:
			return 0, misuse{fmt.Errorf("expected help of one command, found %q", args), "help"}
		}
	}
	command, ok := commands[verb]
	if !ok {
		return 0, misuse{fmt.Errorf("no command %q", verb), "help"}
	}
	return command(ctx, args, out, errs)
}

// misuse is an error of the command line, and the command that explains it.
type misuse struct {
	error
	more string
}

// printError prints an error, if there is one, and returns the exit code that goes with it.
func printError(code int, err error, errs io.Writer) int {
	switch {
	case err == nil:
		return code
	case errors.Is(err, flag.ErrHelp):
		return exitHeld
	case errors.As(err, &fuzz.Bug{}), errors.As(err, &apart.Bug{}):
		fmt.Fprintf(errs, "%s: bug: %s\n", name, printable(err.Error()))
		return exitBug
	}
	text := strings.Replace(printable(err.Error()), context.Canceled.Error(), "interrupted", 1)
	fmt.Fprintf(errs, "%s: %s\n", name, text)
	if wrong := (misuse{}); errors.As(err, &wrong) {
		fmt.Fprintf(errs, "run '%s %s'\n", program, wrong.more)
	}
	if code == exitHeld {
		code = exitNotChecked // nothing was checked, or not all of it
	}
	return code
}

// printable replaces control characters by their escape sequences, apart from tabs and line
// feeds. An error may quote a name or a text that others wrote.
func printable(s string) string {
	if !strings.ContainsFunc(s, isControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isControl(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isControl(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }

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
