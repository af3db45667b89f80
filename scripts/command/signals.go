package command

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// sameSignal is the time after a signal in which further ones are the same: GNU timeout
// signals its child, and then the process group of that.
var sameSignal = time.Second

// interruptible returns a context that the first SIGINT (Ctrl-C), SIGTERM or SIGHUP
// ends; one that comes later than sameSignal ends the program. The function that it returns
// lets signals end the program again, unless one has come.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	graceful.Store(true)
	ctx, stop := signal.NotifyContext(ctx, endings()...)
	waits := context.AfterFunc(ctx, func() { time.AfterFunc(sameSignal, stop) })
	return ctx, func() {
		if waits() {
			stop()
		}
	}
}

// endings has the signals that end a command. A signal that the program was started
// to ignore stays ignored, as SIGHUP under nohup.
func endings() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}
