package trial

import (
	"fmt"
	"strings"

	"raftcheck/models"
	"raftcheck/raft"
)

// Linearizability is the property that the clients' history is judged by
// (Herlihy and Wing, 1990), beside those of the trace.
var Linearizability = models.Property{
	Name:   "Linearizability",
	Rule:   "Some order of the clients' operations, consistent with their times, explains every result.",
	Source: "Herlihy and Wing: Linearizability, 1990; Raft paper, section 8",
	Kind:   models.KindOutcome,
}

// Properties lists every property that runs of a system are judged by; those of every
// system if it is nil.
func Properties(system raft.System) []models.Property {
	return append(models.PropertiesOf(system), Linearizability)
}

// PropertyOf returns the property of a name that runs of a system are judged by.
func PropertyOf(system raft.System, name string) models.Property {
	for _, p := range Properties(system) {
		if p.Name == name {
			return p
		}
	}
	panic("there is no property " + name)
}

// ValidateProperties reports a property of a system that cannot be told from another
// one, or whose name no file could have.
func ValidateProperties(system raft.System) error {
	seen := map[string]bool{}
	for _, p := range Properties(system) {
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

func plainName(name string) bool {
	plain := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' }
	return name != "" && strings.TrimFunc(name, plain) == ""
}
