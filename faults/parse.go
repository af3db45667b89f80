package faults

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"raftcheck/models/service"
	"raftcheck/raft"
)

// Bounds on the text of a schedule.
const (
	MaxFileBytes = 16 << 20
	MaxLineBytes = 4096
)

// Parse reads a schedule whose clients use a service of the set. Of several blank lines
// between events one is kept. An error names the file and the line, and says which text
// was expected and which was found.
func Parse(file string, text []byte, set service.Set) (*Schedule, error) {
	if len(text) > MaxFileBytes {
		return nil, fmt.Errorf("%s: expected at most %d bytes, found %d", file, MaxFileBytes, len(text))
	}
	p := parser{schedule: &Schedule{}, services: set, part: (*parser).prose}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if err := p.read(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, number, err)
		}
	}
	if p.headers < len(headers) {
		return nil, fmt.Errorf("%s:%d: expected %q, found the end of the file",
			file, number+1, p.form(p.line("")))
	}
	return p.schedule, nil
}

// parser reads the parts of a file one after the other: prose, header, events, verdict.
type parser struct {
	schedule *Schedule
	part     func(*parser, string) error
	headers  int // how many lines of the header were read or left out
	services service.Set
	blank    bool // whether blank lines stand before the next event or remark
	ticks    int  // of all events so far
}

func (p *parser) read(line string) error {
	line = strings.TrimSpace(line)
	if len(line) > MaxLineBytes {
		return tooLong(len(line))
	}
	if at := unprintable(line); at >= 0 {
		return fmt.Errorf("expected UTF-8 without control characters, found %s", quoteAt(line, at))
	}
	return p.part(p, line)
}

func tooLong(length int) error {
	return fmt.Errorf("expected a line of at most %d bytes, found %d", MaxLineBytes, length)
}

func (p *parser) prose(line string) error {
	if text, ok := strings.CutPrefix(line, "#"); ok {
		text = strings.TrimPrefix(text, " ")
		if length := len("# ") + len(text); length > MaxLineBytes {
			return tooLong(length) // as String would write it
		}
		p.schedule.Prose = append(p.schedule.Prose, text)
		return nil
	}
	if line == "" {
		return nil
	}
	p.part = (*parser).header
	return p.header(line)
}

// headers are the lines of the header, in their order.
var headers = [...]struct {
	name, form string
	optional   bool
	read       func(*parser, string) bool
}{
	{"system", "system NAME, of at most 64 of a-z 0-9 - + . (# begins prose)", false, readSystem},
	{"nodes", fmt.Sprintf("nodes N, of 1 to %d", MaxNodes), false, readNodes},
	{"voters", "voters N, of 1 to the number of nodes", true, readVoters},
	{"learners", "learners NODES, which are outside of the voters", true, readLearners},
	{"prevote", "prevote on", true, readPreVote},
	{"service", "service NAME, one of ", true, readService},
	{"tick", fmt.Sprintf("tick Nms, of 1 to %d", MaxTickMillis), true, readTick},
	{"rand", "rand SEED, of 0 to 18446744073709551615", false, readRand},
}

func (p *parser) header(line string) error {
	name, value, _ := strings.Cut(line, " ")
	p.headers = p.line(name)
	h := headers[p.headers]
	if name != h.name || !h.read(p, strings.TrimSpace(value)) {
		return fmt.Errorf("expected %q, found %s", p.form(p.headers), quote(line))
	}
	if p.headers++; p.headers == len(headers) {
		if s := p.schedule; s.Service == nil && !s.Use(p.services, "") {
			return errors.New("expected services for the clients, found none")
		}
		p.part = (*parser).firstEvent
	}
	return nil
}

// form is how a line of the header is written, for errors.
func (p *parser) form(line int) string {
	if h := headers[line]; h.name == "service" {
		return h.form + p.services.Names()
	}
	return headers[line].form
}

// line is the next line of the header that has the name or may not be left out.
func (p *parser) line(name string) int {
	i := p.headers
	for headers[i].optional && headers[i].name != name {
		i++
	}
	return i
}

func readSystem(p *parser, value string) bool {
	p.schedule.System = value
	return ValidName(value)
}

// ValidName reports whether a system may have the name: it is part of schedules and of file names.
func ValidName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-+."
	return name != "" && len(name) <= 64 && strings.Trim(name, letters) == "" && name[0] != '.'
}

func readNodes(p *parser, value string) bool {
	n, ok := parseNumber(value, 1, MaxNodes)
	p.schedule.Nodes = int(n)
	return ok
}

func readVoters(p *parser, value string) bool {
	s := p.schedule
	n, ok := parseNumber(value, 1, int64(s.Nodes))
	if s.Voters = int(n); s.Voters == s.Nodes {
		s.Voters = 0
	}
	return ok
}

func readLearners(p *parser, value string) bool {
	s, words := p.schedule, strings.Fields(value)
	for _, word := range words {
		var id raft.NodeID
		if !parseNode(word, s.Nodes, &id) || s.Learners.Has(id) || s.First().Has(id) {
			return false
		}
		s.Learners = s.Learners.With(id)
	}
	return len(words) > 0
}

func readPreVote(p *parser, value string) bool {
	p.schedule.PreVote = value == "on"
	return p.schedule.PreVote
}

func readService(p *parser, value string) bool {
	return value != "" && p.schedule.Use(p.services, value)
}

func readTick(p *parser, value string) bool {
	number, ok := strings.CutSuffix(value, "ms")
	n, valid := parseNumber(number, 1, MaxTickMillis)
	p.schedule.TickMillis = int(n)
	return ok && valid
}

func readRand(p *parser, value string) bool {
	n, err := strconv.ParseUint(value, 10, 64)
	p.schedule.Rand = n
	return err == nil && strconv.FormatUint(n, 10) == value
}

// firstEvent passes over the blank lines between the header and the events.
func (p *parser) firstEvent(line string) error {
	if line == "" {
		return nil
	}
	p.part = (*parser).event
	return p.event(line)
}

func (p *parser) event(line string) error {
	s := p.schedule
	switch {
	case line == "":
		p.blank = true
		return nil
	case line == ruler:
		s.Golden = []string{}
		p.part = (*parser).golden
		return nil
	}
	if p.blank {
		s.Notes = append(s.Notes, Note{Before: len(s.Events)})
		p.blank = false
	}
	if line[0] == '#' {
		s.Notes = append(s.Notes, Note{Before: len(s.Events), Text: line})
		return nil
	}
	if len(s.Events) == MaxEvents {
		return fmt.Errorf("expected at most %d events, found more", MaxEvents)
	}
	e, err := ParseEvent(line, s.Nodes, s.Service)
	if err != nil {
		return err
	}
	if p.ticks += e.ticks(); p.ticks > MaxTicks {
		return fmt.Errorf("expected at most %d ticks in all, found %d", MaxTicks, p.ticks)
	}
	s.Events = append(s.Events, e)
	return nil
}

func (p *parser) golden(line string) error {
	if line != "" {
		p.schedule.Golden = append(p.schedule.Golden, line)
	}
	return nil
}

// unprintable returns the position of the first byte that is not UTF-8, or is a control
// character; -1 if there is none.
func unprintable(line string) int {
	for i, r := range line {
		if unicode.IsControl(r) || r == utf8.RuneError && !strings.HasPrefix(line[i:], string(r)) {
			return i
		}
	}
	return -1
}

// maxQuoted is the most bytes of a line that an error quotes.
const maxQuoted = 80

// quoteAt quotes a line for an error about its byte at a position. Of a long line it quotes
// the part from there on, with its column.
func quoteAt(line string, at int) string {
	if len(line) <= maxQuoted {
		return quote(line)
	}
	return fmt.Sprintf("%s in column %d", quote(line[at:]), 1+utf8.RuneCountInString(line[:at]))
}

// quote quotes a text for an error, cut to maxQuoted bytes.
func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.QuoteToASCII(s[:maxQuoted]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
