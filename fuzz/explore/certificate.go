package explore

import (
	"bytes"
	"cmp"
	"fmt"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"raftcheck/faults"
	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// Certificate is the result of an exploration as text: the code that was explored, the
// start, the bounds, the number of states, and the verdict. A change of behaviour
// changes the text. [Certificate.Exploration] returns the exploration to repeat.
type Certificate struct {
	Code        string // the fingerprint of the system's source, "unknown" if it has none
	FIFO        bool
	NoReduction bool
	Properties  []string // that were judged; none means all
	Bounds      Bounds
	Found       []string // the result, line by line
	Start       *faults.Schedule
}

// Certify returns the certificate of an exploration that ended.
func (e *Exploration) Certify(r *Report) *Certificate { return e.certify(r, codeOf(e.System)) }

// certify returns the certificate of an exploration of a system with this code.
func (e *Exploration) certify(r *Report, code string) *Certificate {
	found := []string{
		fmt.Sprintf("states    %d", r.Distinct),
		fmt.Sprintf("generated %d", r.Generated),
		fmt.Sprintf("beyond    %d", r.Beyond),
		fmt.Sprintf("depth     %d", len(r.Levels)-1),
		fmt.Sprintf("renamings %d", r.Renamings),
		fmt.Sprintf("sum       %v", r.Sum),
	}
	return &Certificate{
		Code: code, FIFO: e.FIFO, NoReduction: e.NoReduction, Properties: e.Properties,
		Bounds: e.Bounds, Found: append(found, r.Lines()...), Start: e.Start,
	}
}

// Lines returns the result line by line: violations, the extent of the search, and
// the outcome.
func (r *Report) Lines() []string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, f.Verdict)
	}
	for _, property := range r.Before {
		lines = append(lines, fmt.Sprintf("violated %s before the exploration begins", property))
	}
	for _, v := range r.NotChecked {
		lines = append(lines, v.String())
	}
	if r.Unkept != "" {
		lines = append(lines, "no message was dropped: "+r.Unkept)
	}
	depth := len(r.Levels) - 1
	switch {
	case r.Stopped != "":
		lines = append(lines, fmt.Sprintf("stopped at depth %d: %s", depth, r.Stopped))
	case r.Exhausted:
		lines = append(lines, "every state within the bounds was visited")
	default:
		lines = append(lines, fmt.Sprintf("every state up to depth %d was visited", depth))
	}
	return append(lines, r.Outcome().String())
}

// Exploration returns the exploration that the certificate certifies, without its
// system, memory and workers.
func (c *Certificate) Exploration() Exploration {
	return Exploration{
		Start: c.Start, Bounds: c.Bounds, FIFO: c.FIFO, NoReduction: c.NoReduction, Properties: c.Properties,
	}
}

// States returns the number of visited states, or -1 if the first line of the result
// does not have it.
func (c *Certificate) States() int {
	if n, err := strconv.Atoi(strings.TrimPrefix(c.Found[0], "states    ")); err == nil {
		return n
	}
	return -1
}

// String returns the certificate as a file. [ParseCertificate] is its inverse.
func (c *Certificate) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-11s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("code", "%s", c.Code)
	line("links", "%s", links(c.FIFO))
	line("reduction", "%s", reduction(c.NoReduction))
	line("properties", "%s", cmp.Or(strings.Join(c.Properties, " "), "all"))
	for i, bound := range BoundNames {
		line(bound.Name, "%d", *c.Bounds.At(i))
	}
	fmt.Fprintf(&b, "%s\n%s\n%s\n", ruler, strings.Join(c.Found, "\n"), ruler)
	start := *c.Start
	start.Golden = nil
	b.WriteString(start.String())
	return b.String()
}

// ruler is the line before the result, and the line before the start.
const ruler = "----"

func links(fifo bool) string {
	if fifo {
		return "ordered"
	}
	return "unordered"
}

func reduction(none bool) string {
	if none {
		return "none"
	}
	return "full"
}

// ParseCertificate reads a certificate whose clients use a service of the set. An error
// names the file and the line.
func ParseCertificate(file string, text []byte, set service.Set) (*Certificate, error) {
	parts := strings.SplitN(string(text), ruler+"\n", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%s: expected two lines %q", file, ruler)
	}
	c := &Certificate{}
	number := 0
	for line := range strings.Lines(parts[0]) {
		number++
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if err := c.set(number-1, name, strings.TrimSpace(value)); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, number, err)
		}
	}
	if want := plainLines + len(BoundNames); number != want {
		return nil, fmt.Errorf("%s:%d: expected %d lines before the first %q, found %d",
			file, number+1, want, ruler, number)
	}
	c.Found = strings.Split(strings.TrimSuffix(parts[1], "\n"), "\n")
	// Blank lines replace the parts before the start, to keep line numbers in errors right.
	read := strings.Count(parts[0], "\n") + strings.Count(parts[1], "\n") + 2
	start, err := faults.Parse(file, []byte(strings.Repeat("\n", read)+parts[2]), set)
	if err != nil {
		return nil, err
	}
	c.Start = start
	if c.States() < 0 {
		return nil, fmt.Errorf("%s: expected \"states N\" after the first %q", file, ruler)
	}
	if c.String() != string(text) {
		return nil, fmt.Errorf("%s: not as it would be written", file)
	}
	return c, nil
}

// plainLines is the number of lines before the bounds.
const plainLines = 4

// set sets the field of a line, counted from 0.
func (c *Certificate) set(line int, name, value string) error {
	names := []string{"code", "links", "reduction", "properties"}
	for _, bound := range BoundNames {
		names = append(names, bound.Name)
	}
	if line >= len(names) || name != names[line] {
		want := slices.Concat(names, []string{ruler})[min(line, len(names))]
		return fmt.Errorf("expected %q, found %q", want, name)
	}
	switch line {
	case 0:
		c.Code = value
	case 1:
		c.FIFO = value == links(true)
	case 2:
		c.NoReduction = value == reduction(true)
	case 3:
		if value != "all" {
			c.Properties = strings.Fields(value)
		}
	default:
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("expected a number after %q, found %q", name, value)
		}
		*c.Bounds.At(line - plainLines) = n
	}
	return nil
}

// Sourced is implemented by a system that has its own source code.
type Sourced interface{ Source() fs.FS }

// codeOf returns a fingerprint of a system's source. Comments, layout and tests do
// not count.
func codeOf(system any) string {
	sourced, ok := system.(Sourced)
	if !ok {
		return "unknown"
	}
	files, err := fs.Glob(sourced.Source(), "*.go")
	if err != nil {
		return "unknown"
	}
	var code bytes.Buffer
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		if err := printCode(&code, sourced.Source(), file); err != nil {
			return "unknown: " + trace.OneLine(err.Error())
		}
	}
	return fingerprintOf(code.Bytes()).String()
}

// printCode prints the code of a file in a fixed layout, without comments.
func printCode(to *bytes.Buffer, source fs.FS, file string) error {
	text, err := fs.ReadFile(source, file)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	return printer.Fprint(to, token.NewFileSet(), parsed)
}
