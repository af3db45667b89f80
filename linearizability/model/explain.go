package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"raftcheck/linearizability"
)

// Explain says in words why the operations of one key of a register, or of a
// key-value model without appends, have no order, if their values show it: a value
// that nobody wrote, or a value that was written once and was there again after
// another. It returns "" if the reason is another, or if there is none.
//
// A value that is written once is there for one stretch of time. The stretch covers the
// time between the first return and the last call of the operations that saw the value
// (zones, Gibbons and Korach, "Testing Shared Memories", 1997). Two stretches of different
// values that overlap contradict each other.
func Explain(spec linearizability.Spec, key string, ops linearizability.History) string {
	e := explanation{key: key, writers: map[string][]*fact{}}
	e.writers[spec.Init] = []*fact{{&linearizability.Operation{Call: -2, Return: -1}, spec.Init}}
	for i := range ops {
		if !e.add(&ops[i]) {
			return ""
		}
	}
	slices.SortStableFunc(e.seen, func(a, b *fact) int { return cmp.Compare(a.at.Return, b.at.Return) })
	if why := e.unwritten(); why != "" {
		return why
	}
	return e.twice()
}

// fact is that the value was there, or may have been.
type fact struct {
	at    *linearizability.Operation
	value string
}

// explanation collects the facts that the operations of one key show.
type explanation struct {
	key     string
	writers map[string][]*fact // by value: operations that may have written it
	seen    []*fact            // answered operations, with a value that was there
	read    []*fact            // those of them that did not write it
}

// add takes the facts of an operation; ok is false if it may write anything.
func (e *explanation) add(op *linearizability.Operation) (ok bool) {
	words := strings.Split(op.Input, " ")
	switch {
	case len(words) == 1 && (words[0] == "read" || words[0] == "get"):
		if !op.Pending() {
			e.reads(op, op.Output)
		}
	case len(words) == 2 && (words[0] == "write" || words[0] == "put"):
		e.writes(op, words[1])
	case len(words) == 3 && words[0] == "cas":
		if op.Pending() || op.Output == yes {
			e.writes(op, words[2])
		}
		if !op.Pending() && op.Output == yes {
			e.reads(op, words[1])
		}
	default:
		return false
	}
	return true
}

func (e *explanation) reads(op *linearizability.Operation, value string) {
	f := &fact{op, value}
	e.read, e.seen = append(e.read, f), append(e.seen, f)
}

func (e *explanation) writes(op *linearizability.Operation, value string) {
	f := &fact{op, value}
	e.writers[value] = append(e.writers[value], f)
	if !op.Pending() {
		e.seen = append(e.seen, f)
	}
}

// unwritten finds a value that was read and never written, or later only.
func (e *explanation) unwritten() string {
	slices.SortStableFunc(e.read, func(a, b *fact) int { return cmp.Compare(a.at.Return, b.at.Return) })
	for _, f := range e.read {
		writers := e.writers[f.value]
		if len(writers) == 0 {
			return fmt.Sprintf("key %s: %s, which nobody wrote", e.key, f)
		}
		first := slices.MinFunc(writers, func(a, b *fact) int { return cmp.Compare(a.at.Call, b.at.Call) })
		if first.at.Call > f.at.Return {
			return fmt.Sprintf("key %s: %s before anyone wrote it; the first was %s", e.key, f, first)
		}
	}
	return ""
}

// stretch is a time in which a value that was written once was certainly there, if it
// ends after it begins. Else the value was there at some time around.
type stretch struct {
	value       string
	first, last *fact // that returned first, and that was called last
}

func (s *stretch) from() int64 { return s.first.at.Return }
func (s *stretch) to() int64   { return s.last.at.Call }

// twice finds a value that was there, was not, and was there again.
func (e *explanation) twice() string {
	all := e.stretches()
	certain := slices.DeleteFunc(slices.Clone(all), func(s *stretch) bool { return s.from() >= s.to() })
	for i := 1; i < len(certain); i++ {
		if a, b := certain[i-1], certain[i]; b.from() < a.to() {
			return fmt.Sprintf("key %s: %s, but %s and later %s; each value was written once",
				e.key, a.between(), b.first, b.last)
		}
	}
	for _, f := range e.seen {
		s := around(certain, f.at.Call, f.at.Return)
		if s != nil && s.value != f.value {
			return fmt.Sprintf("key %s: %s, then %s, then %s; %s was written once",
				e.key, s.first, f, e.next(f, s.value), s.value)
		}
	}
	for _, u := range all {
		if s := around(certain, u.to(), u.from()); s != nil && s.value != u.value {
			return fmt.Sprintf("key %s: %s, but %s is not before that, and %s is not after; "+
				"each value was written once", e.key, s.between(), u.last, u.first)
		}
	}
	return ""
}

func (s *stretch) between() string {
	return fmt.Sprintf("%s and later %s, so that the value was %s in between", s.first, s.last, s.value)
}

// around is the stretch, among those that do not overlap, that begins before a call
// and ends after a return; nil if none does.
func around(certain []*stretch, called, returned int64) *stretch {
	i, _ := slices.BinarySearchFunc(certain, returned, func(s *stretch, returned int64) int {
		if s.to() > returned {
			return 1
		}
		return -1
	})
	if i < len(certain) && certain[i].from() < called {
		return certain[i]
	}
	return nil
}

// next is the first to return of the operations that saw the value and were called
// after f returned. There is one: the last that saw it.
func (e *explanation) next(f *fact, value string) *fact {
	for _, g := range e.seen {
		if g.value == value && g.at.Call > f.at.Return {
			return g
		}
	}
	panic("model: nothing saw " + value + " after " + f.String())
}

// stretches are those of all values that were written once and seen, by their beginning.
func (e *explanation) stretches() []*stretch {
	byValue := map[string]*stretch{}
	for value, writers := range e.writers {
		if len(writers) != 1 {
			continue
		}
		s := &stretch{value: value}
		if !writers[0].at.Pending() {
			s.first, s.last = writers[0], writers[0]
		}
		byValue[value] = s
	}
	for _, f := range e.seen {
		s := byValue[f.value]
		switch {
		case s == nil:
		case s.first == nil: // the write is unknown, and happened after all
			s.first, s.last = f, f
			if writer := e.writers[f.value][0]; writer.at.Call > f.at.Call {
				s.last = writer
			}
		case f.at.Return < s.first.at.Return:
			s.first = f
			fallthrough
		default:
			if f.at.Call > s.last.at.Call {
				s.last = f
			}
		}
	}
	var all []*stretch
	for _, s := range byValue {
		if s.first != nil {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *stretch) int {
		return cmp.Or(cmp.Compare(a.from(), b.from()), cmp.Compare(a.value, b.value))
	})
	return all
}

// String is the fact in words: the operation, its times and its value.
func (f *fact) String() string {
	op := f.at
	if op.Client == 0 {
		return "it was " + f.value + " at the beginning"
	}
	times := fmt.Sprintf("(%d..%d)", op.Call, op.Return)
	if op.Pending() {
		times = fmt.Sprintf("(%d..?)", op.Call)
	}
	switch verb, operands, _ := strings.Cut(op.Input, " "); verb {
	case "read", "get":
		return fmt.Sprintf("c%d read %s %s", op.Client, f.value, times)
	case "cas":
		before, after, _ := strings.Cut(operands, " ")
		if f.value == before {
			return fmt.Sprintf("c%d changed %s to %s %s", op.Client, before, after, times)
		}
		return fmt.Sprintf("c%d wrote %s over %s %s", op.Client, after, before, times)
	default:
		return fmt.Sprintf("c%d wrote %s %s", op.Client, f.value, times)
	}
}
