package service

import "strconv"

// IsToken reports whether s is a word of an operation: 1 to most letters,
// digits, dots, underscores and minus signs.
func IsToken(s string, most int) bool {
	for i := range len(s) {
		b := s[i]
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '.' ||
			b == '_' || b == '-') {
			return false
		}
	}
	return s != "" && len(s) <= most
}

// Quote returns a piece of input as an error shows it, cut to a bearable length.
func Quote(s string) string {
	const enough = 80
	if len(s) > enough {
		s = s[:enough] + "..."
	}
	return strconv.Quote(s)
}
