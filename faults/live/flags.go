package live

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
)

// flags are the command line after the command.
type flags struct {
	command   string
	system    string
	server    Server
	version   string // of the server, once it is prepared
	profile   string
	seed      uint64
	schedules int
	replays   int
	tries     int
	plain     bool
	exec      string
	metrics   string
	served    *Metrics // where they are served; nil if nobody asked
	file      string
	schedule  *faults.Schedule
	logs      bool
}

// parse reads the command line, and the schedule that it names.
func (p *program) parse(command string, args []string) (*flags, error) {
	f := &flags{command: command}
	set := flag.NewFlagSet(command, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&f.system, "system", "", "test server `NAME` (default the schedule's, or the first)")
	if commands[command].runs {
		set.BoolVar(&f.plain, "plain", false,
			"run on loopback, without a sandbox: no faults at links and disks")
		set.StringVar(&f.exec, "exec", "", "start each node by `COMMAND`, if the server is a program of yours")
		set.StringVar(&f.metrics, "metrics", "", "serve OpenMetrics at `ADDRESS`, such as 127.0.0.1:9100")
	}
	switch command {
	case "fuzz":
		set.StringVar(&f.profile, "profile", "swarm", "draw schedules from profile `NAME`; see 'list'")
		set.Uint64Var(&f.seed, "seed", 0, "decide every schedule by `SEED`; 0 draws a fresh one")
		set.IntVar(&f.schedules, "schedules", 10, "run `N` schedules")
		set.IntVar(&f.replays, "replays", 5, "run a schedule that fails `N` times more, and count")
		set.IntVar(&f.tries, "tries", 30, "shrink it by at most `N` smaller schedules, each run up to three times")
	case "replay":
		set.IntVar(&f.replays, "runs", 1, "run it `N` times, and count")
		set.BoolVar(&f.logs, "logs", false, "print the last lines of each node's log")
	case "show":
		set.IntVar(&f.replays, "runs", 1, "run it `N` times, count, and draw the first that violates a property")
	case "shrink":
		set.IntVar(&f.tries, "tries", 60, "try at most `N` smaller schedules, each run up to three times")
	}
	err := set.Parse(args)
	if err == flag.ErrHelp {
		p.printUsage(command, set)
	}
	if err == nil {
		err = f.check(p, set.Args())
	}
	return f, err
}

// check finds the server and the schedule.
func (f *flags) check(p *program, rest []string) (err error) {
	wantsFile := slices.Contains([]string{"replay", "shrink", "show"}, f.command)
	switch {
	case wantsFile && len(rest) != 1:
		return fmt.Errorf("expected one FILE, found %q; run '%s help'", rest, p.name)
	case !wantsFile && len(rest) > 0:
		return fmt.Errorf("expected no arguments after the flags, found %q", rest[0])
	case f.command == "fuzz" && (f.schedules < 1 || f.schedules > mostSchedules):
		return fmt.Errorf("expected -schedules from 1 to %d, found %d", mostSchedules, f.schedules)
	case f.command == "show" && f.replays < 1:
		return fmt.Errorf("expected -runs from 1 on, found %d", f.replays)
	case f.replays < 0 || f.replays > mostRuns || f.tries < 0 || f.tries > mostRuns:
		return fmt.Errorf("expected at most %d runs of a schedule", mostRuns)
	}
	if wantsFile {
		f.file = rest[0]
		if f.schedule, err = trial.ReadSchedule(f.file, p.services()); err != nil {
			return err
		}
		if f.system != "" {
			f.schedule.System = f.system
		}
		f.system = f.schedule.System
	}
	if f.server, err = p.named(f.system); err == nil {
		f.server, err = f.commanded()
	}
	if err == nil && f.schedule != nil && f.server.Services().Named(f.schedule.Service.Name()) == nil {
		err = fmt.Errorf("expected a service of %s, found %s", f.system, f.schedule.Service.Name())
	}
	return err
}

// commanded is the server, with the command of -exec if its program is named so.
func (f *flags) commanded() (Server, error) {
	words := strings.Fields(f.exec)
	named, ok := f.server.(Commanded)
	switch {
	case f.command == "list" || f.command == "version" || !ok && len(words) == 0:
		return f.server, nil
	case !ok:
		return nil, fmt.Errorf("expected no -exec for %s, whose program is known", f.server.Name())
	case len(words) == 0:
		return nil, fmt.Errorf("expected -exec 'COMMAND', which starts a node of %s", f.server.Name())
	}
	return named.With(words), nil
}

// Bounds on the command line.
const (
	mostSchedules = 100_000
	mostRuns      = 1000
)

// services are those of every server.
func (p *program) services() (set service.Set) {
	for _, s := range p.servers {
		for _, svc := range s.Services() {
			if set.Named(svc.Name()) == nil {
				set = append(set, svc)
			}
		}
	}
	return set
}

// named returns the server of a name; "" is the first.
func (p *program) named(name string) (Server, error) {
	var names []string
	for _, s := range p.servers {
		if name == "" || s.Name() == name {
			return s, nil
		}
		names = append(names, s.Name())
	}
	return nil, fmt.Errorf("expected a server of %s, found %q", strings.Join(names, ", "), name)
}

// listen opens the address of -metrics, which must be of loopback. The sandbox has a
// loopback of its own, so that the file of the listener is handed over.
func (f *flags) listen() ([]*os.File, error) {
	if f.metrics == "" {
		return nil, nil
	}
	address, err := net.ResolveTCPAddr("tcp", f.metrics)
	if err != nil || !address.IP.IsLoopback() {
		return nil, fmt.Errorf("expected -metrics with an address of loopback, found %q", f.metrics)
	}
	listener, err := net.ListenTCP("tcp", address)
	if err != nil {
		return nil, err
	}
	file, err := listener.File()
	return []*os.File{file}, err
}

func (p *program) printOverview() {
	fmt.Fprintf(p.out, "%s tests clusters of server processes under schedules of faults.\n\n", p.name)
	fmt.Fprintf(p.out, "usage: %s COMMAND [flags] [FILE]\n\n", p.name)
	tabs := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, name := range []string{"fuzz", "replay", "shrink", "show", "list", "version"} {
		fmt.Fprintf(tabs, "  %s\t%s\n", name, commands[name].about)
	}
	tabs.Flush()
	fmt.Fprintf(p.out, "\n'%s COMMAND -h' lists the flags of a command.\n\n"+
		"exit codes:\n  0  everything held\n  1  a property was violated\n  2  something was not checked\n"+
		"  3  a bug of raftcheck\n", p.name)
}

func (p *program) printUsage(command string, set *flag.FlagSet) {
	fmt.Fprintf(p.out, "%s %s: %s.\n\n", p.name, command, commands[command].about)
	set.SetOutput(p.out)
	set.PrintDefaults()
}
