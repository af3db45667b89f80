package campaign

import (
	"strings"

	"raftcheck/faults"
)

// KeyOf names what broke, where and how: violations of one key are one finding. It is ""
// for a schedule without the verdict of a violation.
func KeyOf(s *faults.Schedule) string {
	if propertyOf(s) == "" {
		return ""
	}
	return s.Golden[0]
}

// propertyOf is the property that a schedule's first verdict says is violated, or "".
func propertyOf(s *faults.Schedule) string {
	if len(s.Golden) == 0 {
		return ""
	}
	text, violated := strings.CutPrefix(s.Golden[0], "violated ")
	if !violated {
		return ""
	}
	if end := strings.IndexAny(text, ": "); end >= 0 {
		text = text[:end]
	}
	return text
}
