package apart

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"raftcheck/fuzz/internal/process"
	"raftcheck/fuzz/trial"
	"raftcheck/raft/patience"
)

// Variable is the environment variable that a process apart has: its main function calls
// Serve.
const Variable = "RAFTCHECK_APART"

// Limits are those of a process. Zero is the usual one, [Patience] or [MaxBytes].
type Limits struct {
	Patience int   // the looks of the watch in which a call need not return
	Bytes    int64 // of memory
}

// Program is the program of processes apart.
type Program struct {
	Path string // of the executable
	Limits

	cpu atomic.Int64 // of all processes so far, in nanoseconds
}

// CPUTime returns the CPU time of the program's processes, up to their latest answers.
func (p *Program) CPUTime() time.Duration { return time.Duration(p.cpu.Load()) }

// child is a process apart, from this side.
type child struct {
	program *Program
	cmd     *exec.Cmd
	in      *gob.Encoder
	answers chan []answer
	waited  chan struct{} // closed once the process, and those of its group, have ended
	errs    tail
	cpu     time.Duration
}

// start starts a process.
func (p *Program) start() (*child, error) {
	c := &child{
		program: p, cmd: exec.Command(p.Path), answers: make(chan []answer), waited: make(chan struct{}),
	}
	c.cmd.Env = append(os.Environ(), Variable+"=1")
	c.cmd.Stderr = &c.errs
	c.cmd.WaitDelay = time.Second // a process that it started may hold its standard error
	process.InOwnGroup(c.cmd)
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, answers, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.in, c.cmd.Stdout = gob.NewEncoder(in), answers
	err = c.cmd.Start()
	answers.Close()
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("expected to start a process for the system under test: %w", err)
	}
	go c.receive(out)
	go c.wait(out)
	return c, nil
}

// wait waits for the end of the process. One that it started, and that left its group, may
// hold the other end of the answers, so that these do not end.
func (c *child) wait(out *os.File) {
	c.cmd.Wait()
	process.Kill(c.cmd)
	out.SetReadDeadline(time.Now().Add(grace)) // what is in the pipe is read
	close(c.waited)
}

// receive passes on answers until the process ends, or sends another thing.
func (c *child) receive(out io.ReadCloser) {
	defer func() {
		close(c.answers)
		<-c.waited
		out.Close()
	}()
	decoder := gob.NewDecoder(out)
	for {
		var batch []answer
		if decoder.Decode(&batch) != nil {
			return
		}
		c.answers <- batch
	}
}

// kill ends the process.
func (c *child) kill() {
	select {
	case <-c.waited:
	default:
		process.Kill(c.cmd)
	}
	for range c.answers {
	}
	<-c.waited
}

// death is the end of a process that was not asked for.
type death struct {
	kind   string
	detail string // more of it, "" if there is no more
	stack  string
}

// once is the result of a run that ended so, which no second run did. That keeps what is known.
func (d *death) once(runs string) trial.Result {
	text := d.kind + ": " + runs
	if d.detail != "" {
		text = d.kind + ": " + d.detail + " (" + runs + ")"
	}
	result := trial.Died(text, 0)
	result.Stack = d.stack
	return result
}

const (
	silence = 20 * time.Second // after which a process without a sign of life is ended
	grace   = time.Second      // for a process that is at work when it has to end
	// taskGrace is that for a task.
	taskGrace = 5 * time.Second
)

// ask sends a request and passes the answers to take. It returns the death of the process,
// or an error if ctx ended before the request was carried out. The process lives on if both are nil.
func (c *child) ask(ctx context.Context, q *request, take func(*answer)) (*death, error) {
	if c.in.Encode(q) != nil {
		return c.ended(), nil
	}
	quiet := patience.New(silence)
	defer quiet.Stop()
	interrupted, over := ctx.Done(), (<-chan time.Time)(nil)
	for {
		select {
		case batch, ok := <-c.answers:
			if !ok {
				return c.ended(), nil
			}
			quiet.Reset(silence)
			if d, finished := c.take(batch, take); finished {
				return d, nil
			}
		case <-interrupted:
			interrupted, over = nil, time.After(grace)
			if q.In != nil { // a task comes to an end, and has a report
				c.in.Encode(&request{Task: stop})
				over = time.After(taskGrace)
			}
		case <-over:
			c.kill()
			return nil, ctx.Err()
		case <-quiet.C:
			c.kill()
			return &death{kind: "the process gives no sign of life"}, nil
		}
	}
}

// take passes on answers, and reports whether the request is carried out, or never will be.
func (c *child) take(batch []answer, take func(*answer)) (d *death, finished bool) {
	for i := range batch {
		a := &batch[i]
		if a.CPU > 0 {
			c.program.cpu.Add(int64(a.CPU - c.cpu))
			c.cpu = a.CPU
		}
		switch a.Sort {
		case alive:
		case done:
			return nil, true
		case broken, outage:
			take(a)
			c.kill()
			return nil, true
		case dead:
			c.kill()
			return &death{kind: a.Text, stack: a.Stack}, true
		default:
			take(a)
		}
	}
	return nil, false
}

// ended waits for a process that closed its answers, and describes its end.
func (c *child) ended() *death {
	select {
	case <-c.waited:
	case <-patience.New(2 * grace).C:
		process.Kill(c.cmd)
		<-c.waited
		return &death{kind: "the process spoils its standard output"}
	}
	errs := c.errs.String()
	if at := strings.LastIndex(errs, "\ngoroutine "); at >= 0 {
		before := errs[:at]
		if i := max(strings.LastIndex(before, "panic: "), strings.LastIndex(before, "fatal error: ")); i >= 0 {
			return crash(errs[i:])
		}
		if at := fault.FindStringIndex(before); at != nil {
			return crash(errs[at[0]:])
		}
	}
	state := c.cmd.ProcessState
	if !state.Exited() {
		return &death{kind: "the process ends by " + state.String()} // see bySignal
	}
	d := &death{kind: fmt.Sprintf("the process ends with exit code %d", state.ExitCode())}
	if lines := strings.Split(strings.TrimSpace(errs), "\n"); lines[len(lines)-1] != "" {
		d.detail = stamp.ReplaceAllString(lines[len(lines)-1], "")
	}
	return d
}

// stamp is the time in front of a line of package log.
var stamp = regexp.MustCompile(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(\.\d+)? `)

// fault begins the text of the runtime about a signal.
var fault = regexp.MustCompile(`(?m)^SIG[A-Z]+: .*\nPC=`)

// crash describes the end of a process by its runtime, from the text that this printed.
func crash(text string) *death {
	first, rest, _ := strings.Cut(text, "\n")
	if at := strings.Index(rest, "goroutine "); at >= 0 {
		rest, _, _ = strings.Cut(rest[at:], "\n\n")
	}
	d := &death{kind: "a goroutine panics", stack: systemFrames(rest)}
	if d.stack == "" {
		d.stack = frames(rest)
	}
	var fatal bool
	if d.detail, fatal = strings.CutPrefix(first, "fatal error: "); fatal || strings.HasPrefix(first, "SIG") {
		d.kind = "the runtime ends the process"
	}
	d.detail = strings.TrimPrefix(d.detail, "panic: ")
	return d
}

// maxTail is how much of the end of a process's standard error is kept.
const maxTail = 256 << 10

// tail keeps the end of a text.
type tail struct{ b []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.b = append(t.b, b...)
	if len(t.b) > 2*maxTail {
		t.b = append(t.b[:0], t.b[len(t.b)-maxTail:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return string(t.b) }
