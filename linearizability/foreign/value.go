package foreign

import (
	"slices"
	"strconv"
	"strings"
)

// kind is the kind of a value in a file.
type kind uint8

const (
	absent  kind = iota // nil, null
	boolean             // true, false
	numeral
	text    // a string
	keyword // :x, without its colon
	symbol  // any other word
	list
	set
	mapping // key, value, key, value
)

// value is a value of a file.
type value struct {
	kind  kind
	text  string // of a boolean, number, text, keyword or symbol
	items []value
	line  int
}

// word is the value as histories write it: one word for each value, and without
// a space. Strings are in quotes, so that no string reads as a number or nil.
func (v *value) word() string {
	switch v.kind {
	case absent:
		return "nil"
	case text:
		return quoted(v.text)
	case keyword:
		return ":" + v.text
	case symbol:
		return "'" + quoted(v.text)
	case list:
		return "[" + strings.Join(words(v.items), ",") + "]"
	case set:
		return "{" + strings.Join(slices.Compact(sorted(words(v.items))), ",") + "}"
	case mapping:
		pairs := make([]string, 0, len(v.items)/2)
		for i := 0; i+1 < len(v.items); i += 2 {
			pairs = append(pairs, "["+v.items[i].word()+","+v.items[i+1].word()+"]")
		}
		return "map[" + strings.Join(sorted(pairs), ",") + "]"
	default:
		return v.text
	}
}

// field is the value that a mapping has for a name; it is absent if there is none.
func (v *value) field(name string) *value {
	for i := 0; v.kind == mapping && i+1 < len(v.items); i += 2 {
		if v.items[i].is(name) {
			return &v.items[i+1]
		}
	}
	return &value{}
}

// is reports whether v is a name, as a string or as a keyword.
func (v *value) is(name string) bool { return (v.kind == text || v.kind == keyword) && v.text == name }

func words(values []value) []string {
	all := make([]string, len(values))
	for i := range values {
		all[i] = values[i].word()
	}
	return all
}

func sorted(words []string) []string {
	slices.Sort(words)
	return words
}

// quoted is a string in quotes, with ␣ for a space, and the sign itself escaped.
func quoted(s string) string {
	q := strconv.Quote(s)
	if strings.Contains(q, "␣") {
		q = strings.ReplaceAll(q, "␣", `\u2423`)
	}
	return strings.ReplaceAll(q, " ", "␣")
}

// keyWord is a key as histories write it: a plain name has no quotes.
func (v *value) keyWord() string {
	if v.kind == text && isName(v.text) {
		return v.text
	}
	return v.word()
}

// isName reports whether s is a word that no other kind of value reads as.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || c == '-' || c == '.')) {
			return false
		}
	}
	return s != "" && s != "nil" && s != "true" && s != "false"
}

// numberWord is a number in the one way that histories write it; ok is false if
// it is none. Numbers of any size are whole; 1.0 is not 1.
func numberWord(s string) (word string, ok bool) {
	digits := strings.TrimPrefix(s, "+")
	whole := strings.TrimSuffix(digits, "N")
	if isDigits(strings.TrimPrefix(whole, "-")) {
		return wholeWord(whole), true
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(digits, "M"), 64)
	if err != nil || strings.ContainsAny(digits, "xX_pPiIaAfF") {
		return "", false
	}
	word = strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(word, ".e") {
		word += ".0"
	}
	return word, true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func wholeWord(s string) string {
	digits, negative := strings.CutPrefix(s, "-")
	digits = strings.TrimLeft(digits, "0")
	switch {
	case digits == "":
		return "0"
	case negative:
		return "-" + digits
	}
	return digits
}
