package pipe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"raftcheck/raft"
	"raftcheck/raft/patience"
)

// maxLine bounds an answer, in bytes.
const maxLine = 16 << 20

// child is one process of the program. It is asked by one goroutine at a time.
type child struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      io.ReadCloser
	buffer   []byte // what was read: an answer, and what follows it
	length   int
	last     tail // of the standard error
	hung     atomic.Bool
	patience *atomic.Int64 // how long an answer may take, in nanoseconds
	timer    *patience.Timer
	asked    <-chan struct{} // closed once this process is asked to end
	doubt    *atomic.Int64   // how long that may come later, in nanoseconds
}

// The patience with a program that was never silent for too long, and with one that was:
// shrinking runs such a schedule a few hundred times. A program that starts on a loaded
// machine takes longer than one that runs.
const (
	startPatience = 60 * time.Second
	firstPatience = 30 * time.Second
	laterPatience = 5 * time.Second
)

// doubt is how long after the end of a process by a signal this process may get that too. A
// program that once ended so by itself is not doubted again.
const doubt = time.Second

// launch starts a process.
func (s *System) launch() (*child, error) {
	c := &child{
		cmd: shell(s.command), buffer: make([]byte, 1<<12), patience: &s.patience, asked: s.asked, doubt: &s.doubt,
	}
	inOwnGroup(c.cmd)
	c.cmd.WaitDelay = time.Second // what outlives it may hold its standard error
	c.cmd.Stderr = &c.last
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.timer = patience.AfterFunc(time.Duration(s.patience.Load()), func() {
		c.hung.Store(true)
		killGroup(c.cmd)
		c.out.Close() // a process that left the group may hold the other end
	})
	c.timer.Stop()
	return c, nil
}

// ask writes a question and returns the answer, which is valid until the next question.
// The error is a raft.Breach, or says that the program died; then so has the process.
func (c *child) ask(question []byte) ([]byte, error) {
	return c.askWithin(time.Duration(c.patience.Load()), question)
}

// askWithin is ask with a patience.
func (c *child) askWithin(patience time.Duration, question []byte) ([]byte, error) {
	c.timer.Reset(patience)
	line, err := c.exchange(append(question, '\n'))
	if err == nil && c.timer.Stop() {
		return line, nil
	}
	c.timer.Stop()
	var wrong raft.Breach
	if errors.As(err, &wrong) {
		c.kill()
		return nil, wrong
	}
	return nil, c.ended()
}

// exchange writes a question and reads a line. It fails if the program ended.
func (c *child) exchange(question []byte) ([]byte, error) {
	if c.length > 0 {
		return nil, extra(c.buffer[:c.length])
	}
	if _, err := c.in.Write(question); err != nil {
		return nil, err
	}
	for seen := 0; ; {
		if end := bytes.IndexByte(c.buffer[seen:c.length], '\n'); end >= 0 {
			line, rest := c.buffer[:seen+end], c.buffer[seen+end+1:c.length]
			if len(rest) > 0 {
				return nil, extra(rest)
			}
			c.length = 0
			return line, nil
		}
		if seen = c.length; seen > maxLine {
			return nil, raft.Breach(fmt.Sprintf("its program's answer has more than %d bytes", maxLine))
		}
		if c.length == len(c.buffer) {
			c.buffer = append(c.buffer, make([]byte, len(c.buffer))...)
		}
		n, err := c.out.Read(c.buffer[c.length:])
		c.length += n
		if err != nil && n == 0 {
			return nil, err
		}
	}
}

func extra(rest []byte) error {
	return raft.Breach(fmt.Sprintf("its program says more than one line to one question: %q",
		rest[:min(len(rest), shownBytes)]))
}

// ended waits for a process that closed its output, was silent for too long, or died, and
// says so in a sentence. The same schedule gives the same sentence: it has no times.
func (c *child) ended() error {
	c.in.Close()
	c.timer.Reset(time.Duration(c.patience.Load()))
	err := c.cmd.Wait()
	c.timer.Stop()
	killGroup(c.cmd)
	words := c.last.words()
	switch exit := (*exec.ExitError)(nil); {
	case c.hung.Load():
		c.patience.Store(int64(laterPatience))
		return raft.Breach("its program gave no answer in time" + words)
	case errors.As(err, &exit) && c.wasAsked(exit):
		panic(raft.Outage{Err: errors.New("its program was asked to end, as this process was")})
	case errors.As(err, &exit):
		return errors.New("its program ended: " + exit.Error() + words)
	}
	return raft.Breach("its program ended before it answered" + words)
}

// endings are the ends of a process that was asked to end: by the signal, or by a handler of it.
var endings = []string{
	"signal: hangup", "signal: interrupt", "signal: terminated",
	"exit status 129", "exit status 130", "exit status 143",
}

// wasAsked reports whether a process ended so by a signal that this one got too, perhaps a little
// later: the end of a service signals every process of it.
func (c *child) wasAsked(exit *exec.ExitError) bool {
	if !slices.Contains(endings, exit.Error()) {
		return false
	}
	select {
	case <-c.asked:
		return true
	case <-patience.New(time.Duration(c.doubt.Swap(0))).C:
		return false
	}
}

// kill ends the process and everything that it started, and waits for it.
func (c *child) kill() {
	c.timer.Stop()
	killGroup(c.cmd)
	c.in.Close()
	c.cmd.Wait() // its exit status says nothing after a kill
}

// tail keeps the end of the standard error.
type tail struct {
	sync.Mutex
	text []byte
}

// maxTail is the most bytes of the standard error that are kept.
const maxTail = 1 << 12

// Write keeps the end of b.
func (t *tail) Write(b []byte) (int, error) {
	t.Lock()
	defer t.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(b), nil
}

// addresses are left out of last words: they differ from run to run.
var addresses = regexp.MustCompile("0x[0-9a-fA-F]+")

// words is the last line of the standard error as the end of a sentence.
func (t *tail) words() string {
	t.Lock()
	defer t.Unlock()
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return ""
	}
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return "; its last words: " + addresses.ReplaceAllString(last, "0x...")
}
