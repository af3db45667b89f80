package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/page"
	"raftcheck/fuzz/trial"
)

// playFlags are the flags of raftcheck play.
type playFlags struct {
	system, service, exec string
	nodes                 int
}

// runPlay serves a page on which a person carries out events, until a signal.
func runPlay(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	player, err := newPlayer(args, out)
	if err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	runner := newRunner(ctx, player.System)
	defer runner.Close()
	player.Draw = func(form page.Form, s *faults.Schedule) (page.Drawn, error) {
		d, err := drawn(runner, form, s, player.Title)
		if errors.Is(err, errNotDrawn) {
			err = errors.New(strings.Join(d.Lines, "\n")) // the page shows it
		}
		return d, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "http://%s/%s/\n", listener.Addr(), player.Token)
	if b, ok := out.(interface{ Flush() error }); ok {
		b.Flush() // the page is served now
	}
	server := &http.Server{Handler: player, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return 0, err
	}
	return exitHeld, nil
}

// newPlayer reads the command line, and the schedule that it names.
func newPlayer(args []string, out io.Writer) (*page.Player, error) {
	f := &playFlags{}
	set := newFlags("play")
	set.system(&f.system)
	set.exec(&f.exec)
	set.IntVar(&f.nodes, "nodes", 3, "begin with `N` nodes, without FILE")
	set.StringVar(&f.service, "service", "", "let clients use service `NAME`, without FILE (default the first)")
	set.group("input")
	if err := set.parse(args, out); err != nil {
		return nil, err
	}
	s, title, err := f.schedule(set)
	if err != nil {
		return nil, err
	}
	if f.exec != "" && f.system == "" {
		s.System = "" // whatever FILE names
	}
	system, err := systemOf(s.System, f.exec)
	if err != nil {
		return nil, err
	}
	s.System = system.Name()
	return &page.Player{
		System: system, Services: serviceSet, Schedule: s, Title: title, Token: rand.Text(), Folder: ".",
	}, s.Suits(system)
}

// schedule is the one of FILE, or one without events.
func (f *playFlags) schedule(set *flags) (*faults.Schedule, string, error) {
	if set.NArg() == 0 {
		s := &faults.Schedule{System: f.system, Nodes: f.nodes, Rand: 1}
		switch {
		case f.nodes < 1 || f.nodes > faults.MaxNodes:
			return nil, "", set.wrong("expected -nodes from 1 to %d, found %d", faults.MaxNodes, f.nodes)
		case !s.Use(serviceSet, f.service):
			return nil, "", misuse{fmt.Errorf("no service %q", f.service), "list services"}
		}
		return s, "play", nil
	}
	file, err := set.argument("FILE")
	if err != nil {
		return nil, "", err
	}
	s, err := trial.ReadSchedule(file, serviceSet)
	if err != nil {
		return nil, "", err
	}
	if f.system != "" {
		s.System = f.system
	}
	s.Golden = nil // of another run
	return s, trial.ShownName(filepath.Base(file)), nil
}
