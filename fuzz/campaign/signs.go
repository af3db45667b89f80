package campaign

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"raftcheck/faults"
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

// differing are the parts of a verdict that differ between schedules that show one bug, in the order in
// which others take their place. They are compiled for the first sign: most processes need none.
var differing = sync.OnceValue(func() []part {
	return []part{
		{regexp.MustCompile(`\d+`), "#"},
		{regexp.MustCompile(`\b[a-z]#?\b`), "#"},              // names of keys, nodes and clients: x, n#
		{regexp.MustCompile(`[a-z#]*#([ ,]+[a-z#]*#)+`), "#"}, // lists of these
		{regexp.MustCompile(`\{#?\}(\+\{#?\})*`), "{#}"},      // a configuration, with learners or joint
	}
})

// part is a part of a verdict, and what takes its place in a sign.
type part struct {
	of *regexp.Regexp
	by string
}

// mostSign bounds a sign: a verdict may quote any text of the system.
const mostSign = 200

// signOf is the sign of a verdict.
func signOf(verdict string) string {
	if text, ok := strings.CutPrefix(verdict, "Liveness after event "); ok {
		_, text, _ = strings.Cut(text, ": ")
		text, _, _ = strings.Cut(text, ": ") // the rest is where
		if stuck, _, ok := strings.Cut(text, " within "); ok && !strings.Contains(stuck, " ") {
			text = stuck
		}
		verdict = "Liveness: " + text
	}
	sign := verdict
	for _, p := range differing() {
		sign = p.of.ReplaceAllString(sign, p.by)
	}
	sign = strings.ReplaceAll(sign, between, " / ")
	return sign[:min(len(sign), mostSign)]
}

// propertyOf is the property of a sign or a verdict without "violated", or "".
func propertyOf(sign string) string {
	if end := strings.IndexAny(sign, ": "); end >= 0 {
		return sign[:end]
	}
	return sign
}
