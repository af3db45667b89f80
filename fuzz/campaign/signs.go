package campaign

import (
	"slices"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz"
)

// A sign is what broke and how: a verdict without its numbers, names of nodes, clients and
// keys. A shrunk schedule has a sign for each property that it violates, in the order in
// which they broke. The first one is its own.

// between separates the signs of a key.
const between = " | "

// KeyOf is the signs of a schedule with verdicts, "" if they say that nothing is violated.
func KeyOf(s *faults.Schedule) string { return strings.Join(signsOf(s), between) }

// reason begins the line of prose that has the verdict of a schedule of a system that is not
// deterministic: the verdict below ---- then only says how often it fails.
const reason = "reason    "

// signsOf returns the signs of a schedule's verdicts, each once.
func signsOf(s *faults.Schedule) (signs []string) {
	verdicts := s.Golden
	for _, line := range s.Prose {
		if text, ok := strings.CutPrefix(line, reason); ok {
			verdicts = []string{text}
		}
	}
	for _, v := range verdicts {
		text, violated := strings.CutPrefix(v, "violated ")
		if sign := signOf(text); violated && !slices.Contains(signs, sign) {
			signs = append(signs, sign)
		}
	}
	return signs
}

// signOf is the sign of a verdict.
func signOf(verdict string) string {
	return strings.ReplaceAll(fuzz.ReasonOf(verdict), between, " / ")
}

// propertyOf is the property of a sign or a verdict without "violated", or "".
func propertyOf(sign string) string {
	if end := strings.IndexAny(sign, ": "); end >= 0 {
		return sign[:end]
	}
	return sign
}
