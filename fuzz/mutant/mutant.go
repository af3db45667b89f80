package mutant

import (
	"fmt"
	"strings"
)

// Mutant is a deliberate bug.
type Mutant struct {
	Name       string   // of its file, without .txt: lower-case letters, digits and '-'
	Prose      []string // the description of the bug, line by line, without the "# "
	Source     string   // an address or a section of a paper that describes the bug, or "own"
	Properties []string // any of these may be the first to be violated
	Seconds    int      // of CPU time, in which random schedules must find it; 0 means never
	Schedule   string   // the file of a schedule that finds it, from the root of the module, or ""
	Edits      []Edit

	file string // its file, for errors
}

// Edit replaces lines that a file has exactly once.
type Edit struct {
	Path  string // from the root of the module, with slashes
	Lines []Line

	at int // its line number in the mutant's file
}

// Line is a line of an edit with its sign.
type Line struct {
	Sign Sign
	Text string // without its end
}

// Sign says whether a line stays, is removed, or is added.
type Sign byte

// The signs are the bytes in mutant files.
const (
	Stays Sign = '=' // the line is in the source and stays
	Goes  Sign = '-' // the line is in the source and is removed
	Comes Sign = '+' // the line is added
)

// String returns the text of the mutant's file. [Parse] is its inverse.
func (m *Mutant) String() string {
	var b strings.Builder
	for _, line := range m.Prose {
		fmt.Fprintln(&b, strings.TrimRight("# "+line, " "))
	}
	fmt.Fprintf(&b, "source    %s\nproperty  %s\nseconds   %d\n",
		m.Source, strings.Join(m.Properties, " "), m.Seconds)
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

// String returns the line as mutant files have it.
func (l Line) String() string {
	if l.Text == "" {
		return string(l.Sign)
	}
	return string(l.Sign) + " " + l.Text
}

// before returns the lines of the source that the edit looks for.
func (e *Edit) before() []string { return e.without(Comes) }

// after returns the lines that take their place.
func (e *Edit) after() []string { return e.without(Goes) }

// without returns the lines that do not have a sign.
func (e *Edit) without(sign Sign) (lines []string) {
	for _, line := range e.Lines {
		if line.Sign != sign {
			lines = append(lines, line.Text)
		}
	}
	return lines
}
