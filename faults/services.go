package faults

import (
	"cmp"
	"strings"

	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// services are what clients can use.
var services = []service.Service{kv.Service{}, election.Service{}, election.Service{Trusting: true}}

// usualService is the one of a schedule that names none.
const usualService = "kv"

// ServiceNamed returns the service that schedules call so; "" is the usual one.
func ServiceNamed(name string) (service.Service, bool) {
	for _, s := range services {
		if s.Name() == cmp.Or(name, usualService) {
			return s, true
		}
	}
	return nil, false
}

// ServiceNames lists the services, the usual one first.
func ServiceNames() (names []string) {
	for _, s := range services {
		names = append(names, s.Name())
	}
	return names
}

// serviceNames lists the services, for errors.
func serviceNames() string { return strings.Join(ServiceNames(), ", ") }
