package faults

import (
	"fmt"
	"slices"
)

// EventKind is the kind of an event. The kinds of a family are in the file of the
// family's name: link.go, disk.go, process.go, real.go, clock.go, client.go, outside.go,
// operator.go, macro.go and expect.go. A new kind is a constant and a [descriptor] there.
//
// Numbers are given once and never change; a new kind takes the next free one.
// Only the order of random draws depends on them: package generate asks for the
// kinds in the order of their numbers. Schedules have names.
type EventKind uint8

// Kinds is more than the number of any kind, for arrays indexed by kind.
const Kinds = 64

// descriptor is everything that the harness knows about one kind of event. Parser,
// world, generator, shrinker, neighbourhoods and the reference table all ask it.
type descriptor struct {
	kind EventKind
	form
	example string // a line of a schedule
	about   string // the effect of that line, for the reference table

	// act carries out a plain event. It returns the reason why the event was not enabled,
	// and changes nothing then.
	act func(*World, *Event) reason
	// macro carries out an event that stands for a series of plain ones.
	macro func(*World, Event)
	// check looks at the cluster and changes nothing. Exactly one of act, macro and check
	// is set.
	check func(*World, *Event)
	// at is the site at which World.Enabled offers the kind; nowhere for kinds whose
	// numbers have no end. Kinds of one site are offered in the order of their family.
	at site
	// enabled reports whether an event that the site has filled in is enabled, and may
	// change its numbers; nil if it always is.
	enabled func(*World, *Event) bool

	// plainer lists simpler events that may do instead, the simplest first; nil if none
	// does. Smaller numbers are tried after them, unless exact is set.
	plainer func(e Event, nodes int) []Event
	// exact: a smaller K is no simpler.
	exact bool
	// timed: K is a number of ticks.
	timed bool
	// byHand: only people write the kind. Generators do not, and World.Enabled does not
	// offer it.
	byHand bool
	// closing: generators have the kind only at the end of a schedule, without a weight.
	closing bool
	// request: the operator asks a node for something, under a number of its own.
	request bool
	hazard  Hazard
	harm    harm // to the nodes and links that the event names
}

// family is the kinds of event of one file.
type family struct {
	name  string // of the file, without ".go"
	kinds []descriptor
}

// families are all kinds of event, in the order of the reference table.
var families = [...]*family{
	&clockFamily, &linkFamily, &diskFamily, &processFamily,
	&realFamily, &clientFamily, &operatorFamily, &outsideFamily, &macroFamily, &expectFamily,
}

// table has the descriptor of each kind. It and the three lists below are filled from
// families when the program starts: an initializer would depend on itself, because
// actions print events.
var (
	table       [Kinds]descriptor
	kindsByName = map[string]EventKind{}
	kindsAt     [sites][]EventKind
	byNumber    []EventKind
)

func init() {
	for _, f := range families {
		for _, d := range f.kinds {
			if d.kind == 0 || table[d.kind].name != "" {
				panic(fmt.Sprintf("faults/%s.go: %s has number %d, which is taken or zero", f.name, d.name, d.kind))
			}
			table[d.kind] = d
			kindsByName[d.name] = d.kind
			byNumber = append(byNumber, d.kind)
			if d.at != nowhere {
				kindsAt[d.at] = append(kindsAt[d.at], d.kind)
			}
		}
	}
	slices.Sort(byNumber)
}

// EventKinds lists every kind in the order of the numbers. It must not be changed.
func EventKinds() []EventKind { return byNumber }

// String is the kind's name in schedules.
func (k EventKind) String() string { return table[k].name }

// Example is a line of a schedule that has the kind, and its effect in a few words.
func (k EventKind) Example() (line, effect string) { return table[k].example, table[k].about }

// Macro reports whether events of the kind stand for a series of plain events.
func (k EventKind) Macro() bool { return int(k) < Kinds && table[k].macro != nil }

// Checks reports whether events of the kind look at the cluster and change nothing.
func (k EventKind) Checks() bool { return int(k) < Kinds && table[k].check != nil }

// ByHand reports whether only people write events of the kind, and generators do not.
func (k EventKind) ByHand() bool { return table[k].byHand }

// Closing reports whether generators have events of the kind only at the end of a schedule.
func (k EventKind) Closing() bool { return table[k].closing }

// Hazard is the kind's hazard.
func (k EventKind) Hazard() Hazard { return table[k].hazard }

// Family is the name of the kind's family, such as "link".
func (k EventKind) Family() string {
	for _, f := range families {
		for i := range f.kinds {
			if f.kinds[i].kind == k {
				return f.name
			}
		}
	}
	return ""
}

// File is the file that describes the kind.
func (k EventKind) File() string { return "faults/" + k.Family() + ".go" }

// Reference describes every kind of event: an example and its effect, a line each, with
// a blank line between families.
func Reference() string {
	width := 0
	for i := range table {
		width = max(width, len(table[i].example))
	}
	var b []byte
	for i, f := range families {
		if i > 0 {
			b = append(b, '\n')
		}
		for _, d := range f.kinds {
			b = fmt.Appendf(b, "%-*s  %s\n", width, d.example, d.about)
		}
	}
	return string(b)
}

// ticks is the most ticks of time that the event passes.
func (e *Event) ticks() int {
	if !table[e.Kind].timed {
		return 0
	}
	return int(e.K)
}
