package faults

import (
	"fmt"
	"strconv"
	"strings"

	"raftcheck/models/service"
	"raftcheck/raft"
)

// kindsByName finds a kind by its name.
var kindsByName = func() map[string]EventKind {
	m := map[string]EventKind{}
	for k := Tick; int(k) < Kinds; k++ {
		m[forms[k].name] = k
	}
	return m
}()

// shapeForms says what each shape expects, for errors.
var shapeForms = [...]string{
	bare:        "",
	ofNode:      " NODE",
	ofLink:      " FROM->TO",
	ofLinkOrAll: " [FROM->TO]",
	ofCut:       " NODES | NODES [| ...] or FROM->TO",
	ofCall:      " cCLIENT NODE OPERATION",
	ofRetry:     " cCLIENT NODE",
	ofClient:    " cCLIENT",

	ofReconfigure: " NODE to VOTERS [+ LEARNERS]",
}

// ParseEvent reads one line of a schedule for a cluster of so many nodes whose
// clients use a service; it is the inverse of Event.String.
func ParseEvent(line string, nodes int, svc service.Service) (Event, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Event{}, fmt.Errorf("expected an event, found an empty line")
	}
	kind, ok := kindsByName[words[0]]
	if !ok {
		return Event{}, fmt.Errorf("expected an event such as %q, found %s", "deliver 1->2", quote(line))
	}
	f := &forms[kind]
	e := Event{Kind: kind, K: max(f.k.usual, 0), Aux: max(f.aux.usual, 0)}
	r := words[1:]
	if f.shape == ofCall {
		return e.parseCall(r, nodes, svc, line)
	}
	r, err := e.parseNumbers(f, r)
	if err == nil {
		err = e.parseShape(f, r, nodes, line)
	}
	if err != nil {
		return Event{}, err
	}
	return e, nil
}

// ticks is how many ticks of time the event passes at most.
func (e *Event) ticks() int {
	switch e.Kind {
	case Tick, Run, Heal:
		return int(e.K)
	}
	return 0
}

// expected is the error of a line that is not of the form.
func (f *form) expected(line string, nodes int) error {
	return fmt.Errorf("expected %q with nodes 1..%d and clients c1..c%d, found %s", f.usage(), nodes, MaxClients, quote(line))
}

// Form is how schedules write the kind, with the bounds of its numbers, such as "crash NODE [k=0..10000]".
func (k EventKind) Form() string { return forms[k].usage() }

func (f *form) usage() string {
	usage := f.name + shapeForms[f.shape]
	for _, p := range []param{f.k, f.aux} {
		switch {
		case p.name == "":
		case p.usual == always:
			usage += fmt.Sprintf(" %s=%d..%d", p.name, p.least, p.most)
		default:
			usage += fmt.Sprintf(" [%s=%d..%d]", p.name, p.least, p.most)
		}
	}
	return usage
}

// parseNumbers reads the name=value words at the end and returns the words before them.
func (e *Event) parseNumbers(f *form, words []string) ([]string, error) {
	for _, p := range []struct {
		*param
		to *int32
	}{{&f.aux, &e.Aux}, {&f.k, &e.K}} {
		if p.name == "" {
			continue
		}
		last := len(words) - 1
		var value string
		found := false
		if last >= 0 {
			value, found = strings.CutPrefix(words[last], p.name+"=")
		}
		if !found && p.usual == always {
			return nil, fmt.Errorf("expected %s=%d..%d at the end of %q", p.name, p.least, p.most, f.name)
		}
		if !found {
			continue
		}
		n, ok := parseNumber(value, int64(p.least), int64(p.most))
		if !ok {
			return nil, fmt.Errorf("expected %s=%d..%d, found %s", p.name, p.least, p.most, quote(words[last]))
		}
		*p.to = int32(n)
		words = words[:last]
	}
	return words, nil
}

func (e *Event) parseShape(f *form, words []string, nodes int, line string) error {
	ok := false
	switch f.shape {
	case bare:
		ok = len(words) == 0
	case ofNode:
		ok = len(words) == 1 && parseNode(words[0], nodes, &e.Node)
	case ofLink:
		ok = len(words) == 1 && e.parseLink(words[0], nodes)
	case ofLinkOrAll:
		ok = len(words) == 0 || len(words) == 1 && e.parseLink(words[0], nodes)
	case ofCut:
		ok = len(words) == 1 && e.parseLink(words[0], nodes) || e.parseCut(words, nodes)
	case ofRetry:
		ok = len(words) == 2 && e.parseClient(words[0]) && parseNode(words[1], nodes, &e.Node)
	case ofClient:
		ok = len(words) == 1 && e.parseClient(words[0])
	case ofReconfigure:
		ok = e.parseReconfigure(words, nodes)
	}
	if !ok {
		return f.expected(line, nodes)
	}
	return nil
}

func (e Event) parseCall(words []string, nodes int, svc service.Service, line string) (Event, error) {
	if len(words) < 3 || !e.parseClient(words[0]) || !parseNode(words[1], nodes, &e.Node) {
		return Event{}, forms[e.Kind].expected(line, nodes)
	}
	e.Op = strings.Join(words[2:], " ")
	op, err := svc.ParseOp(e.Op)
	if err == nil && e.Kind != Call && !op.ReadOnly() {
		err = fmt.Errorf("expected an operation that is read-only after %q, found %s", e.Kind, quote(e.Op))
	}
	if err != nil {
		return Event{}, err
	}
	return e, nil
}

func (e *Event) parseClient(word string) bool {
	number, ok := strings.CutPrefix(word, "c")
	n, valid := parseNumber(number, 1, MaxClients)
	e.Client = uint8(n)
	return ok && valid
}

func (e *Event) parseLink(word string, nodes int) bool {
	from, to, ok := strings.Cut(word, "->")
	return ok && parseNode(from, nodes, &e.Node) && parseNode(to, nodes, &e.Peer) && e.Node != e.Peer
}

// parseCut reads two groups of nodes or more, parted by bars.
func (e *Event) parseCut(words []string, nodes int) bool {
	e.Node, e.Peer = raft.None, raft.None
	return e.parseGroups(words, "|", nodes) && e.groups() > 1
}

// parseReconfigure reads the node that is asked, the voters and the learners.
func (e *Event) parseReconfigure(words []string, nodes int) bool {
	return len(words) > 2 && parseNode(words[0], nodes, &e.Node) && words[1] == "to" &&
		e.parseGroups(words[2:], "+", nodes) && e.groups() <= learnersGroup
}

// parseGroups reads groups of nodes with a word between them. No group is
// empty, and a node is in one at most.
func (e *Event) parseGroups(words []string, between string, nodes int) bool {
	group, members := uint8(1), 0
	for _, word := range words {
		if word == between {
			if members == 0 {
				return false
			}
			group, members = group+1, 0
			continue
		}
		var id raft.NodeID
		if !parseNode(word, nodes, &id) || e.Groups[id] != 0 {
			return false
		}
		e.Groups[id] = group
		members++
	}
	return members > 0
}

func parseNode(word string, nodes int, id *raft.NodeID) bool {
	n, ok := parseNumber(word, 1, int64(min(nodes, MaxNodes)))
	*id = raft.NodeID(n)
	return ok
}

// parseNumber reads a decimal number written as it would be printed, within bounds.
func parseNumber(word string, least, most int64) (int64, bool) {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < least || n > most || strconv.FormatInt(n, 10) != word {
		return 0, false
	}
	return n, true
}
