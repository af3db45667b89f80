package mutant

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Apply returns the files that the mutant changes, by path, changed; source
// reads a file as it is. An error names the mutant, and the file and the line
// of the edit that does not fit: what it looks for is not there, or more than once.
func (m *Mutant) Apply(source func(path string) ([]byte, error)) (map[string][]byte, error) {
	changed := map[string][]byte{}
	for i := range m.Edits {
		e := &m.Edits[i]
		if changed[e.Path] != nil {
			continue // with an earlier edit of the file
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

func (m *Mutant) wrong(e *Edit, err error) error {
	return fmt.Errorf("mutant %s: %s:%d: edit %s: %w", m.Name, m.file, e.at, e.Path, err)
}

// splice is an edit and the line of the source at which it begins, from 0.
type splice struct {
	edit *Edit
	at   int
}

// change carries out all edits of one file. Each looks for its lines in the
// text as it was, so that their order means nothing.
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
	next := 0 // the first line that is in no edit so far
	for _, s := range splices {
		if s.at < next {
			return nil, m.wrong(s.edit, fmt.Errorf("it overlaps another edit at line %d of the source", s.at+1))
		}
		result = append(append(result, lines[next:s.at]...), s.edit.after()...)
		next = s.at + len(s.edit.before())
	}
	return []byte(strings.Join(append(result, lines[next:]...), "\n")), nil
}

// find is where the edit's lines stand in a source, which must have them once.
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
	return 0, fmt.Errorf("what it looks for is in the source %d times, at lines %d and %d", len(found), found[0]+1, found[1]+1)
}

// nearest says which line of an edit is the first that the source does not have.
func nearest(lines, text []string) string {
	for _, line := range text {
		if !slices.Contains(lines, line) {
			return "no line " + quote(line)
		}
	}
	return "it has all of the lines, and not one after the other"
}
