package command

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that the first SIGINT (Ctrl-C), SIGTERM or SIGHUP
// ends; the second ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	graceful.Store(true)
	ctx, stop := signal.NotifyContext(ctx, endings()...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
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
