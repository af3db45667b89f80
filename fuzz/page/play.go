package page

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Player lets a person play: the page has a button for each event that is enabled, and the
// system carries out the events. The page holds the schedule and sends it whole; each
// request runs it from the beginning, so that an undo is a shorter schedule.
type Player struct {
	System   raft.System
	Services service.Set
	Schedule *faults.Schedule // with which the page begins
	Title    string
	Token    string // the first part of every address; keeps other users of the machine out
	Folder   string // in which schedules are saved
	// Draw, if set, runs a schedule and draws it elsewhere, such as in a process apart.
	Draw func(Form, *faults.Schedule) (Drawn, error)

	running sync.Mutex // a system may not be safe for concurrent use
}

// ServeHTTP serves the page and carries out its requests. A request for another host than
// the loopback is refused: a page of a stranger could have renamed it (DNS rebinding).
func (p *Player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !onLoopback(r.Host) || subtle.ConstantTimeCompare([]byte(token), []byte(p.Token)) != 1 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch r.Method + " " + verb {
	case "GET ":
		p.page(w)
	case "POST run":
		p.carryOut(w, r, p.run)
	case "POST save":
		p.carryOut(w, r, p.save)
	default:
		http.NotFound(w, r)
	}
}

// onLoopback reports whether a host is this machine's loopback.
func onLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	ip := net.ParseIP(name)
	return err == nil && (name == "localhost" || ip != nil && ip.IsLoopback())
}

// page writes the page of the first schedule.
func (p *Player) page(w http.ResponseWriter) {
	p.running.Lock()
	defer p.running.Unlock()
	drawn, err := p.draw(Play, p.Schedule)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(drawn.Body) // an error is of the connection
}

// draw runs a schedule and draws it. An outage is an error, as of a program in another
// language that does not start any more.
func (p *Player) draw(form Form, s *faults.Schedule) (drawn Drawn, err error) {
	defer func() {
		switch outage := recover().(type) {
		case nil:
		case raft.Outage:
			err = outage
		default:
			panic(outage)
		}
	}()
	if p.Draw != nil {
		return p.Draw(form, s)
	}
	return Draw(form, p.System, p.Services, s, p.Title, trial.Watch{}, nil)
}

// carryOut reads a schedule, and answers with a value as JSON or with the reason why there
// is none. That is no error of HTTP: the page shows it.
func (p *Player) carryOut(w http.ResponseWriter, r *http.Request, act func(*faults.Schedule) (any, error)) {
	answer, err := p.answer(http.MaxBytesReader(w, r.Body, faults.MaxFileBytes), act)
	if err != nil {
		answer = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer) // an error is of the connection
}

// answer carries out an act on the schedule in a text.
func (p *Player) answer(from io.Reader, act func(*faults.Schedule) (any, error)) (any, error) {
	text, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	p.running.Lock() // not before: the text may come slowly
	defer p.running.Unlock()
	s, err := p.parse(text)
	if err != nil {
		return nil, err
	}
	return act(s)
}

// parse reads a schedule that the system can run.
func (p *Player) parse(text []byte) (*faults.Schedule, error) {
	s, err := faults.Parse("schedule", text, p.Services)
	if err != nil {
		return nil, err
	}
	if s.System != p.System.Name() {
		return nil, fmt.Errorf("expected a schedule of %s, found one of %s", p.System.Name(), s.System)
	}
	return s, s.Suits(p.System)
}

// run runs a schedule.
func (p *Player) run(s *faults.Schedule) (any, error) {
	drawn, err := p.draw(Data, s)
	return json.RawMessage(drawn.Body), err
}

// save writes a schedule with its verdicts to a file, whose name follows from its text.
func (p *Player) save(s *faults.Schedule) (any, error) {
	drawn, err := p.draw(Data, s)
	if err != nil {
		return nil, err
	}
	s.Golden = drawn.Lines
	name := fmt.Sprintf("played-%08x.txt", uint32(trace.HashBytes(0, []byte(s.String()))))
	if err := trial.WriteWhole(p.Folder, name, []byte(s.String())); err != nil {
		return nil, err
	}
	return map[string]string{"file": name}, nil
}
