package faults

import (
	"fmt"
	"strconv"
	"strings"

	"raftcheck/models/service"
	"raftcheck/raft"
)

// form is how a schedule writes events of a kind: the name, some parts, and up to two numbers.
type form struct {
	name   string
	parts  parts
	k, aux param
}

// part is one or more words between an event's name and its numbers.
type part uint8

const (
	noPart     part = iota
	aNode           // Node
	aLink           // Node and Peer
	aLinkOrAll      // Node and Peer, or neither
	aCut            // groups of nodes, or Node and Peer
	aClient         // Client
	anOperation
	aReadOnlyOperation
	aConfiguration // voters and learners, as Groups
	someNodes      // one group of nodes, or none
	anExpectation  // one group of nodes, or none, and a state
)

// parts are the parts of a form, in order. An operation or a state takes the rest of the line.
type parts [3]part

// partUsage is the text of each part in error messages.
var partUsage = [...]string{
	noPart:             "",
	aNode:              " NODE",
	aLink:              " FROM->TO",
	aLinkOrAll:         " [FROM->TO]",
	aCut:               " NODES | NODES [| ...] or FROM->TO",
	aClient:            " cCLIENT",
	anOperation:        " OPERATION",
	aReadOnlyOperation: " OPERATION",
	aConfiguration:     " to VOTERS [+ LEARNERS]",
	someNodes:          " [NODES]",
	anExpectation:      " [NODES] STATE",
}

// has reports whether the form has a part.
func (f *form) has(p part) bool {
	for _, q := range f.parts {
		if p == q {
			return true
		}
	}
	return false
}

// param is a number that an event may carry. Without a usual value it must be written;
// otherwise it is left out when it has that value. The zero param is no number.
type param struct {
	name               string
	least, most, usual int32
}

// required is the usual value of a number that is always written.
const required = -1

// count is the most common number: a position, or a number of writes or entries.
var count = param{"k", 0, MaxK, 0}

// appendPart appends one part of the event's text.
func (e *Event) appendPart(b []byte, p part) []byte {
	switch p {
	case aNode:
		return appendName(append(b, ' '), e.Node)
	case aLink:
		return e.appendLink(b)
	case aLinkOrAll:
		if e.Node != raft.None {
			return e.appendLink(b)
		}
	case aCut:
		if e.Node != raft.None {
			return e.appendLink(b)
		}
		return e.appendGroups(b)
	case aClient:
		return appendNumber(append(b, ' '), 'c', int64(e.Client))
	case anOperation, aReadOnlyOperation:
		return append(append(b, ' '), e.Op...)
	case aConfiguration:
		return e.appendConfiguration(b)
	case someNodes:
		return e.appendGroup(b, 1)
	case anExpectation:
		return append(append(e.appendGroup(b, 1), ' '), e.Op...)
	}
	return b
}

func (p *param) append(b []byte, v int32) []byte {
	if p.name == "" || v == p.usual {
		return b
	}
	b = append(append(b, ' '), p.name...)
	return appendNumber(b, '=', int64(v))
}

// fits reports whether a schedule of these nodes can contain the event, apart from its operation.
func (e *Event) fits(all raft.NodeSet) bool {
	if int(e.Kind) >= Kinds {
		return false
	}
	f := &table[e.Kind].form
	if f.name == "" || !f.k.allows(e.K) || !f.aux.allows(e.Aux) {
		return false
	}
	for _, p := range f.parts {
		if p != noPart && !e.fitsPart(p, all) {
			return false
		}
	}
	return true
}

func (e *Event) fitsPart(p part, all raft.NodeSet) bool {
	switch p {
	case aNode:
		return all.Has(e.Node)
	case aLink:
		return e.ofLink(all)
	case aLinkOrAll:
		return e.ofAll() || e.ofLink(all)
	case aCut:
		return e.ofAll() && e.ofGroups(all) && e.groups() > 1 || e.ofLink(all) && e.groups() == 0
	case aClient:
		return e.Client >= 1 && e.Client <= MaxClients
	case aConfiguration:
		return e.ofGroups(all) && e.groups() <= learnersGroup
	case someNodes:
		return e.groups() == 0 && e.Groups[0] == 0 || e.ofGroups(all) && e.groups() == 1
	case anExpectation:
		return e.expects(all.Len())
	}
	return true
}

// allows reports whether a number is within its bounds. A number that the form does not have is zero.
func (p *param) allows(v int32) bool { return p.least <= v && v <= p.most }

func (e *Event) ofAll() bool { return e.Node == raft.None && e.Peer == raft.None }

func (e *Event) ofLink(all raft.NodeSet) bool {
	return all.Has(e.Node) && all.Has(e.Peer) && e.Node != e.Peer
}

// ofGroups reports whether the event names at least one group of nodes, numbered without a gap.
func (e *Event) ofGroups(all raft.NodeSet) bool {
	seen := 1 // a bit for each group, and for no group
	for id, g := range e.Groups {
		if g > MaxNodes || g > 0 && !all.Has(raft.NodeID(id)) {
			return false
		}
		seen |= 1 << g
	}
	return seen > 1 && seen&(seen+1) == 0
}

// ParseEvent reads one line of a schedule for a cluster of so many nodes whose
// clients use a service. It is the inverse of Event.String.
func ParseEvent(line string, nodes int, svc service.Service) (Event, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Event{}, fmt.Errorf("expected an event, found an empty line")
	}
	kind, ok := kindsByName[words[0]]
	if !ok {
		return Event{}, fmt.Errorf("expected an event such as %q, found %s", "deliver 1->2", quote(line))
	}
	f := &table[kind].form
	e := Event{Kind: kind, K: max(f.k.usual, 0), Aux: max(f.aux.usual, 0)}
	rest, err := e.parseNumbers(f, words[1:])
	if err == nil && !e.parseParts(f, rest, nodes) {
		err = f.expected(line, nodes)
	}
	if err == nil {
		err = e.checkOperation(f, svc)
	}
	if err == nil && f.has(anExpectation) {
		err = e.checkExpectation(nodes)
	}
	if err != nil {
		return Event{}, err
	}
	return e, nil
}

// usage is the form as error messages show it.
func (f *form) usage() string {
	usage := f.name
	for _, p := range f.parts {
		usage += partUsage[p]
	}
	for _, p := range [...]param{f.k, f.aux} {
		switch {
		case p.name == "":
		case p.usual == required:
			usage += fmt.Sprintf(" %s=%d..%d", p.name, p.least, p.most)
		default:
			usage += fmt.Sprintf(" [%s=%d..%d]", p.name, p.least, p.most)
		}
	}
	return usage
}

// expected is the error of a line that does not have the form.
func (f *form) expected(line string, nodes int) error {
	return fmt.Errorf("expected %q with nodes 1..%d and clients c1..c%d, found %s",
		f.usage(), nodes, MaxClients, quote(line))
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
		if !found && p.usual == required {
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

// parseParts reads all parts of the form from the words.
func (e *Event) parseParts(f *form, words []string, nodes int) bool {
	ok := true
	for _, p := range f.parts {
		if p != noPart && ok {
			words, ok = e.parsePart(p, words, nodes)
		}
	}
	return ok && len(words) == 0
}

// parsePart reads one part and returns the words after it.
func (e *Event) parsePart(p part, words []string, nodes int) (rest []string, ok bool) {
	if len(words) == 0 {
		return nil, p == aLinkOrAll || p == someNodes
	}
	switch p {
	case aNode:
		return words[1:], parseNamed(words[0], nodes, &e.Node)
	case aLink, aLinkOrAll:
		return words[1:], e.parseLink(words[0], nodes)
	case aCut:
		return nil, len(words) == 1 && e.parseLink(words[0], nodes) || e.parseCut(words, nodes)
	case aClient:
		return words[1:], e.parseClient(words[0])
	case aConfiguration:
		return nil, words[0] == "to" && e.parseGroups(words[1:], "+", nodes) && e.groups() <= learnersGroup &&
			!e.Named()
	case someNodes:
		return nil, e.parseGroups(words, "|", nodes) && e.groups() == 1 && !e.Named()
	}
	e.Op = strings.Join(words, " ")
	return nil, true
}

// checkOperation reports an error unless the service knows the operation and the form takes it.
func (e *Event) checkOperation(f *form, svc service.Service) error {
	readOnly := f.has(aReadOnlyOperation)
	if !readOnly && !f.has(anOperation) {
		return nil
	}
	op, err := svc.ParseOp(e.Op)
	if err == nil && readOnly && !op.ReadOnly() {
		err = fmt.Errorf("expected an operation that is read-only after %q, found %s", e.Kind, quote(e.Op))
	}
	return err
}

func (e *Event) parseClient(word string) bool {
	number, ok := strings.CutPrefix(word, "c")
	n, valid := parseNumber(number, 1, MaxClients)
	e.Client = uint8(n)
	return ok && valid
}

func (e *Event) parseLink(word string, nodes int) bool {
	from, to, ok := strings.Cut(word, "->")
	return ok && parseNamed(from, nodes, &e.Node) && parseNamed(to, nodes, &e.Peer) && e.Node != e.Peer
}

// parseCut reads two or more groups of nodes with bars between them.
func (e *Event) parseCut(words []string, nodes int) bool {
	e.Node, e.Peer = raft.None, raft.None
	return e.parseGroups(words, "|", nodes) && e.groups() > 1
}

// parseGroups reads groups of nodes with a word between them. No group is
// empty, and a node is in at most one.
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
		if !parseNamed(word, nodes, &id) || e.Groups[positionOf(id)] != 0 {
			return false
		}
		e.Groups[positionOf(id)] = group
		members++
	}
	return members > 0
}

// parseNamed reads a node's number, or the leader's name.
func parseNamed(word string, nodes int, id *raft.NodeID) bool {
	if word == leaderWord {
		*id = Leading
		return true
	}
	return parseNode(word, nodes, id)
}

func parseNode(word string, nodes int, id *raft.NodeID) bool {
	n, ok := parseNumber(word, 1, int64(min(nodes, MaxNodes)))
	*id = raft.NodeID(n)
	return ok
}

// parseNumber reads a decimal number within bounds. Only the canonical spelling is accepted.
func parseNumber(word string, least, most int64) (int64, bool) {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < least || n > most || strconv.FormatInt(n, 10) != word {
		return 0, false
	}
	return n, true
}
