package trial

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Linearizability is the property of the clients' history (Herlihy and Wing, 1990).
// All other properties are of the trace.
var Linearizability = models.Property{
	Name:   "Linearizability",
	Rule:   "Some order of the clients' operations, consistent with their times, explains every result.",
	Source: "Herlihy and Wing: Linearizability, 1990; Raft paper, section 8",
	Kind:   models.KindOutcome,
}

// Expectation is the property of a schedule that expects states. Properties does not list
// it: no random schedule expects any.
var Expectation = new(models.Expectation).Property()

// Survival is judged where schedules run in processes of their own (package apart): the
// process in which a system breaks it is no place to judge.
var Survival = models.Property{
	Name: "Survival",
	Rule: "A call of a node returns within seconds, in its goroutine, and nothing that a node starts " +
		"outlives it, or ends or exhausts the process.",
	Source: "package raft: a step returns, and a node owns no goroutine",
}

// Properties lists the properties that are judged in runs of a system. For nil it
// lists those that are judged for every system.
func Properties(system raft.System) []models.Property {
	return append(models.PropertiesOf(system), Linearizability)
}

// Outcomes lists the properties that are outcomes, and no rules on the way.
func Outcomes(system raft.System) []models.Property {
	isRule := func(p models.Property) bool { return p.Kind != models.KindOutcome }
	return slices.DeleteFunc(Properties(system), isRule)
}

// PropertyOf returns the property of a system with a name. It panics if there is none.
func PropertyOf(system raft.System, name string) models.Property {
	for _, p := range append(Properties(system), Survival) {
		if p.Name == name {
			return p
		}
	}
	panic("there is no property " + name)
}

// maxWords bounds a text with which a system describes itself, in bytes.
const maxWords = 1000

// ValidateSystem returns an error if a system states what no run can go by: another name each
// time, limits that no cluster keeps, or properties without names of their own. So does a
// system whose statement panics.
func ValidateSystem(system raft.System) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("expected a system that states its name, limits and properties, found a panic: %s",
				trace.OneLine(trace.PanicText(p)))
		}
	}()
	if system == nil || !faults.ValidName(system.Name()) {
		return errors.New("expected a system with a name of a-z 0-9 - + . only")
	}
	if name, other := system.Name(), system.Name(); name != other {
		return fmt.Errorf("expected a system with one name, found %q and %q", name, other)
	}
	l := raft.LimitsOf(system)
	if other := raft.LimitsOf(system); l != other {
		return fmt.Errorf("expected a system with the same limits each time, found %+v and %+v", l, other)
	}
	readless := ""
	if s, ok := system.(raft.Readless); ok {
		readless = s.Readless()
	}
	for _, text := range []string{Nondeterminism(system), l.Algorithm, readless} {
		if len(text) > maxWords || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("expected reasons and names of at most %d printable bytes, found %.80q", maxWords, text)
		}
	}
	if l.Least > faults.MaxNodes || l.Most < 0 || l.Most > 0 && l.Most < l.Least {
		return fmt.Errorf("expected a system whose limits a cluster of 1 to %d nodes keeps, found %d and %d",
			faults.MaxNodes, l.Least, l.Most)
	}
	if brings, ok := system.(models.Judged); ok {
		for _, c := range brings.Checkers() {
			if reflect.TypeOf(c).Kind() != reflect.Pointer {
				return fmt.Errorf("expected checkers that are pointers, found a %T", c)
			}
		}
	}
	return validateProperties(system)
}

// validateProperties returns an error if two properties of a system have the same
// name, apart from case, or if a name is not of letters and digits: names are parts
// of file names.
func validateProperties(system raft.System) error {
	seen := map[string]bool{}
	for _, p := range append(Properties(system), Survival, Expectation) {
		if !plainName(p.Name) {
			return fmt.Errorf("expected a property with a name of letters and digits, found %q", p.Name)
		}
		if seen[strings.ToLower(p.Name)] {
			return fmt.Errorf("expected properties with different names, found %s twice", p.Name)
		}
		seen[strings.ToLower(p.Name)] = true
	}
	return nil
}

// ValidateServices reports a set of services that schedules cannot name, or whose goals
// are too many.
func ValidateServices(set service.Set) error {
	seen := map[string]bool{}
	for _, s := range set {
		switch {
		case s == nil || !faults.ValidName(s.Name()):
			return errors.New("expected a service with a name of 1 to 64 of a-z 0-9 . - +")
		case seen[s.Name()]:
			return fmt.Errorf("expected services with different names, found %s twice", s.Name())
		}
		seen[s.Name()] = true
	}
	if len(set) == 0 {
		return errors.New("expected a service for the clients, found none")
	}
	if n := len(GoalsOf(set)); n > MaxGoals {
		return fmt.Errorf("expected at most %d goals with those of services, found %d", MaxGoals, n)
	}
	return nil
}

// plainName reports whether a name is of letters and digits.
func plainName(name string) bool {
	plain := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' }
	return name != "" && strings.TrimFunc(name, plain) == ""
}
