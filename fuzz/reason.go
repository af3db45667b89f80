package fuzz

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// differing are the parts of a verdict that differ between schedules that show one bug, in the order in
// which others take their place. They are compiled for the first reason: most processes need none.
var differing = sync.OnceValue(func() []part {
	return []part{
		{regexp.MustCompile(`\d+`), "#"},
		{regexp.MustCompile(`\b[a-z]#?\b`), "#"},              // names of keys, nodes and clients: x, n#
		{regexp.MustCompile(`[a-z#]*#([ ,]+[a-z#]*#)+`), "#"}, // lists of these
		{regexp.MustCompile(`\{#?\}(\+\{#?\})*`), "{#}"},      // a configuration, with learners or joint
	}
})

// part is a part of a verdict, and what takes its place in a reason.
type part struct {
	of *regexp.Regexp
	by string
}

// mostReason bounds a reason: a verdict may quote any text of the system.
const mostReason = 200

// ReasonOf is the reason of a verdict: what broke and how, without the numbers, and without the
// names of nodes, clients and keys.
func ReasonOf(verdict string) string {
	verdict = strings.TrimPrefix(verdict, "violated ")
	if text, ok := strings.CutPrefix(verdict, "Liveness after event "); ok {
		_, text, _ = strings.Cut(text, ": ")
		text, _, _ = strings.Cut(text, ": ") // the rest is where
		if stuck, _, ok := strings.Cut(text, " within "); ok && !strings.Contains(stuck, " ") {
			text = stuck
		}
		verdict = "Liveness: " + text
	}
	reason := verdict
	for _, p := range differing() {
		reason = p.of.ReplaceAllString(reason, p.by)
	}
	return reason[:min(len(reason), mostReason)]
}

// mostReasons is how many findings of a property are kept, each for a reason of its own: a
// frequent one does not hide the others.
const mostReasons = 3

// Findings are findings by property, those of each in ascending order of their numbers. Each is
// the first of its reason, and there are mostReasons of a property at most. They do not depend
// on the order in which findings are added.
type Findings map[string][]*Finding

// Wants reports whether a finding with a property, a number and a verdict is one to keep.
func (l Findings) Wants(property string, number int, verdict string) bool {
	list := l[property]
	if len(list) == mostReasons && number > list[mostReasons-1].Number {
		return false
	}
	reason := ReasonOf(verdict)
	return !slices.ContainsFunc(list, func(f *Finding) bool { return f.reason == reason && f.Number <= number })
}

// Add keeps a finding that is wanted, in place of a later one of the same reason, or of the last one
// if there are too many.
func (l Findings) Add(f *Finding) {
	list := slices.DeleteFunc(l[f.Property], func(other *Finding) bool { return other.reason == f.reason })
	list = append(list, f)
	slices.SortStableFunc(list, func(f, g *Finding) int { return cmp.Compare(f.Number, g.Number) })
	l[f.Property] = list[:min(len(list), mostReasons)]
}

// First is the finding of a property with the lowest number, nil if there is none.
func (l Findings) First(property string) *Finding {
	if list := l[property]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// compact removes, once findings are shrunk, those whose reason is that of an earlier one.
func (l Findings) compact() {
	for property, list := range l {
		var kept []*Finding
		for _, f := range list {
			f.reason = ReasonOf(f.Verdict)
			if !slices.ContainsFunc(kept, func(other *Finding) bool { return other.reason == f.reason }) {
				kept = append(kept, f)
			}
		}
		l[property] = kept
	}
}

// InTurn lists the findings: the first of each property, then the second ones, and so on.
func (l Findings) InTurn() (list []*Finding) {
	for turn := range mostReasons {
		var next []*Finding
		for _, of := range l {
			if turn < len(of) {
				next = append(next, of[turn])
			}
		}
		slices.SortFunc(next, func(f, g *Finding) int {
			return cmp.Or(cmp.Compare(f.Number, g.Number), cmp.Compare(f.Property, g.Property))
		})
		list = append(list, next...)
	}
	return list
}
