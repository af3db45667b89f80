package faults

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Expect looks at each node of the first group, or at the whole cluster without a group,
// and changes nothing. Op has the state that the schedule expects: at least one of the
// words and values in nodeStates or clusterStates. Another state violates a property of
// its own.
const Expect EventKind = 32

var expectFamily = family{"expect", []descriptor{
	{
		kind: Expect, form: form{name: "expect", parts: parts{anExpectation}},
		example: "expect 2 leader term=3",
		about:   "a check: node 2 leads term 3; also vote=1, log={1 1 3}, config={1 2}+{3}, ...",
		check:   (*World).expect, byHand: true,
	},
}}

// stated is a part of the state that an Expect can name. Parts are compared as text, so
// each value has one spelling.
type stated struct {
	name string // before "="; "" for the words
	form string // for errors
	// valid reports whether a schedule of these nodes can expect the value.
	valid func(value string, nodes int) bool
	// is returns the value that is there, in the form of the one expected; "" if the node
	// is down and has none.
	is func(v *trace.View, n *trace.NodeView, expected string) string
}

// nodeStates are the parts of a node's state, in the order in which they are printed. A
// node that is down has the term, vote and log that are on its disk.
var nodeStates = [...]stated{
	{"", "follower, pre-candidate, candidate, leader, up, down, refused or wiped", isStanding, standingAs},
	{"term", "term=N", isNumber, func(_ *trace.View, n *trace.NodeView, _ string) string {
		return number(onDisk(n, n.Status.Term, n.Stored.Term))
	}},
	{"vote", "vote=NODE or vote=none", isNode, func(_ *trace.View, n *trace.NodeView, _ string) string {
		return nodeName(onDisk(n, n.Status.Vote, n.Stored.Vote))
	}},
	{"leader", "leader=NODE or leader=none", isNode, whileUp(func(n *trace.NodeView) string {
		return nodeName(n.Status.Leader)
	})},
	{"commit", "commit=N", isNumber, whileUp(func(n *trace.NodeView) string { return number(n.Status.Commit) })},
	{"applied", "applied=N", isNumber,
		whileUp(func(n *trace.NodeView) string { return number(n.Status.Applied) })},
	{"base", "base=N, after which the log begins", isNumber, whileUp(func(n *trace.NodeView) string {
		return number(n.Status.Base.Index)
	})},
	{"log", "log=1..N, or log={TERMS} with the term of each entry", isLog, logAs},
	{"config", "config={VOTERS}, config={VOTERS}&{OUTGOING VOTERS} or config={VOTERS}+{LEARNERS}",
		isConfiguration,
		whileUp(func(n *trace.NodeView) string { return n.Status.Config.String() })},
}

// clusterStates are the parts of the whole cluster's state.
var clusterStates = [...]stated{
	{"", "no-leader", func(value string, _ int) bool { return value == "no-leader" }, leadersAs},
	{"leader", "leader=NODE, the only one that leads", func(value string, nodes int) bool {
		return value != noNode && isNode(value, nodes)
	}, leadersAs},
	{"committed", "committed=N entries, which some node reported as committed", isNumber,
		func(v *trace.View, _ *trace.NodeView, _ string) string { return number(len(v.Committed)) }},
}

// states lists the parts that the event can name: those of a node, or of the cluster.
func (e *Event) states() []stated {
	if e.groups() == 0 {
		return clusterStates[:]
	}
	return nodeStates[:]
}

// expect compares the state that the event expects with the one that is there.
func (w *World) expect(e *Event) {
	found, shown := "", true
	if e.groups() == 0 {
		found, shown = w.unexpected(e, raft.None)
	} else {
		for id := range e.nodes(w.all).All() {
			other, seen := w.unexpected(e, id)
			found, shown = found+other, shown && seen
		}
	}
	r := w.begin(trace.Expected, raft.None)
	switch {
	case found != "":
		r.Outcome, r.Text = raft.Rejected, e.String()+": found"+found
	case !shown:
		r.Outcome, r.Text = raft.Unknown, e.String()+": a node does not show its state"
	default:
		r.Outcome, r.Text = raft.Done, "as expected"
	}
	w.show()
}

// unexpected has the parts of a node's state, or of the cluster's, that are not as
// expected, as they are, each after a space. It reports whether all parts can be seen.
func (w *World) unexpected(e *Event, id raft.NodeID) (found string, shown bool) {
	n, states, shown := &w.view.Nodes[id], e.states(), true
	for _, word := range statedWords(e.Op) {
		name, value := splitStated(word)
		if !w.shows(id, word) {
			shown = false
			continue
		}
		s := &states[slices.IndexFunc(states, func(s stated) bool { return s.name == name })]
		switch is := s.is(w.view, n, value); {
		case is == value:
		case is == "":
			found += " " + standing(n)
		case name == "":
			found += " " + is
		default:
			found += " " + name + "=" + is
		}
	}
	if found != "" && id != raft.None {
		found = " " + id.String() + found
	}
	return found, shown
}

// shows reports whether the state that a word expects can be seen. Nodes show whether
// they run, whatever else they hide.
func (w *World) shows(id raft.NodeID, word string) bool {
	n := &w.view.Nodes[id]
	switch {
	case id == raft.None:
		return w.view.AllInspected()
	case n.Inspected || word == "up" || word == "down" || word == "refused" || word == "wiped":
		return true
	}
	return !n.Up && isStanding(word, 0)
}

// standing is a node's role, or the reason why it has none.
func standing(n *trace.NodeView) string {
	switch {
	case n.Wiped:
		return "wiped"
	case n.Refused:
		return "refused"
	case !n.Up:
		return "down"
	case !n.Inspected:
		return "up"
	}
	return n.Status.Role.String()
}

// standingAs is a node's standing: up and down are true of several.
func standingAs(_ *trace.View, n *trace.NodeView, expected string) string {
	if expected == "up" && n.Up || expected == "down" && !n.Up {
		return expected
	}
	return standing(n)
}

func isStanding(value string, _ int) bool {
	switch value {
	case "up", "down", "refused", "wiped":
		return true
	}
	for role := range raft.Role(raft.Roles) {
		if value == role.String() {
			return true
		}
	}
	return false
}

// whileUp is a part that only a running node has.
func whileUp(is func(*trace.NodeView) string) func(*trace.View, *trace.NodeView, string) string {
	return func(_ *trace.View, n *trace.NodeView, _ string) string {
		if !n.Up {
			return ""
		}
		return is(n)
	}
}

// onDisk returns a part of a running node's state, or the same part of a disk.
func onDisk[T any](n *trace.NodeView, running, stored T) T {
	if n.Up {
		return running
	}
	return stored
}

// leadersAs names the nodes that lead.
func leadersAs(v *trace.View, _ *trace.NodeView, _ string) string {
	var leaders raft.NodeSet
	for id := range v.All.All() {
		if v.Nodes[id].Up && v.Nodes[id].Status.Role == raft.Leader {
			leaders = leaders.With(id)
		}
	}
	switch leaders.Len() {
	case 0:
		return "no-leader"
	case 1:
		return nodeName(leaders.Max())
	}
	return leaders.String()
}

// logAs is a node's log: its end, or the term of each entry.
func logAs(_ *trace.View, n *trace.NodeView, expected string) string {
	log := onDisk(n, n.Log, n.Stored.Log)
	if !strings.HasPrefix(expected, "{") {
		return "1.." + number(len(log))
	}
	terms := make([]string, len(log))
	for i := range log {
		terms[i] = number(log[i].Term)
	}
	return "{" + strings.Join(terms, " ") + "}"
}

// noNode stands for no node in a value.
const noNode = "none"

func nodeName(id raft.NodeID) string {
	if id == raft.None {
		return noNode
	}
	return number(id)
}

func number[T ~int | ~uint8 | ~uint64](n T) string { return strconv.FormatUint(uint64(n), 10) }

func isNumber(value string, _ int) bool {
	_, ok := parseNumber(value, 0, maxLog)
	return ok
}

func isNode(value string, nodes int) bool {
	var id raft.NodeID
	return value == noNode || parseNode(value, nodes, &id)
}

func isLog(value string, nodes int) bool {
	if last, ok := strings.CutPrefix(value, "1.."); ok {
		return isNumber(last, nodes)
	}
	terms, ok := bracketed(value)
	return ok && !slices.ContainsFunc(terms, func(term string) bool { return !isNumber(term, nodes) })
}

// bracketed returns the words between braces.
func bracketed(value string) (words []string, ok bool) {
	words = strings.Fields(strings.TrimSuffix(strings.TrimPrefix(value, "{"), "}"))
	return words, value == "{"+strings.Join(words, " ")+"}"
}

func isConfiguration(value string, nodes int) bool {
	var c raft.Configuration
	rest, learners, learned := strings.Cut(value, "+")
	voters, outgoing, joint := strings.Cut(rest, "&")
	ok := parseSet(voters, nodes, &c.Voters) && (!joint || parseSet(outgoing, nodes, &c.Outgoing)) &&
		(!learned || parseSet(learners, nodes, &c.Learners))
	return ok && c.String() == value
}

// parseSet reads a set of nodes as {1 2 3}.
func parseSet(value string, nodes int, set *raft.NodeSet) bool {
	words, ok := bracketed(value)
	for _, word := range words {
		var id raft.NodeID
		ok = ok && parseNode(word, nodes, &id)
		*set = set.With(id)
	}
	return ok
}

// statedWords divides a state at its spaces, apart from those within braces.
func statedWords(state string) (words []string) {
	open := false
	for _, word := range strings.Fields(state) {
		if open {
			words[len(words)-1] += " " + word
		} else {
			words = append(words, word)
		}
		if last := strings.LastIndexAny(word, "{}"); last >= 0 {
			open = word[last] == '{'
		}
	}
	return words
}

// splitStated divides a word of a state into a name, which words of a role do not have, and a value.
func splitStated(word string) (name, value string) {
	name, value, found := strings.Cut(word, "=")
	if !found {
		return "", name
	}
	return name, value
}

// checkExpectation reports an error unless the state is one that a schedule of these
// nodes can expect. It takes the nodes out of the words, and writes the state in the order
// of its parts.
func (e *Event) checkExpectation(nodes int) error {
	words := statedWords(e.Op)
	for id := raft.None; len(words) > 0 && parseNode(words[0], nodes, &id); words = words[1:] {
		if e.Groups[id] == 1 {
			return fmt.Errorf("expected each node once, found %s", quote(e.Op))
		}
		e.Groups[id] = 1
	}
	states := e.states()
	written := make([]string, len(states))
	for _, word := range words {
		name, value := splitStated(word)
		i := slices.IndexFunc(states, func(s stated) bool { return s.name == name })
		switch {
		case i < 0 || name == "" && !states[i].valid(value, nodes):
			return fmt.Errorf("expected %s, found %s", e.stateForms(nodes), quote(word))
		case !states[i].valid(value, nodes):
			return fmt.Errorf("expected %s, found %s", states[i].form, quote(word))
		case written[i] != "":
			return fmt.Errorf("expected each part of a state once, found %s and %s", quote(written[i]), quote(word))
		}
		written[i] = word
	}
	if e.Op = strings.Join(slices.DeleteFunc(written, func(s string) bool { return s == "" }), " "); e.Op == "" {
		return fmt.Errorf("expected %s, found nothing", e.stateForms(nodes))
	}
	return nil
}

// stateForms lists the words that may follow.
func (e *Event) stateForms(nodes int) string {
	var forms []string
	for _, s := range e.states() {
		forms = append(forms, s.form)
	}
	if e.groups() == 0 {
		forms[0] = fmt.Sprintf("nodes of 1..%d, or %s", nodes, forms[0])
	}
	return strings.Join(forms, "; ")
}

// expects reports whether the event has a state that a schedule of these nodes can
// expect, in the spelling in which it is printed.
func (e *Event) expects(nodes int) bool {
	again := Event{Op: string(e.appendGroup(nil, 1)) + " " + e.Op}
	return again.checkExpectation(nodes) == nil && again.Groups == e.Groups && again.Op == e.Op
}
