package command

import (
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/apart"
	keep "raftcheck/fuzz/campaign"
	"raftcheck/fuzz/page"
	"raftcheck/fuzz/trial"
)

// tasks are the parts of commands that are carried out where the system runs, by name.
var tasks = map[string]apart.Task{
	"choices": choicesTask, "explore": exploreTask, "hunt": huntTask, "neighbourhood": nearTask,
	"page": drawTask,
}

// seldom says when it is time to send progress.
type seldom struct{ last time.Time }

// progressEach is the time between two reports of progress.
const progressEach = 100 * time.Millisecond

func (s *seldom) now() bool {
	if time.Since(s.last) < progressEach {
		return false
	}
	s.last = time.Now()
	return true
}

// pageOrder asks for a schedule to be drawn.
type pageOrder struct {
	Schedule, Title string
	Form            page.Form
	Death           *trial.Result // see [page.Draw]
}

// drawnPart is the answer: the page, or why there is none.
type drawnPart struct {
	page.Drawn
	Error string
}

func drawTask(w *apart.Work) {
	var o pageOrder
	w.Get(&o)
	var part drawnPart
	s, err := faults.Parse(o.Title, []byte(o.Schedule), w.Services)
	if err == nil {
		part.Drawn, err = page.Draw(o.Form, w.System, w.Services, s, o.Title, w.Watch(), o.Death)
	}
	if err != nil {
		part.Error = err.Error()
	}
	w.Send(part)
}

// choicesOrder asks for the choices of a generated schedule.
type choicesOrder struct {
	Seed   uint64
	Number int
}

func choicesTask(w *apart.Work) {
	var o choicesOrder
	w.Get(&o)
	runner := trial.NewRunner(w.System, w.Services)
	runner.Watch(w.Watch())
	w.Send(keep.Choices(runner, o.Seed, o.Number))
}
