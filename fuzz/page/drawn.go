package page

import (
	"bytes"
	"encoding/json"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Form is the form in which a run is drawn.
type Form uint8

const (
	Still Form = iota // a page
	Play              // the page with which a person plays on
	Data              // the data of that page, as JSON
)

// Drawn is a run in a form, and its verdicts.
type Drawn struct {
	Body    []byte
	Lines   []string // of the result
	Outcome models.Outcome
}

// Draw runs a schedule and draws the run. The title names the schedule, and the runner of
// the schedule calls the functions of watch. A death is the result of a run that violated
// Survival, and ends the drawn run at its event, if it has one; nil for a system that survives.
func Draw(
	form Form, system raft.System, set service.Set, s *faults.Schedule, title string, watch trial.Watch,
	death *trial.Result,
) (Drawn, error) {
	enabled := func(r *recorder) {
		for e := range r.world.Enabled() {
			r.run.Enabled = append(r.run.Enabled, e.String())
		}
	}
	if form == Still {
		enabled = func(*recorder) {}
	}
	r, result := record(system, set, s, title, watch, enabled, death)
	drawn := Drawn{Lines: result.Lines(), Outcome: result.Outcome()}
	var body bytes.Buffer
	var err error
	if form == Data {
		err = json.NewEncoder(&body).Encode(r.run)
	} else {
		err = r.run.write(&body, form == Play)
	}
	drawn.Body = body.Bytes()
	return drawn, err
}
