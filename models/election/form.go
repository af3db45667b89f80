package election

import (
	"math"
	"strconv"
)

// form is a text in which each capital letter stands for a number, written
// without zeros in front.
type form string

// numbers has the value of each capital letter of a form.
type numbers ['Z' - 'A' + 1]uint64

func (n *numbers) at(letter byte) *uint64 { return &n[letter-'A'] }

func isLetter(b byte) bool { return 'A' <= b && b <= 'Z' }

// scan reads the numbers of a text of this form; ok is false if it is of none.
func (f form) scan(text string) (n numbers, ok bool) {
	for i := range len(f) {
		if !isLetter(f[i]) {
			if text == "" || text[0] != f[i] {
				return numbers{}, false
			}
			text = text[1:]
			continue
		}
		end := 0
		for end < len(text) && '0' <= text[end] && text[end] <= '9' {
			end++
		}
		value, ok := number(text[:end])
		if !ok {
			return numbers{}, false
		}
		*n.at(f[i]) = value
		text = text[end:]
	}
	return n, text == ""
}

// appendTo appends the text of the form with these numbers.
func (f form) appendTo(dst []byte, n *numbers) []byte {
	for i := range len(f) {
		if isLetter(f[i]) {
			dst = strconv.AppendUint(dst, *n.at(f[i]), 10)
		} else {
			dst = append(dst, f[i])
		}
	}
	return dst
}

// number reads digits, in their one way of writing.
func number(digits string) (n uint64, ok bool) {
	if digits == "" || digits[0] == '0' && digits != "0" {
		return 0, false
	}
	for i := range len(digits) {
		d := uint64(digits[i] - '0')
		if d > 9 || n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = 10*n + d
	}
	return n, true
}
