package foreign

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"raftcheck/linearizability"
	"raftcheck/linearizability/model"
)

// Format is how a file writes a history.
type Format string

// The formats; the package's documentation describes them.
const (
	Text Format = "text"
	EDN  Format = "edn"
	Log  Format = "log"
	JSON Format = "json"
)

// Formats has each format, with a word about it.
func Formats() [][2]string {
	return [][2]string{
		{string(Text), "history file of raftcheck"}, {string(EDN), "Jepsen's history.edn"},
		{string(Log), "lines of Jepsen's console"}, {string(JSON), "JSON lines, an operation a line"},
	}
}

// FailedCas is the meaning of a compare-and-swap that Jepsen calls failed. The
// wrong one makes a right system look wrong, or hides an answer that was wrong.
type FailedCas string

const (
	// Answered: the value was another, which must be true.
	Answered FailedCas = "answered"
	// Never: it did not happen, for any reason, as Jepsen defines :fail.
	Never FailedCas = "never"
)

// Options supplement a file.
type Options struct {
	Format    Format    // "" is found by looking
	Model     string    // "" is the first model that has all operations
	Initial   string    // value before any operation, as the format writes values; "" is nil
	FailedCas FailedCas // "" makes a failed cas an error
}

// Recording is a history that was read.
type Recording struct {
	Format  Format
	Model   string                  // a name of package model, election, or that of a text
	Initial string                  // the word for the value before any operation
	Expect  linearizability.Outcome // NotChecked if the file does not say
	History linearizability.History
	First   int                          // the line of the first operation of a text; the others follow it
	Notes   []linearizability.Annotation // the faults that the file has
	Shifted bool                         // process p of the file is client p+1, as clients count from 1
	Doubled bool                         // times are twice those of the file, as an operation took none
}

// call is an operation of a file.
type call struct {
	line             int
	client           int // as in the file, from 0
	shift            int // to be added, as histories count clients from 1
	called, returned int64
	key              value
	f                string
	arg, answer      value
	outcome          outcome
	mute             bool // answered, though the file has no answer
	strict           bool // a JSON line, which says true or false where there are two answers
}

// outcome is the outcome of an operation.
type outcome uint8

const (
	unknown outcome = iota
	answered
	failed // it never happened
)

// recording is a history that is being read.
type recording struct {
	name    string
	calls   []call
	notes   []linearizability.Annotation
	doubled bool // see double
}

func (r *recording) call(c call) error {
	if len(r.calls) == maxOperations {
		return fail(r.name, c.line, "at most %d operations, found another", maxOperations)
	}
	r.calls = append(r.calls, c)
	return nil
}

// readers of the formats that are not our own.
var readers = map[Format]func(r *recording, text string) error{EDN: readEDN, Log: readLog, JSON: readJSON}

// Read reads a history. Errors begin with name and a line. A file of more than
// 64 MiB, or of more than a million operations, is refused, and so is one with
// neither an operation nor a fault.
func Read(name string, content []byte, o Options) (*Recording, error) {
	if len(content) > maxFileBytes {
		return nil, fail(name, 1, "a file of at most %d bytes, found %d", maxFileBytes, len(content))
	}
	format := o.Format
	if format == "" {
		if format = look(content); format == "" {
			return nil, fail(name, 1, "a history: a text, history.edn, lines of Jepsen's console or JSON lines; "+
				"found %s", clip(string(content[:min(len(content), 128)])))
		}
	}
	if format == Text {
		return readText(name, content, o)
	}
	r := &recording{name: name}
	reader, ok := readers[format]
	if !ok {
		return nil, fmt.Errorf("%s: no format %q", name, format)
	}
	if err := reader(r, string(content)); err != nil {
		return nil, err
	}
	if len(r.calls) == 0 && len(r.notes) == 0 {
		return nil, fail(name, 1, "an operation in format %s, found none", format)
	}
	return r.translate(format, o)
}

// readText reads a history of our own, whose header names the model.
func readText(name string, content []byte, o Options) (*Recording, error) {
	file, err := linearizability.Parse(name, content)
	if err != nil {
		return nil, err
	}
	if o.Model != "" && o.Model != file.Model {
		return nil, fmt.Errorf("%s: expected a history of %s, found one of %s", name, o.Model, file.Model)
	}
	read := &Recording{
		Format: Text, Model: file.Model, Initial: cmp.Or(o.Initial, model.Nil),
		Expect: file.Expect, History: file.History, First: file.FirstLine(),
	}
	for _, f := range file.Faults {
		read.Notes = append(read.Notes, faultNote(f.Start, f.End, f.Text))
	}
	return read, nil
}

func faultNote(start, end int64, text string) linearizability.Annotation {
	return linearizability.Annotation{Row: "faults", Start: start, End: end, Text: text}
}

// look finds the format of a file; "" if it is none.
func look(content []byte) Format {
	if bytes.HasPrefix(content, []byte("# ")) || bytes.HasPrefix(content, []byte("#\n")) ||
		bytes.HasPrefix(content, []byte("model ")) {
		return Text
	}
	e := &edn{text: string(content[:min(len(content), maxLineBytes)]), line: 1}
	switch e.peek() {
	case '(', '[', '#':
		return EDN
	case '{':
		e.at++
		if c := e.peek(); c == '"' || c == '}' {
			return JSON
		}
		return EDN
	}
	for line := range strings.Lines(e.text) {
		if len(line) <= maxLineBytes && logLine.MatchString(strings.TrimSpace(line)) {
			return Log
		}
	}
	return ""
}

// translate puts the operations into the words of their model.
func (r *recording) translate(format Format, o Options) (*Recording, error) {
	initial, err := initialWord(o.Initial)
	if err != nil {
		return nil, err
	}
	name := o.Model
	if name == "" {
		if name = r.guess(); name == "" {
			return nil, fail(r.name, r.calls[0].line, "operations of one model, found %s", r.operations())
		}
	}
	to := &Recording{Format: format, Model: name, Initial: initial, Notes: r.notes,
		Shifted: r.namesClientZero(name), Doubled: r.doubled}
	r.splitPairs(name)
	for i := range r.calls {
		c := &r.calls[i]
		if to.Shifted {
			c.shift = 1
		}
		f, ok := formOf(name, c.f)
		if !ok {
			return nil, fail(r.name, c.line, "an operation of model %s, found %s", name, clip(c.f))
		}
		keep, err := c.decideCas(f, o.FailedCas)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", r.name, c.line, err)
		}
		if !keep {
			continue
		}
		op, err := c.operation(f)
		if err != nil {
			return nil, fail(r.name, c.line, "%v", err)
		}
		to.History = append(to.History, op)
	}
	if name == "txn" {
		unite(to.History)
	}
	return to, nil
}

// initialWord is a value of the command line, which is one of EDN.
func initialWord(s string) (string, error) {
	if s == "" {
		return model.Nil, nil
	}
	e := &edn{name: "initial value", text: s, line: 1}
	v, err := e.value()
	if err == nil && e.peek() != 0 {
		err = e.fail("one value, found %s", clip(s))
	}
	return v.word(), err
}

// decideCas says whether an operation counts at all. A failed one does not, but
// for a compare-and-swap that was answered.
func (c *call) decideCas(f form, meaning FailedCas) (keep bool, err error) {
	switch {
	case c.outcome != failed:
		return true, nil
	case f.verb != "cas" || c.strict:
		return false, nil // JSON lines say that it never happened
	case meaning == "":
		return false, fmt.Errorf("expected the meaning of a failed %s, which the file does not say; give "+
			"-failed-cas answered if the answer was that the value is another, and "+
			"-failed-cas never if it did not happen", c.f)
	case meaning == Never:
		return false, nil
	}
	c.outcome, c.answer = answered, value{kind: boolean, text: "false"}
	return true, nil
}

// operation is the call in the words of its model.
func (c *call) operation(f form) (op linearizability.Operation, err error) {
	op = linearizability.Operation{Client: c.client + c.shift, Key: "x", Call: c.called, Return: c.returned}
	if c.key.kind != absent {
		op.Key = c.key.keyWord()
	}
	if op.Input, err = f.input(c); err == nil && f.answer == elected {
		err = checkElection(op.Input)
	}
	if err != nil {
		return op, err
	}
	if c.outcome == answered {
		op.Output, err = f.output(c)
	}
	return op, err
}

// splitPairs takes the key out of values that are all [key value], as those of
// jepsen.independent are. The values of registers, keys, queues and sets are no
// lists; if one is, not all of them are pairs, as a read is called with nil.
func (r *recording) splitPairs(named string) {
	for i := range r.calls {
		c := &r.calls[i]
		f, ok := formOf(named, c.f)
		if !ok || c.key.kind != absent || !isPair(&c.arg) || f.arg == several ||
			f.arg == pair && !isPair(&c.arg.items[1]) {
			return
		}
		if c.answer.kind != absent && !isPair(&c.answer) {
			return
		}
	}
	for i := range r.calls {
		c := &r.calls[i]
		c.key, c.arg = c.arg.items[0], c.arg.items[1]
		if isPair(&c.answer) {
			c.answer = c.answer.items[1]
		}
	}
}

func isPair(v *value) bool { return v.kind == list && len(v.items) == 2 }
