package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"raftcheck/faults/live/sandbox"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// TestMain runs the tests in the sandbox. The test's own program is the server under
// test, too, and the command line.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv("FAKE_MODE") != "":
		serveFake(os.Getenv("FAKE_MODE"), os.Args[1], os.Args[2], os.Args[3])
	case os.Getenv("FAKE_MAIN") != "":
		Main(fake{"good"}, fake{"hangs"}, fake{"unsynced"})
	}
	os.Exit(sandbox.Test(m.Run))
}

// fake is a server with one store, at node 1: the others pass everything on to it. Its
// mode is its bug.
type fake struct{ mode string }

func (s fake) Name() string                            { return "fake-" + s.mode }
func (s fake) Services() service.Set                   { return service.Set{kv.Service{}} }
func (s fake) Prepare(context.Context) (string, error) { return "fake 1.0", nil }
func (s fake) BootTime() time.Duration {
	if s.mode == "hangs" {
		return 500 * time.Millisecond
	}
	return 20 * time.Second
}

func (s fake) Command(n Node) (*exec.Cmd, error) {
	cmd := exec.Command("/proc/self/exe", n.Addr, n.Addrs[0], n.Dir)
	cmd.Env = append(os.Environ(), "FAKE_MODE="+s.mode)
	return cmd, nil
}

func ask(ctx context.Context, addr, line string) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr+":7000")
	if err != nil {
		if strings.Contains(err.Error(), "refused") {
			err = errors.Join(ErrRefused, err)
		}
		return "", err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	fmt.Fprintln(conn, line)
	answer, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(answer), err
}

func (s fake) Status(ctx context.Context, n Node) (Status, error) {
	_, err := ask(ctx, n.Addr, "get probe")
	return Status{Leads: n.ID == 1, Term: 1}, err
}

func (s fake) Serves(ctx context.Context, n Node) error {
	_, err := ask(ctx, n.Addr, "get probe")
	return err
}

func (s fake) State(ctx context.Context, n Node) (State, error) {
	x, err := ask(ctx, n.Addr, "get x")
	return State{Hash: x}, err
}

func (s fake) Dial(Config) Client { return s }
func (s fake) Close()             {}
func (s fake) Do(ctx context.Context, n Node, op service.Op) (Answer, error) {
	output, err := ask(ctx, n.Addr, op.String())
	return Answer{Output: output}, err
}

// store is the store of node 1, which its log brings back.
type store struct {
	mode    string
	mu      sync.Mutex
	machine service.Machine
	log     *os.File
	asked   int
}

func serveFake(mode, addr, first, dir string) {
	switch mode {
	case "dies":
		fmt.Println("panic: it cannot")
		os.Exit(3)
	case "hangs":
		select {}
	case "prints":
		go func() {
			for {
				fmt.Println(strings.Repeat("garbage ", 100))
			}
		}()
	}
	listener, err := net.Listen("tcp", addr+":7000")
	if err != nil {
		panic(err)
	}
	s := &store{mode: mode, machine: kv.Service{}.NewMachine()}
	if addr == first {
		s.open(filepath.Join(dir, "log"))
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go s.serve(conn, first)
	}
}

func (s *store) open(name string) {
	text, _ := os.ReadFile(name)
	if s.mode == "deaf" && len(text) > 0 {
		select {}
	}
	for line := range strings.Lines(string(text)) {
		if op, err := kv.ParseOp(strings.TrimSpace(line)); err == nil {
			s.machine.Apply(1, 0, op)
		}
	}
	var err error
	if s.log, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644); err != nil {
		panic(err)
	}
}

func (s *store) serve(conn net.Conn, first string) {
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return
	}
	if s.log == nil {
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		if answer, err := ask(ctx, first, strings.TrimSpace(line)); err == nil {
			fmt.Fprintln(conn, answer)
		}
		return
	}
	if answer, ok := s.apply(strings.TrimSpace(line)); ok {
		fmt.Fprintln(conn, answer)
	}
}

func (s *store) apply(line string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	op, err := kv.ParseOp(line)
	if err != nil {
		return "", false
	}
	if op.ReadOnly() {
		return s.machine.Query(op), true
	}
	s.asked++
	if s.mode == "exits" && s.asked > 3 {
		fmt.Println("panic: three writes are enough")
		os.Exit(2)
	}
	fmt.Fprintln(s.log, op)
	if s.mode != "unsynced" {
		if err := s.log.Sync(); err != nil {
			os.Exit(1)
		}
	}
	return s.machine.Apply(1, 0, op), true
}
