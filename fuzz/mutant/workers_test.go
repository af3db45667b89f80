package mutant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
)

// pool has processes of the program of all mutants. Few carry out all requests, since the start
// of a process takes longer than most of them.
type pool struct {
	mu   sync.Mutex
	idle []*worker // that wait for a request
}

// worker is a process.
type worker struct {
	cmd      *exec.Cmd
	in       io.Closer // the end of it ends the process
	requests *json.Encoder
	answers  *json.Decoder
	errs     bytes.Buffer
}

// request is for the mutant of a number, or for none if that is 0.
type request struct {
	Number         int
	Verb, Argument string
}

// do has an idle process of the program, or a new one, carry out a request.
func (p *pool) do(program string, q request) (answer json.RawMessage, err error) {
	w, err := p.take(program)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.requests.Encode(q), w.answers.Decode(&answer)); err != nil {
		return nil, fmt.Errorf("%+v: %w\n%s", q, errors.Join(err, w.close()), w.errs.Bytes())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, w)
	return answer, nil
}

func (p *pool) take(program string) (*worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return start(program)
	}
	w := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return w, nil
}

func start(program string) (*worker, error) {
	w := &worker{cmd: exec.Command(program)}
	in, err := w.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.cmd.Stderr = &w.errs
	w.in, w.requests, w.answers = in, json.NewEncoder(in), json.NewDecoder(out)
	return w, w.cmd.Start()
}

// close waits for the end of the process.
func (w *worker) close() error { return errors.Join(w.in.Close(), w.cmd.Wait()) }

// close ends the processes.
func (p *pool) close() (err error) {
	for _, w := range p.idle {
		err = errors.Join(err, w.close())
	}
	return err
}
