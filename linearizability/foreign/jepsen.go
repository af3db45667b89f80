package foreign

import (
	"regexp"
	"strconv"
	"strings"
)

// event is a line of a Jepsen history.
type event struct {
	line    int
	process int    // of a client, from 0
	other   string // in its place, another actor: nemesis
	kind    string // invoke, ok, fail or info
	f       string
	key     value // absent where objects have no keys
	value   value
}

// readEDN reads a history.edn: maps one after the other, or in a vector or a list.
func readEDN(r *recording, text string) error {
	e := &edn{name: r.name, text: text, line: 1}
	end := byte(0)
	switch e.peek() {
	case '[':
		end = ']'
	case '(':
		end = ')'
	}
	if end != 0 {
		e.at++
	}
	p := pairing{recording: r}
	for {
		if done, err := e.finished(end); done || err != nil {
			p.finish()
			return err
		}
		v, err := e.value()
		if err != nil {
			return err
		}
		ev, err := r.event(&v)
		if err == nil {
			err = p.add(&ev)
		}
		if err != nil {
			return err
		}
	}
}

// finished reads the end of the history, if the next byte begins it.
func (e *edn) finished(end byte) (done bool, err error) {
	if end != 0 {
		if done, err = e.ends(end); !done || err != nil {
			return false, err
		}
	}
	switch c := e.peek(); {
	case c == 0:
		return true, nil
	case end != 0:
		return false, e.fail("the end of the file behind the history, found %q", string(c))
	}
	return false, nil
}

// event makes an event of a map.
func (r *recording) event(v *value) (event, error) {
	ev := event{line: v.line, process: -1}
	if v.kind != mapping {
		return ev, fail(r.name, v.line, "a map with :process, :type, :f and :value, found %s", clip(v.word()))
	}
	for i := 0; i+1 < len(v.items); i += 2 {
		if field := &v.items[i]; field.kind == keyword {
			if err := ev.set(r.name, field.text, &v.items[i+1]); err != nil {
				return ev, err
			}
		}
	}
	switch {
	case ev.process < 0 && ev.other == "":
		return ev, fail(r.name, v.line, "a :process, found none")
	case ev.kind == "":
		return ev, fail(r.name, v.line, "a :type, found none")
	case ev.f == "":
		return ev, fail(r.name, v.line, "an :f, found none")
	}
	return ev, nil
}

func (ev *event) set(name, field string, v *value) error {
	switch field {
	case "process":
		return ev.setProcess(name, v)
	case "type":
		switch v.text {
		case "invoke", "ok", "fail", "info":
			ev.kind = v.text
			return nil
		}
		return fail(name, v.line, ":type :invoke, :ok, :fail or :info, found %s", clip(v.word()))
	case "f":
		if v.kind != keyword && v.kind != text && v.kind != symbol {
			return fail(name, v.line, "an :f like :read, found %s", clip(v.word()))
		}
		ev.f = v.text
	case "value":
		ev.value = *v
	case "key":
		ev.key = *v
	}
	return nil
}

func (ev *event) setProcess(name string, v *value) error {
	if v.kind == keyword || v.kind == text {
		ev.other = v.text
	}
	if v.kind == numeral {
		if n, err := strconv.ParseUint(v.text, 10, 31); err == nil {
			ev.process = int(n)
		}
	}
	if ev.process < 0 && ev.other == "" {
		return fail(name, v.line, "a :process from 0, or a keyword, found %s", clip(v.word()))
	}
	return nil
}

// A line of Jepsen's console ends with process, type, f, value and error. The text in
// front of them depends on the settings of its logger.
var logLine = regexp.MustCompile(
	`^(?:.*\s)?(\d+|:[a-z][a-z0-9-]*)\s+:(invoke|ok|fail|info)\s+:(\S+)(?:\s+(.*))?$`)

// readLog reads lines of a console. Lines that are no operations are skipped.
func readLog(r *recording, content string) error {
	p := pairing{recording: r}
	err := eachLine(r.name, content, func(number int, line string) error {
		words := logLine.FindStringSubmatch(line)
		if words == nil {
			return nil
		}
		ev := event{line: number, process: -1, kind: words[2], f: words[3]}
		process := value{kind: keyword, text: strings.TrimPrefix(words[1], ":"), line: number}
		if isDigits(words[1]) {
			process.kind = numeral
		}
		if err := ev.setProcess(r.name, &process); err != nil {
			return err
		}
		switch {
		case words[4] == "" || words[4] == "nil":
		case ev.other != "":
			ev.value = value{kind: text, text: words[4]} // a nemesis may say anything
		default:
			e := &edn{name: r.name, text: words[4], line: number}
			v, err := e.value()
			if err != nil {
				return err
			}
			ev.value = v
		}
		return p.add(&ev)
	})
	p.finish()
	return err
}

// eachLine calls do with every line that is not blank.
func eachLine(name, text string, do func(number int, line string) error) error {
	for number := 1; text != ""; number++ {
		line, rest, _ := strings.Cut(text, "\n")
		if len(line) > maxLineBytes {
			return fail(name, number, "a line of at most %d bytes, found %d", maxLineBytes, len(line))
		}
		if line = strings.TrimSpace(line); line != "" {
			if err := do(number, line); err != nil {
				return err
			}
		}
		text = rest
	}
	return nil
}
