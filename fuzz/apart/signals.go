package apart

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"raftcheck/raft/patience"
)

// endings are the signals that ask a process to end. When a service stops (systemd), or by a
// name (pkill), they reach the processes apart as well as the program. A system that sends one
// to its own process violates Survival; a signal to all of them says nothing about the system.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// bySignal is the kind of death by any signal.
const bySignal = "the process ends by signal"

// bySignal reports whether a signal ended the process, which may have come from outside.
func (d *death) bySignal() bool { return strings.HasPrefix(d.kind, bySignal+": ") }

// shared reports whether a signal that asks for an end ended the process, and reached the
// program too: ctx ends then, perhaps a little later.
func (d *death) shared(ctx context.Context) bool {
	asked := func(s os.Signal) bool { return d.kind == bySignal+": "+s.String() }
	if !slices.ContainsFunc(endings, asked) {
		return false
	}
	select {
	case <-ctx.Done():
		return true
	case <-patience.New(grace).C:
		return false
	}
}

// heedless makes this process go on when a signal asks it to end: a task comes to an end by the
// program's wish, and has a report. The function that it returns ends that, and returns the
// death that the signal would have been, "" without one.
func heedless() (signalled func() string) {
	signals := make(chan os.Signal, 1)
	for _, s := range endings {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	return func() string {
		signal.Stop(signals)
		select {
		case s := <-signals:
			return bySignal + ": " + s.String()
		default:
			return ""
		}
	}
}
