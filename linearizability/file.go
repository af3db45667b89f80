package linearizability

import (
	"fmt"
	"strconv"
	"strings"
)

// The sizes that a history file is held to, in writing and in reading.
const (
	maxFileBytes   = 16 << 20
	maxLineBytes   = 4096 // without its line feed
	maxOperations  = 1_000_000
	maxTokenBytes  = 256  // a key, a word of an input, a model's name
	maxOutputBytes = 1024 // an output
	maxInputWords  = 4
)

// File is a history as a text file:
//
//	# Prose first: the story, for a reader.
//	model kv
//	expect not-linearizable
//
//	c1 3..17 x put 7 -> ok @5
//	c2 5..? x put 8
//	fault 4..9 node 2 cut off
//
// An operation is its client, the times of its call and its return, the key,
// the input, the output and the position in the log. The return of a pending
// operation is a question mark; it has no output. An operation that was not
// applied has no position. Keys, outputs and the words of inputs consist of
// letters, digits, dots, underscores and minus signs. There is one way only to
// write a file: single spaces, no zeros in front, a line feed behind each line.
// The line "expect" may be missing. Faults, each from a time to one that is not earlier,
// come behind the operations; they are drawn, and do not count for the verdict.
type File struct {
	Prose   []string // lines, without the "# " in front
	Model   string   // the name of the specification
	Expect  Outcome  // the verdict that a judge must give; NotChecked if the file has none
	History History
	Faults  []Fault
}

// Fault is something to draw besides the operations.
type Fault struct {
	Start, End int64 // logical times
	Text       string
}

// String returns the text of the file. If AppendText has an error, the text is for readers
// only: Parse does not read the same file from it.
func (f File) String() string {
	text, _ := f.appendLines(nil)
	return string(text)
}

// FirstLine returns the line of the first operation in the text; the others follow it.
func (f *File) FirstLine() int {
	header := len(f.Prose) + 2 // with the model and the empty line
	if f.Expect != NotChecked {
		header++
	}
	return header + 1
}

// AppendText appends the text of the file to dst. The error says, as
// name:line would, which line cannot be written in a way that Parse reads; dst
// is then returned as it was.
func (f File) AppendText(dst []byte) ([]byte, error) {
	start := len(dst)
	text, err := f.appendLines(dst)
	if err == nil && len(text)-start > maxFileBytes {
		err = fmt.Errorf("expected a file of at most %d bytes, found %d", maxFileBytes, len(text)-start)
	}
	if err != nil {
		return dst, err
	}
	return text, nil
}

// appendLines writes all lines, and returns an error for the first bad one.
func (f *File) appendLines(dst []byte) ([]byte, error) {
	l := lines{text: dst, start: len(dst)}
	for _, line := range f.Prose {
		l.text = append(l.text, '#')
		if line != "" {
			l.text = append(append(l.text, ' '), line...)
		}
		l.end(checkProse(line))
	}
	l.text = append(append(l.text, "model "...), f.Model...)
	l.end(checkToken("the name of a model", f.Model, maxTokenBytes))
	if f.Expect != NotChecked {
		l.text = append(append(l.text, "expect "...), f.Expect.String()...)
		l.end(f.checkExpect())
	}
	l.end(f.checkLength())
	bad := f.History.validate()
	for i := range f.History {
		op := &f.History[i]
		l.text = op.appendText(l.text)
		problem := op.checkWords()
		if problem == "" && bad != nil && bad.index == i {
			problem = "expected " + bad.expected + ", found " + bad.found
		}
		l.end(problem)
	}
	for i := range f.Faults {
		fault := &f.Faults[i]
		l.text = fmt.Appendf(l.text, "fault %d..%d %s", fault.Start, fault.End, fault.Text)
		l.end(fault.check())
	}
	return l.text, l.first
}

// lines is a file that is being written.
type lines struct {
	text   []byte
	start  int   // of the line
	number int   // of the last line
	first  error // for the first bad line
}

// end ends a line; problem says why Parse would not read it, "" if it would.
func (l *lines) end(problem string) {
	l.number++
	if n := len(l.text) - l.start; problem == "" && n > maxLineBytes {
		problem = fmt.Sprintf("expected a line of at most %d bytes, found %d", maxLineBytes, n)
	}
	if problem != "" && l.first == nil {
		l.first = fmt.Errorf("line %d: %s", l.number, problem)
	}
	l.text = append(l.text, '\n')
	l.start = len(l.text)
}

// check returns the first mistake of a fault, "" if there is none.
func (f *Fault) check() string {
	if f.Start < 0 || f.End < f.Start || f.End == Pending || f.Text == "" || strings.Contains(f.Text, "\n") {
		return fmt.Sprintf("expected a fault like 3..17 and a text of one line, found %d..%d %s", f.Start, f.End,
			quote(f.Text))
	}
	return ""
}

func checkProse(line string) string {
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		return "expected prose of one line, found a line feed in it"
	}
	return ""
}

func (f *File) checkExpect() string {
	if f.Expect != Linearizable && f.Expect != NotLinearizable {
		return fmt.Sprintf("expected linearizable or not-linearizable, found %v", f.Expect)
	}
	return ""
}

func (f *File) checkLength() string {
	if len(f.History) > maxOperations {
		return fmt.Sprintf("expected at most %d operations, found %d", maxOperations, len(f.History))
	}
	return ""
}

// checkWords returns the first mistake in the texts of an operation, "" if there is none.
func (op *Operation) checkWords() string {
	if problem := checkToken("a key", op.Key, maxTokenBytes); problem != "" {
		return problem
	}
	if problem := checkInput(strings.Split(op.Input, " ")); problem != "" {
		return problem
	}
	if op.Pending() {
		return "" // Output means nothing, and is not written
	}
	return checkToken("an output", op.Output, maxOutputBytes)
}

func checkInput(words []string) string {
	if len(words) > maxInputWords {
		return fmt.Sprintf("expected an input of at most %d words, found %d", maxInputWords, len(words))
	}
	for _, word := range words {
		if problem := checkToken("a word of an input", word, maxTokenBytes); problem != "" {
			return problem
		}
	}
	return ""
}

// checkToken returns the mistake in a word, "" if there is none. what names the word.
func checkToken(what, s string, most int) string {
	if len(s) > most {
		return fmt.Sprintf("expected %s of at most %d bytes, found %d", what, most, len(s))
	}
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return "expected " + what + " of letters, digits, '.', '_' and '-', found " + quote(s)
		}
	}
	if s == "" {
		return "expected " + what + ", found nothing"
	}
	return ""
}

func isTokenByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' ||
		b == '.' || b == '_' || b == '-'
}

// quote returns a piece of input as an error shows it.
func quote(s string) string { return strconv.Quote(shorten(s)) }
