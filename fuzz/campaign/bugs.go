package campaign

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"raftcheck/faults"
)

// Bug is findings that are alike in what broke, where and how, so that they show one bug:
// their signs, and the shape of their smallest schedules.
type Bug struct {
	Keys     []string // of the findings, the smallest first
	*Finding          // the sum of them
	known    *Judged  // that the findings are alike to, nil if there is none
	looks    looks    // of the first finding, or of the known one
}

// looks are the signs and the shape of a finding.
type looks struct{ signs, shape []string }

func looksOf(key, shape string) looks {
	return looks{strings.Split(key, between), strings.Fields(shape)}
}

// leastAlike is the part of the signs of two findings that both must have. With a third, and
// shapes of which one has the other, 30 mixes of ten mutants each had pairs of a precision of
// 0.93 and a recall of 0.87 (0.72 and 0.89 if any sign joined two groups).
const leastAlike = 1.0 / 3

// alike is the part of the signs of two findings that both have: none unless the events of
// one are of all families of the other's, or if the part is small.
func (l looks) alike(o looks) float64 {
	part := shared(l.signs, o.signs)
	if part < leastAlike || !within(l.shape, o.shape) && !within(o.shape, l.shape) {
		return 0
	}
	return part
}

// shared is how many of the names in either list are in both, as a part of one.
func shared(a, b []string) float64 {
	both := 0
	for _, name := range a {
		if slices.Contains(b, name) {
			both++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// within reports whether a list has all names of another.
func within(names, all []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(all, name) })
}

// shapeOf names the families of a schedule's events. Clocks and macro events let time pass in
// nearly every schedule, as messages that arrive and writes that become durable do.
func shapeOf(s *faults.Schedule) string {
	var names []string
	for i := range s.Events {
		kind := s.Events[i].Kind
		family := kind.Family()
		if kind != faults.Deliver && kind != faults.Persist && family != "clock" && family != "macro" {
			names = append(names, family)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// Bugs sorts the findings of a tally, in an order that these alone decide.
func (t *Tally) Bugs() []Bug { return bugs(t.Findings, nil) }

// bugs sorts findings. From the smallest on, each is of the bug that it is most alike to, and
// of one of its own if there is none. Known findings are a bug each from the beginning.
func bugs(findings map[string]*Finding, known []Judged) (list []Bug) {
	for i := range known {
		one := &known[i]
		list = append(list, Bug{known: one, looks: looksOf(one.Key, shapeOf(one.Schedule))})
	}
	keys := slices.SortedFunc(maps.Keys(findings), func(a, b string) int {
		return cmp.Or(findings[a].Smallest.compare(findings[b].Smallest), cmp.Compare(a, b))
	})
	for _, key := range keys {
		f := findings[key]
		own := looksOf(key, f.Smallest.Shape)
		at := mostAlike(list, own)
		if at < 0 {
			at, list = len(list), append(list, Bug{looks: own})
		}
		list[at].add(key, f)
	}
	return slices.DeleteFunc(list, func(b Bug) bool { return b.Finding == nil })
}

// mostAlike is the first of the bugs that a finding is most alike to, -1 if it is to none.
func mostAlike(list []Bug, own looks) int {
	best, most := -1, 0.0
	for i := range list {
		if part := own.alike(list[i].looks); part > most {
			best, most = i, part
		}
	}
	return best
}

func (b *Bug) add(key string, f *Finding) {
	b.Keys = append(b.Keys, key)
	if b.Finding == nil {
		b.Finding = f
	} else {
		b.Finding = b.Finding.with(f)
	}
}
