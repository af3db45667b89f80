package foreign

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The sizes that files are held to.
const (
	maxFileBytes  = 64 << 20
	maxLineBytes  = 1 << 20 // of a console line or a JSON line; of an EDN value that holds an operation
	maxDepth      = 64      // of lists in lists
	maxOperations = 1_000_000
)

// edn reads values in Extensible Data Notation (github.com/edn-format/edn), as far
// as Clojure prints data: a tag is read and dropped, a character is a symbol.
type edn struct {
	name  string
	text  string
	at    int
	line  int // at which the next byte is
	depth int
	limit int // the end that the value being read must not pass
}

// fail is an error at a line. The text goes on after "expected".
func fail(name string, line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: expected %s", name, line, fmt.Sprintf(format, args...))
}

func (e *edn) fail(format string, args ...any) error { return fail(e.name, e.line, format, args...) }

// skip moves on to the next value, over blanks, commas and comments.
func (e *edn) skip() {
	for ; e.at < len(e.text); e.at++ {
		switch e.text[e.at] {
		case '\n':
			e.line++
		case ' ', '\t', '\r', '\f', ',':
		case ';':
			end := strings.IndexByte(e.text[e.at:], '\n')
			if end < 0 {
				e.at = len(e.text)
				return
			}
			e.at += end - 1
		default:
			return
		}
	}
}

// peek is the next byte that counts, 0 at the end.
func (e *edn) peek() byte {
	e.skip()
	if e.at == len(e.text) {
		return 0
	}
	return e.text[e.at]
}

// value reads a value.
func (e *edn) value() (value, error) {
	if e.depth == 0 {
		e.limit = e.at + maxLineBytes
	}
	c := e.peek()
	if e.at > e.limit {
		return value{}, e.fail("a value of at most %d bytes, found a longer one", maxLineBytes)
	}
	switch c {
	case 0:
		return value{}, e.fail("a value, found the end of the file")
	case '(':
		return e.items(list, ')')
	case '[':
		return e.items(list, ']')
	case '{':
		return e.items(mapping, '}')
	case '"':
		return e.string()
	case '#':
		return e.dispatch()
	case ')', ']', '}':
		return value{}, e.fail("a value, found %q", string(c))
	}
	return e.word()
}

// items reads the values between brackets.
func (e *edn) items(k kind, end byte) (value, error) {
	v := value{kind: k, line: e.line}
	if e.depth == maxDepth {
		return v, e.fail("at most %d lists in lists, found another", maxDepth)
	}
	e.at++
	e.depth++
	for {
		if done, err := e.ends(end); done || err != nil {
			e.depth--
			if err == nil && k == mapping && len(v.items)%2 != 0 {
				err = e.fail("a value for each key of a map, found a key alone")
			}
			return v, err
		}
		item, err := e.value()
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
}

// ends reads the bracket if the next byte is it. Discarded values are skipped.
func (e *edn) ends(bracket byte) (done bool, err error) {
	for {
		c := e.peek()
		if c == bracket {
			e.at++
			return true, nil
		}
		if !strings.HasPrefix(e.text[e.at:], "#_") {
			return false, nil
		}
		if err := e.discard(); err != nil {
			return false, err
		}
	}
}

// discard reads #_ and the value behind it.
func (e *edn) discard() error {
	e.at += len("#_")
	_, err := e.nested()
	return err
}

// nested reads the value behind a tag or a discard.
func (e *edn) nested() (value, error) {
	if e.depth == maxDepth {
		return value{}, e.fail("at most %d values in values, found another", maxDepth)
	}
	e.depth++
	v, err := e.value()
	e.depth--
	return v, err
}

// dispatch reads a value that begins with #: a set, a tagged value, a discarded one.
func (e *edn) dispatch() (value, error) {
	rest := e.text[e.at:]
	switch {
	case strings.HasPrefix(rest, "#{"):
		e.at++
		return e.items(set, '}')
	case strings.HasPrefix(rest, "#_"):
		if err := e.discard(); err != nil {
			return value{}, err
		}
		return e.nested()
	case strings.HasPrefix(rest, "##"):
		e.at += len("##")
		return e.word() // ##NaN and ##Inf
	}
	e.at++
	if tag := e.token(); tag == "" {
		return value{}, e.fail("a tag behind #, found %s", clip(rest))
	}
	return e.nested()
}

// string reads a string.
func (e *edn) string() (value, error) {
	line, start := e.line, e.at
	var b strings.Builder
	for e.at++; e.at < len(e.text) && e.at <= e.limit; e.at++ {
		switch c := e.text[e.at]; c {
		case '"':
			e.at++
			return value{kind: text, text: b.String(), line: line}, nil
		case '\\':
			e.at++
			if !e.escape(&b) {
				return value{}, e.fail("a string with known escapes, found %s", clip(e.text[start:]))
			}
		case '\n':
			e.line++
			fallthrough
		default:
			b.WriteByte(c)
		}
	}
	return value{}, fail(e.name, line, "a quote at the end of a string, found %s", clip(e.text[start:]))
}

// escape reads the escape behind a backslash, and stays on its last byte.
func (e *edn) escape(b *strings.Builder) (ok bool) {
	if e.at >= len(e.text) {
		return false
	}
	c := e.text[e.at]
	if i := strings.IndexByte(`"\/ntrbf`, c); i >= 0 {
		b.WriteByte("\"\\/\n\t\r\b\f"[i])
		return true
	}
	if c != 'u' || e.at+4 >= len(e.text) {
		return false
	}
	code, err := strconv.ParseUint(e.text[e.at+1:e.at+5], 16, 16)
	e.at += 4
	b.WriteRune(rune(code))
	return err == nil
}

// token reads a word up to a blank, a quote or a bracket.
func (e *edn) token() string {
	start := e.at
	for e.at < len(e.text) && strings.IndexByte(" \t\r\n\f,\"()[]{};", e.text[e.at]) < 0 {
		e.at++
	}
	return e.text[start:e.at]
}

// word reads a number, a keyword, a symbol or a character.
func (e *edn) word() (value, error) {
	start := e.at
	if e.at < len(e.text) && e.text[e.at] == '\\' {
		e.at++ // a character, such as \( or \space
		_, size := utf8.DecodeRuneInString(e.text[e.at:])
		e.at += size
	}
	e.token()
	word := e.text[start:e.at]
	if word == "" {
		return value{}, e.fail("a value, found %s", clip(e.text[start:]))
	}
	v := value{line: e.line, text: word}
	first := strings.TrimLeft(word, "+-")
	switch {
	case word == "nil":
		return value{line: e.line}, nil
	case word == "true" || word == "false":
		v.kind = boolean
	case word[0] == ':':
		v.kind, v.text = keyword, word[1:]
	case first != "" && '0' <= first[0] && first[0] <= '9':
		return e.number(v)
	default:
		v.kind = symbol
	}
	if word == ":" || !utf8.ValidString(word) {
		return value{}, e.fail("a value, found %s", clip(word))
	}
	return v, nil
}

// number makes a number of a word; a ratio such as 1/2 is one too.
func (e *edn) number(v value) (value, error) {
	v.kind = numeral
	over, under, ratio := strings.Cut(v.text, "/")
	word, ok := numberWord(over)
	v.text = word
	if ratio {
		v.text = word + "/" + under
		ok = ok && isDigits(under)
	}
	if !ok {
		return value{}, e.fail("a number, found %s", clip(over))
	}
	return v, nil
}

// clip is a piece of input as an error shows it.
func clip(s string) string {
	const enough = 64
	if len(s) > enough {
		return strconv.Quote(s[:enough]) + "..."
	}
	return strconv.Quote(s)
}
