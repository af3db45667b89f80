package service

import "strings"

// Set is the services that schedules may name, in a fixed order. The first one is the
// usual one, for schedules that name none.
type Set []Service

// Named returns the service of a name, the usual one for "". It is nil if the set has none
// of the name.
func (s Set) Named(name string) Service {
	for _, each := range s {
		if name == "" || each.Name() == name {
			return each
		}
	}
	return nil
}

// Names lists the names of the services, for people.
func (s Set) Names() string {
	names := make([]string, len(s))
	for i, each := range s {
		names[i] = each.Name()
	}
	return strings.Join(names, ", ")
}
