package mutant

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Apply returns the changed files of the mutant, by path; source reads an unchanged
// file. The error names the mutant, and the file and the line of an edit whose lines
// are not in the source, or more than once.
func (m *Mutant) Apply(source func(path string) ([]byte, error)) (map[string][]byte, error) {
	changed := map[string][]byte{}
	for i := range m.Edits {
		e := &m.Edits[i]
		if changed[e.Path] != nil {
			continue // changed together with an earlier edit of the file
		}
		if err := editable(e.Path); err != nil {
			return nil, m.wrong(e, err)
		}
		text, err := source(e.Path)
		if err != nil {
			return nil, m.wrong(e, err)
		}
		if changed[e.Path], err = m.change(e.Path, string(text)); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// wrong adds the mutant and the edit to an error.
func (m *Mutant) wrong(e *Edit, err error) error {
	return fmt.Errorf("mutant %s: %s:%d: edit %s: %w", m.Name, m.file, e.at, e.Path, err)
}

// splice is an edit with the line of the source at which it begins, from 0.
type splice struct {
	edit *Edit
	at   int
}

// change carries out all edits of one file. Each is located in the unchanged text, so
// that the order of edits does not matter.
func (m *Mutant) change(path, text string) ([]byte, error) {
	lines := strings.Split(text, "\n")
	var splices []splice
	for i := range m.Edits {
		e := &m.Edits[i]
		if e.Path != path {
			continue
		}
		at, err := e.find(lines)
		if err != nil {
			return nil, m.wrong(e, err)
		}
		splices = append(splices, splice{e, at})
	}
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Compare(a.at, b.at) })

	var result []string
	next := 0 // the first line after the edits so far
	for _, s := range splices {
		if s.at < next {
			return nil, m.wrong(s.edit, fmt.Errorf("it overlaps another edit at line %d of the source", s.at+1))
		}
		result = append(append(result, lines[next:s.at]...), s.edit.after()...)
		next = s.at + len(s.edit.before())
	}
	return []byte(strings.Join(append(result, lines[next:]...), "\n")), nil
}

// find returns the position of the edit's lines in a source, which must have them once.
func (e *Edit) find(lines []string) (int, error) {
	if err := e.check(); err != nil {
		return 0, err
	}
	text, found := e.before(), []int{}
	for i := 0; i+len(text) <= len(lines); i++ {
		if slices.Equal(lines[i:i+len(text)], text) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, fmt.Errorf("what it looks for is not in the source: %s", nearest(lines, text))
	}
	return 0, fmt.Errorf("what it looks for is in the source %d times, at lines %d and %d",
		len(found), found[0]+1, found[1]+1)
}

// nearest names the first line of an edit that the source does not have.
func nearest(lines, text []string) string {
	for _, line := range text {
		if !slices.Contains(lines, line) {
			return "no line " + quote(line)
		}
	}
	return "it has all of the lines, and not one after the other"
}
