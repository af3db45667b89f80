package mutant

import (
	"fmt"
	"strings"
)

// Mutant is a deliberate bug.
type Mutant struct {
	Name       string   // of its file, without .txt: lower-case letters, digits and '-'
	Prose      []string // what is wrong, line by line, without the "# "
	Source     string   // where the bug was seen: an address, a section of a paper, or "own"
	Properties []string // any of which may be the first to break
	Seconds    int      // of CPU time, in which random schedules must find it; 0 is never
	Schedule   string   // the file of a schedule that finds it, from the root of the module; "" if there is none
	Edits      []Edit

	file string // where it was read, for errors
}

// Edit replaces lines of a file that are there exactly once.
type Edit struct {
	Path  string // from the root of the module, with slashes
	Lines []Line

	at int // its line in the mutant's file
}

// Line is a line of an edit, and what becomes of it.
type Line struct {
	Sign Sign
	Text string // without its end
}

// Sign says what becomes of a line.
type Sign byte

// The signs, as files have them.
const (
	Stays Sign = '='
	Goes  Sign = '-'
	Comes Sign = '+'
)

// String is the text of the mutant's file, as Parse reads it.
func (m *Mutant) String() string {
	var b strings.Builder
	for _, line := range m.Prose {
		fmt.Fprintln(&b, strings.TrimRight("# "+line, " "))
	}
	fmt.Fprintf(&b, "source    %s\nproperty  %s\nseconds   %d\n", m.Source, strings.Join(m.Properties, " "), m.Seconds)
	if m.Schedule != "" {
		fmt.Fprintf(&b, "schedule  %s\n", m.Schedule)
	}
	for i := range m.Edits {
		fmt.Fprintf(&b, "\nedit %s\n", m.Edits[i].Path)
		for _, line := range m.Edits[i].Lines {
			fmt.Fprintln(&b, line)
		}
	}
	return b.String()
}

// String is the line as files have it.
func (l Line) String() string {
	if l.Text == "" {
		return string(l.Sign)
	}
	return string(l.Sign) + " " + l.Text
}

// before has the lines that the edit looks for, and after what it puts in their place.
func (e *Edit) before() []string { return e.without(Comes) }
func (e *Edit) after() []string  { return e.without(Goes) }

func (e *Edit) without(sign Sign) (lines []string) {
	for _, line := range e.Lines {
		if line.Sign != sign {
			lines = append(lines, line.Text)
		}
	}
	return lines
}
