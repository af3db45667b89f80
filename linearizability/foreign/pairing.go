package foreign

import (
	"strings"

	"raftcheck/linearizability"
)

// pairing finds the call of each return. Times are places in the file.
type pairing struct {
	*recording
	time   int64
	open   map[int]int // process -> its call, in calls
	faults map[string]fault
}

// fault is the last one of its process and :f.
type fault struct {
	note   int  // in notes
	paired bool // both of its lines were read
}

func (p *pairing) add(ev *event) error {
	p.time++
	if ev.other != "" {
		p.addFault(ev)
		return nil
	}
	i, waiting := p.open[ev.process]
	if ev.kind == "invoke" {
		if waiting {
			return fail(p.name, ev.line, "the return of %s by process %d, called in line %d, found another call",
				p.calls[i].f, ev.process, p.calls[i].line)
		}
		if p.open == nil {
			p.open = make(map[int]int)
		}
		p.open[ev.process] = len(p.calls)
		return p.call(call{
			line: ev.line, client: ev.process, called: p.time, returned: linearizability.Pending,
			key: ev.key, f: ev.f, arg: ev.value, outcome: unknown,
		})
	}
	if !waiting || p.calls[i].f != ev.f {
		return fail(p.name, ev.line, "the return of a call, found that of %s, which process %d has not called",
			ev.f, ev.process)
	}
	delete(p.open, ev.process)
	c := &p.calls[i]
	switch ev.kind {
	case "ok":
		c.outcome, c.returned, c.answer = answered, p.time, ev.value
	case "fail":
		c.outcome, c.returned = failed, p.time
	}
	return nil
}

// addFault keeps a line of a nemesis. Lines come in pairs: it begins, it is done. A fault
// that starts goes on until it stops, as :start-partition until :stop-partition.
func (p *pairing) addFault(ev *event) {
	if p.faults == nil {
		p.faults = make(map[string]fault)
	}
	described := describe(ev)
	if rest, ok := strings.CutPrefix(ev.f, "stop"); ok {
		if f, started := p.faults[ev.other+" start"+rest]; started {
			p.notes[f.note].End = p.time
			delete(p.faults, ev.other+" start"+rest)
		}
	}
	name := ev.other + " " + ev.f
	if f, again := p.faults[name]; again && !f.paired {
		p.notes[f.note].End = p.time
		p.notes[f.note].Text = described // the second line has the result
		p.faults[name] = fault{f.note, true}
		return
	}
	p.faults[name] = fault{note: len(p.notes)}
	p.notes = append(p.notes, linearizability.Annotation{
		Row: ev.other, Start: p.time, End: p.time, Text: described,
	})
}

// describe is a line of a nemesis as a picture shows it.
func describe(ev *event) string {
	const enough = 100 // runes
	said := ev.value.text
	switch ev.value.kind {
	case absent:
		return ":" + ev.f
	case text:
	default:
		said = ev.value.word()
	}
	if runes := []rune(said); len(runes) > enough {
		said = string(runes[:enough]) + "..."
	}
	return ":" + ev.f + " " + said
}

// finish lets a fault that never stopped last as long as the history.
func (p *pairing) finish() {
	for name, f := range p.faults {
		if _, f0, _ := strings.Cut(name, " "); strings.HasPrefix(f0, "start") {
			p.notes[f.note].End = p.time
		}
	}
}
