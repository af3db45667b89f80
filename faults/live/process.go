package live

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server's process. The kernel ends it with the sandbox.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// outputDelay bounds the wait for the output of a process that has ended.
const outputDelay = time.Second

// startProcess starts a command whose output goes to a log, unless it goes elsewhere.
func startProcess(cmd *exec.Cmd, log *journal, start func(*exec.Cmd) error) (*process, error) {
	if cmd.Stderr = log; cmd.Stdout == nil {
		cmd.Stdout = log
	}
	cmd.WaitDelay = outputDelay
	if err := start(cmd); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	go func() {
		cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// gone reports whether the process has ended.
func (p *process) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// signal sends a signal, unless the process is gone.
func (p *process) signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// kill ends the process and waits for its end. An fsync that hangs has to end first.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// journal keeps the end of a server's output: a server that prints without end costs no
// more memory than one that is quiet.
type journal struct {
	mu   sync.Mutex
	text []byte
}

// journalBytes is the least that a journal keeps, and half of the most.
const journalBytes = 1 << 20

// Write appends output. It never fails.
func (j *journal) Write(output []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text = append(j.text, output...)
	if len(j.text) > 2*journalBytes {
		j.text = append(j.text[:0], j.text[len(j.text)-journalBytes:]...)
	}
	return len(output), nil
}

// lines has the last lines of the output.
func (j *journal) lines(most int) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := bytes.Split(bytes.TrimSpace(j.text), []byte("\n"))
	all = all[max(0, len(all)-most):]
	lines := make([]string, len(all))
	for i, line := range all {
		lines[i] = string(line[:min(len(line), maxLine)])
	}
	return lines
}

// reason is the line of the output that says best why a process ended.
func (j *journal) reason() string {
	lines := j.lines(logLines)
	for i := len(lines) - 1; i >= 0; i-- {
		for _, word := range []string{"panic: ", "\"level\":\"fatal\"", "\"level\":\"panic\"", "Caused by: "} {
			if strings.Contains(lines[i], word) {
				return lines[i]
			}
		}
	}
	return lines[len(lines)-1]
}

// maxLine is the most of a line of a server's log that is shown.
const maxLine = 400
