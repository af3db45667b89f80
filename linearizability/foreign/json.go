package foreign

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"raftcheck/linearizability"
)

// maxTime leaves room for doubling a time, see double.
const maxTime = linearizability.Pending/2 - 1

// jsonLine is a line of the format that the package's documentation has.
type jsonLine struct {
	Client  *uint32         `json:"client"`
	Call    *int64          `json:"call"`
	Return  *int64          `json:"return"`
	Key     json.RawMessage `json:"key"`
	Op      string          `json:"op"`
	Arg     json.RawMessage `json:"arg"`
	Answer  json.RawMessage `json:"answer"`
	Unknown bool            `json:"unknown"`
	Failed  bool            `json:"failed"`
	Fault   string          `json:"fault"`
}

// readJSON reads an operation or a fault a line.
func readJSON(r *recording, text string) error {
	err := eachLine(r.name, text, func(number int, line string) error {
		var l jsonLine
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&l); err != nil {
			return fail(r.name, number, "a JSON object of the fields client, call, return, key, op, arg, answer, "+
				"unknown, failed and fault, found %s: %v", clip(line), err)
		}
		if _, err := decoder.Token(); err != io.EOF {
			return fail(r.name, number, "one JSON object a line, found more behind it")
		}
		if problem := l.check(); problem != "" {
			return fail(r.name, number, "%s", problem)
		}
		if l.Fault != "" {
			r.notes = append(r.notes, faultNote(*l.Call, *l.Return, l.Fault))
			return nil
		}
		return r.jsonCall(&l, number)
	})
	if err != nil {
		return err
	}
	r.double()
	return r.takeTurns()
}

// check names the first wrong field of a line, "" if none is.
func (l *jsonLine) check() string {
	operation := l.Op != "" || l.Client != nil || l.Unknown || l.Failed ||
		l.Key != nil || l.Arg != nil || l.Answer != nil
	switch {
	case l.Call == nil || *l.Call < 0 || *l.Call > maxTime:
		return "a call from 0 to 2^62, found none"
	case l.Return != nil && (*l.Return < *l.Call || *l.Return > maxTime):
		return "a return from the call to 2^62, found another"
	case l.Fault != "" && operation:
		return "either an operation or a fault, found both"
	case l.Fault != "" && l.Return == nil:
		return "a return of the fault, found none"
	case l.Fault != "":
		return ""
	case l.Client == nil || l.Op == "":
		return "a client and an op, found none"
	case l.Unknown && l.Failed:
		return "either unknown or failed, found both"
	case l.Unknown && (l.Return != nil || isGiven(l.Answer)):
		return "no return and no answer of an unknown operation, found one"
	case l.Failed && isGiven(l.Answer):
		return "no answer of a failed operation, found one"
	case !l.Unknown && !l.Failed && l.Return == nil:
		return "a return, or unknown, found neither"
	}
	return ""
}

func isGiven(raw json.RawMessage) bool { return raw != nil && string(raw) != "null" }

func (r *recording) jsonCall(l *jsonLine, number int) error {
	c := call{line: number, client: int(*l.Client), called: *l.Call, f: l.Op, strict: true}
	switch {
	case l.Unknown:
		c.outcome, c.returned = unknown, linearizability.Pending
	case l.Failed:
		c.outcome = failed
	default:
		c.outcome, c.returned = answered, *l.Return
	}
	c.mute = l.Answer == nil && c.outcome == answered
	var problems [3]string
	c.key, problems[0] = jsonValue(l.Key)
	c.arg, problems[1] = jsonValue(l.Arg)
	c.answer, problems[2] = jsonValue(l.Answer)
	if problem := cmp.Or(problems[:]...); problem != "" {
		return fail(r.name, number, "%s", problem)
	}
	return r.call(c)
}

// jsonValue reads the value of a field; a missing one is null.
func jsonValue(raw json.RawMessage) (v value, problem string) {
	if raw == nil {
		return value{}, ""
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return value{}, "a JSON value, found " + clip(string(raw)) // the line was JSON
	}
	return fromJSON(decoded, 0)
}

func fromJSON(decoded any, depth int) (v value, problem string) {
	if depth == maxDepth {
		return v, "fewer lists in lists, found too many"
	}
	add := func(item any) {
		nested, wrong := fromJSON(item, depth+1)
		if problem == "" {
			problem = wrong
		}
		v.items = append(v.items, nested)
	}
	switch d := decoded.(type) {
	case bool:
		v.kind, v.text = boolean, map[bool]string{true: "true", false: "false"}[d]
	case json.Number:
		word, ok := numberWord(d.String())
		if !ok {
			return v, "a number that is not too large, found " + clip(d.String())
		}
		v.kind, v.text = numeral, word
	case string:
		v.kind, v.text = text, d
	case []any:
		v.kind = list
		for _, item := range d {
			add(item)
		}
	case map[string]any:
		v.kind = mapping
		for name, item := range d {
			add(name)
			add(item)
		}
	}
	return v, problem
}

// double doubles all times if some operation took none, to have room for its return.
func (r *recording) double() {
	none := func(c call) bool { return c.outcome == answered && c.returned == c.called }
	if r.doubled = slices.ContainsFunc(r.calls, none); !r.doubled {
		return
	}
	for i := range r.calls {
		c := &r.calls[i]
		c.called *= 2
		if c.outcome == answered {
			c.returned = max(2*c.returned, c.called+1)
		}
	}
	for i := range r.notes {
		r.notes[i].Start *= 2
		r.notes[i].End *= 2
	}
}

// takeTurns wants one operation of a client at a time.
func (r *recording) takeTurns() error {
	order := make([]*call, 0, len(r.calls))
	for i := range r.calls {
		if r.calls[i].outcome != failed {
			order = append(order, &r.calls[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *call) int { return cmp.Compare(a.called, b.called) })
	last := map[int]*call{}
	for _, c := range order {
		if before := last[c.client]; before != nil && before.outcome == answered && c.called < before.returned {
			return fail(r.name, c.line, "a call of client %d behind its return in line %d, found an earlier one",
				c.client, before.line)
		}
		last[c.client] = c
	}
	return nil
}
