package mutant

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"raftcheck/fuzz/trial"
	"raftcheck/raft/reference"
)

// Limits of a mutant's file.
const (
	MaxFileBytes = 1 << 20
	MaxLineBytes = 1024
	MaxSeconds   = 600
)

// Parse parses the text of a mutant, whose name is that of the file. The error names the
// file and the line, the form expected there and the text found.
func Parse(file string, text []byte) (*Mutant, error) {
	name, ok := strings.CutSuffix(path.Base(file), ".txt")
	file = trial.ShownName(file)
	if !ok || !validName(name) {
		return nil, fmt.Errorf("%s: expected a file named NAME.txt, of a-z 0-9 and -", file)
	}
	if len(text) > MaxFileBytes {
		return nil, fmt.Errorf("%s: expected at most %d bytes, found %d", file, MaxFileBytes, len(text))
	}
	p := parser{mutant: &Mutant{Name: name, file: file}, part: (*parser).prose}
	for line := range strings.Lines(string(text)) {
		p.number++
		if err := p.read(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, p.number, err)
		}
	}
	p.number++
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, p.number, err)
	}
	return p.mutant, nil
}

// validName reports whether a mutant may have a name.
func validName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// parser reads the parts of a file one after the other: prose, header, edits.
type parser struct {
	mutant  *Mutant
	part    func(*parser, string) error
	headers int // the number of header lines read so far
	number  int // the number of the line
}

// read parses a line as the part that is expected.
func (p *parser) read(line string) error {
	if len(line) > MaxLineBytes {
		return fmt.Errorf("expected a line of at most %d bytes, found %d", MaxLineBytes, len(line))
	}
	if !utf8.ValidString(line) || strings.ContainsFunc(line, isControl) {
		return fmt.Errorf("expected UTF-8 without control characters other than tabs, found %s", quoteOdd(line))
	}
	return p.part(p, line)
}

// isControl reports whether a file of a mutant cannot have a character.
func isControl(r rune) bool { return unicode.IsControl(r) && r != '\t' }

// prose parses a line of the prose, or the first line of the header.
func (p *parser) prose(line string) error {
	m := p.mutant
	if text, ok := strings.CutPrefix(line, "#"); ok {
		text = strings.TrimRight(strings.TrimPrefix(text, " "), " ")
		if text != "" || len(m.Prose) > 0 {
			m.Prose = append(m.Prose, text)
			return nil
		}
	}
	if len(m.Prose) == 0 {
		return fmt.Errorf("expected %q, found %s", "# what is wrong", quote(line))
	}
	p.part = (*parser).header
	return p.header(line)
}

// headers lists the lines of the header in their order.
var headers = [...]struct {
	name, form string
	read       func(*Mutant, string) error
}{
	{"source", "source ADDRESS, or a section of a paper, or own", readSource},
	{"property", "property NAME, or several", readProperties},
	{"seconds", fmt.Sprintf("seconds N, of 0 to %d", MaxSeconds), readSeconds},
}

// header parses a line of the header.
func (p *parser) header(line string) error {
	h := &headers[p.headers]
	name, value, _ := strings.Cut(line, " ")
	value = strings.Trim(value, " ")
	if name != h.name || value == "" {
		return fmt.Errorf("expected %q, found %s", h.form, quote(line))
	}
	if err := h.read(p.mutant, value); err != nil {
		return err
	}
	if p.headers++; p.headers == len(headers) {
		p.part = (*parser).schedule
	}
	return nil
}

// schedule parses the optional line of the header.
func (p *parser) schedule(line string) error {
	p.part = (*parser).between
	name, value, _ := strings.Cut(line, " ")
	if name != "schedule" {
		return p.between(line)
	}
	file := strings.Trim(value, " ")
	if !strings.HasPrefix(file, "testdata/") || file != path.Clean(file) || !strings.HasSuffix(file, ".txt") {
		return fmt.Errorf("expected \"schedule FILE\", a text file in testdata, found %s", quote(line))
	}
	p.mutant.Schedule = file
	return nil
}

func readSource(m *Mutant, value string) error {
	m.Source = value
	return nil
}

func readProperties(m *Mutant, value string) error {
	for _, name := range strings.Fields(value) {
		if !judged(name) {
			return fmt.Errorf("expected a property of: %s; found %s", strings.Join(properties(), ", "), quote(name))
		}
		if slices.Contains(m.Properties, name) {
			return fmt.Errorf("expected each property once, found %s again", name)
		}
		m.Properties = append(m.Properties, name)
	}
	return nil
}

// judged reports whether there is a property with a name.
func judged(name string) bool { return slices.Contains(properties(), name) }

// properties lists the names of the properties that are judged in every run of the reference.
func properties() (names []string) {
	for _, p := range trial.Properties(reference.System{}) {
		names = append(names, p.Name)
	}
	return names
}

func readSeconds(m *Mutant, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || strconv.Itoa(n) != value || n < 0 || n > MaxSeconds {
		return fmt.Errorf("expected seconds of 0 to %d, found %s", MaxSeconds, quote(value))
	}
	m.Seconds = n
	return nil
}

// between parses the lines between edits: blank lines, and the first line of an edit.
func (p *parser) between(line string) error {
	if line == "" {
		return nil
	}
	file, ok := strings.CutPrefix(line, "edit ")
	if !ok {
		return fmt.Errorf("expected %q, found %s", "edit FILE", quote(line))
	}
	if err := editable(file); err != nil {
		return err
	}
	p.mutant.Edits = append(p.mutant.Edits, Edit{Path: file, at: p.number})
	p.part = (*parser).line
	return nil
}

// line parses a line of an edit, or the blank line after it.
func (p *parser) line(line string) error {
	e := &p.mutant.Edits[len(p.mutant.Edits)-1]
	if line == "" {
		p.part = (*parser).between
		return e.check()
	}
	text, sign := line[1:], Sign(line[0])
	if sign != Stays && sign != Goes && sign != Comes || text != "" && text[0] != ' ' {
		return fmt.Errorf("expected a line that begins with \"= \", \"- \" or \"+ \", or is blank, found %s",
			quote(line))
	}
	e.Lines = append(e.Lines, Line{sign, strings.TrimPrefix(text, " ")})
	return nil
}

// end returns an error if a part is missing at the end of the file.
func (p *parser) end() error {
	edits := p.mutant.Edits
	switch {
	case len(p.mutant.Prose) == 0:
		return fmt.Errorf("expected %q, found the end of the file", "# what is wrong")
	case p.headers < len(headers):
		return fmt.Errorf("expected %q, found the end of the file", headers[p.headers].form)
	case len(edits) == 0:
		return fmt.Errorf("expected %q, found the end of the file", "edit FILE")
	}
	return edits[len(edits)-1].check()
}

// check returns an error if the edit has no lines to look for, or changes nothing.
func (e *Edit) check() error {
	if strings.Join(e.before(), "") == "" {
		return fmt.Errorf("expected a \"- \" or \"= \" line with text in the edit, found none")
	}
	if slices.Equal(e.before(), e.after()) {
		return fmt.Errorf("expected an edit that changes something, found none")
	}
	return nil
}

// editable returns an error unless a mutant may change the file: a Go file of the
// reference, of Paxos or of the models that is not a test.
func editable(file string) error {
	within := func(folder string) bool { return strings.HasPrefix(file, folder) }
	inside := slices.ContainsFunc([]string{"raft/reference/", "raft/paxos/", "models/"}, within)
	if !inside || file != path.Clean(file) || strings.Contains(file, `\`) ||
		!strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
		return fmt.Errorf("expected a Go file, no test, in raft/reference, raft/paxos or models, found %s",
			quote(file))
	}
	return nil
}

// quoteOdd quotes a line that has a character that it may not have; of a long one, the part
// from there on.
func quoteOdd(line string) string {
	at := strings.IndexFunc(line, func(r rune) bool { return isControl(r) || r == utf8.RuneError })
	if at < 0 || len(line) <= maxQuoted {
		return quote(line)
	}
	return fmt.Sprintf("%s in column %d", quote(line[at:]), 1+utf8.RuneCountInString(line[:at]))
}

// maxQuoted is the most bytes of a line that an error quotes.
const maxQuoted = 80

// quote quotes a text that was found, up to 80 bytes of it.
func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.QuoteToASCII(s[:maxQuoted]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
