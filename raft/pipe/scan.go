package pipe

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
)

// scanner reads one line of JSON, from left to right. After the first error it is at the
// end of the line, and every further method returns a zero value.
type scanner struct {
	line []byte
	at   int
	err  string
}

// fail notes the first error.
func (s *scanner) fail(format string, args ...any) {
	if s.err == "" {
		s.err = fmt.Sprintf(format, args...)
		s.at = len(s.line)
	}
}

// expected notes that something else than the next byte was due.
func (s *scanner) expected(what string) {
	if s.err != "" {
		return
	}
	found := "the end of the line"
	if s.at < len(s.line) {
		found = fmt.Sprintf("%q", s.line[s.at:min(len(s.line), s.at+shownBytes)])
	}
	s.fail("expected %s at byte %d, found %s", what, s.at, found)
}

// shownBytes is the most bytes of a wrong answer that an error shows.
const shownBytes = 40

// peek skips blanks and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.line); s.at++ {
		switch c := s.line[s.at]; c {
		case ' ', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

// take skips the byte c and reports whether it was next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.at == len(s.line) {
		return false
	}
	s.at++
	return true
}

func (s *scanner) want(c byte) {
	if !s.take(c) {
		s.expected(fmt.Sprintf("%q", c))
	}
}

// open starts an object or an array and reports whether it has an element.
func (s *scanner) open(begin, end byte) bool {
	s.want(begin)
	return s.err == "" && !s.take(end)
}

// more reports whether another element follows in an object or an array.
func (s *scanner) more(end byte) bool {
	if s.err != "" || s.take(end) {
		return false
	}
	s.want(',')
	return s.err == ""
}

// object calls member for each key, at its value.
func (s *scanner) object(member func(key []byte)) {
	for more := s.open('{', '}'); more; more = s.more('}') {
		key := s.text()
		s.want(':')
		member(key)
	}
}

// array calls element for each element, at its place.
func (s *scanner) array(element func()) {
	for more := s.open('[', ']'); more; more = s.more(']') {
		element()
	}
}

// text reads a string.
func (s *scanner) text() []byte {
	s.peek()
	start := s.at
	escaped := s.skipText()
	if s.err != "" {
		return nil
	}
	if !escaped {
		return s.line[start+1 : s.at-1]
	}
	var text string
	if err := json.Unmarshal(s.line[start:s.at], &text); err != nil {
		s.at = start
		s.expected("a string")
	}
	return []byte(text)
}

// skipText skips a string and reports whether it has escape sequences.
func (s *scanner) skipText() (escaped bool) {
	if !s.take('"') {
		s.expected("a string")
		return false
	}
	for ; s.at < len(s.line); s.at++ {
		switch s.line[s.at] {
		case '"':
			s.at++
			return escaped
		case '\\':
			escaped = true
			s.at++
		}
	}
	s.at = len(s.line)
	s.expected("the end of a string")
	return false
}

// bytes64 reads a string of BASE64 and returns a copy of its bytes.
func (s *scanner) bytes64() []byte {
	text := s.text()
	b, err := base64.StdEncoding.AppendDecode(make([]byte, 0, len(text)), text)
	if err != nil {
		s.at -= len(text) + 1
		s.expected("a string of BASE64")
	}
	return b
}

// number reads a whole number from 0 to most.
func (s *scanner) number(most uint64) (n uint64) {
	c := s.peek()
	if c < '0' || c > '9' {
		s.expected("a whole number")
		return 0
	}
	start, over := s.at, false
	for ; s.at < len(s.line) && '0' <= s.line[s.at] && s.line[s.at] <= '9'; s.at++ {
		digit := uint64(s.line[s.at] - '0')
		over = over || n > (math.MaxUint64-digit)/10
		n = 10*n + digit
	}
	if over || n > most || s.at < len(s.line) && bytes.IndexByte([]byte(".eE"), s.line[s.at]) >= 0 {
		s.at = start
		s.expected(fmt.Sprintf("a whole number up to %d", most))
		return 0
	}
	return n
}

// truth reads true or false.
func (s *scanner) truth() bool {
	s.peek()
	for _, word := range []string{"true", "false"} {
		if bytes.HasPrefix(s.line[s.at:], []byte(word)) {
			s.at += len(word)
			return word == "true"
		}
	}
	s.expected("true or false")
	return false
}

// maxDepth bounds how deep arrays and objects of an answer nest.
const maxDepth = 1000

// value skips a value of any kind and returns its bytes.
func (s *scanner) value(depth int) []byte {
	if depth > maxDepth {
		s.fail("arrays and objects nest deeper than %d", maxDepth)
		return nil
	}
	c := s.peek()
	start := s.at
	switch {
	case c == '{':
		s.object(func([]byte) { s.value(depth + 1) })
	case c == '[':
		s.array(func() { s.value(depth + 1) })
	case c == '"':
		s.skipText()
	default:
		s.word()
	}
	if s.err != "" {
		return nil
	}
	return s.line[start:s.at]
}

// word skips a number, true, false or null.
func (s *scanner) word() {
	start := s.at
	for s.at < len(s.line) && bytes.IndexByte([]byte(",]} \t\r"), s.line[s.at]) < 0 {
		s.at++
	}
	if !json.Valid(s.line[start:s.at]) {
		s.at = start
		s.expected("a value")
	}
}

// end wants nothing but blanks in the rest of the line.
func (s *scanner) end() {
	if s.peek(); s.err == "" && s.at < len(s.line) {
		s.expected("the end of the line")
	}
}
