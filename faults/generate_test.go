package faults

import (
	"math"
	"slices"

	"pgregory.net/rapid"

	"raftcheck/raft"
)

// anyOp draws an operation that ParseOp accepts.
func anyOp() *rapid.Generator[string] {
	return rapid.StringMatching(`(get|delete) [a-z]{1,3}|(put|append) [a-z] [0-9A-Za-z._-]{1,3}x|cas k (nil|1) [1-9]`)
}

// anyRead draws an operation that is read-only.
func anyRead() *rapid.Generator[string] { return rapid.StringMatching(`get [a-z]{1,3}`) }

// validEvent draws an event that a schedule of so many nodes can have.
func validEvent(nodes int) *rapid.Generator[Event] {
	return rapid.Custom(func(t *rapid.T) Event {
		return validEventOf(t, rapid.SampledFrom(EventKinds()).Filter(func(k EventKind) bool {
			return nodes > 1 || !table[k].has(aLink) && !table[k].has(aCut)
		}).Draw(t, "kind"), nodes)
	})
}

func validEventOf(t *rapid.T, kind EventKind, nodes int) Event {
	f := &table[kind].form
	e := Event{Kind: kind, K: f.k.any(t), Aux: f.aux.any(t)}
	for _, p := range f.parts {
		e.drawPart(t, p, nodes)
	}
	return e
}

func (e *Event) drawPart(t *rapid.T, p part, nodes int) {
	switch p {
	case aNode:
		e.Node = anyNode(t, nodes)
	case aLink:
		e.drawLink(t, nodes)
	case aLinkOrAll:
		if nodes > 1 && rapid.Bool().Draw(t, "one link") {
			e.drawLink(t, nodes)
		}
	case aCut:
		if rapid.Bool().Draw(t, "one link") {
			e.drawLink(t, nodes)
		} else {
			e.Groups = drawGroups(t, nodes)
		}
	case aClient:
		e.Client = rapid.Uint8Range(1, MaxClients).Draw(t, "client")
	case anOperation:
		e.Op = anyOp().Draw(t, "op")
	case aReadOnlyOperation:
		e.Op = anyRead().Draw(t, "op")
	case aConfiguration:
		e.Groups = anyReconfiguration(t, nodes).Groups
	case someNodes:
		if set := anySet(t, nodes); rapid.Bool().Draw(t, "some nodes") {
			for id := range set.All() {
				e.Groups[id] = 1
			}
		}
	case anExpectation:
		e.drawExpectation(t, nodes)
	}
}

// anySet draws a set of at least one node.
func anySet(t *rapid.T, nodes int) raft.NodeSet {
	set := raft.NodeSet(rapid.Uint64Range(0, uint64(raft.FirstNodes(nodes))).Draw(t, "set"))
	return (set & raft.FirstNodes(nodes)).With(anyNode(t, nodes))
}

// drawExpectation draws any of the parts that the state of a node, or of the cluster, has.
func (e *Event) drawExpectation(t *rapid.T, nodes int) {
	number := func() string { return number(rapid.IntRange(0, 99).Draw(t, "number")) }
	words := []string{"no-leader", "leader=" + nodeName(anyNode(t, nodes)), "committed=" + number()}
	if rapid.Bool().Draw(t, "of a node") {
		for id := range anySet(t, nodes).All() {
			e.Groups[id] = 1
		}
		asked := anyReconfiguration(t, nodes)
		c := asked.Configuration()
		c.Outgoing = anySet(t, nodes)
		word := rapid.SampledFrom([]string{"follower", "pre-candidate", "candidate", "leader", "up", "down", "refused", "wiped"})
		other := raft.NodeID(rapid.IntRange(0, nodes).Draw(t, "other node"))
		words = []string{
			word.Draw(t, "word"), "term=" + number(), "vote=" + nodeName(other), "leader=" + nodeName(other),
			"commit=" + number(), "applied=" + number(), "base=" + number(),
			rapid.SampledFrom([]string{"log=1..0", "log={}", "log={1 1 3}", "log=1.." + number()}).Draw(t, "log"),
			"config=" + c.String(),
		}
	}
	asked := rapid.SliceOfN(rapid.Bool(), len(words), len(words)).Draw(t, "asked")
	for i, word := range words {
		if asked[i] || i == len(words)-1 && e.Op == "" {
			e.Op += " " + word
		}
	}
	e.Op = e.Op[1:]
}

func anyReconfiguration(t *rapid.T, nodes int) Event {
	set := rapid.Uint64Range(0, uint64(raft.FirstNodes(nodes)))
	voters := raft.NodeSet(set.Draw(t, "voters")) & raft.FirstNodes(nodes)
	if voters == 0 {
		voters = raft.NodeSetOf(anyNode(t, nodes))
	}
	learners := raft.NodeSet(set.Draw(t, "learners")) & raft.FirstNodes(nodes)
	return ReconfigureTo(anyNode(t, nodes), voters, learners)
}

func anyNode(t *rapid.T, nodes int) raft.NodeID {
	return raft.NodeID(rapid.IntRange(1, nodes).Draw(t, "node"))
}

func (p *param) any(t *rapid.T) int32 { return rapid.Int32Range(p.least, p.most).Draw(t, "k"+p.name) }

func (e *Event) drawLink(t *rapid.T, nodes int) {
	e.Node = anyNode(t, nodes)
	e.Peer = raft.NodeID((int(e.Node)+rapid.IntRange(0, nodes-2).Draw(t, "peer"))%nodes + 1)
}

// drawGroups puts nodes in groups numbered from 1, without gaps.
func drawGroups(t *rapid.T, nodes int) (groups [MaxNodes + 1]uint8) {
	ids := rapid.Permutation([]raft.NodeID{1, 2, 3, 4, 5, 6, 7, 8, 9}[:nodes]).Draw(t, "nodes")
	most := rapid.IntRange(2, nodes).Draw(t, "groups")
	for i, id := range ids {
		if i < most {
			groups[id] = uint8(i + 1)
		} else {
			groups[id] = uint8(rapid.IntRange(0, most).Draw(t, "group"))
		}
	}
	return groups
}

// wildEvent draws any value of Event, also those that no schedule can have.
func wildEvent() *rapid.Generator[Event] {
	return rapid.Custom(func(t *rapid.T) Event {
		number := rapid.OneOf(rapid.Int32Range(-2, 8), rapid.Just[int32](MaxK+1), rapid.Just[int32](math.MinInt32),
			rapid.Just[int32](math.MaxInt32), rapid.Int32())
		node := rapid.OneOf(rapid.Uint8Range(0, MaxNodes+1), rapid.Uint8())
		e := Event{
			Kind:   EventKind(rapid.OneOf(rapid.Uint8Range(0, uint8(Kinds)), rapid.Uint8()).Draw(t, "kind")),
			Node:   raft.NodeID(node.Draw(t, "node")),
			Peer:   raft.NodeID(node.Draw(t, "peer")),
			Client: rapid.OneOf(rapid.Uint8Range(0, MaxClients+1), rapid.Uint8()).Draw(t, "client"),
			K:      number.Draw(t, "k"),
			Aux:    number.Draw(t, "aux"),
			Op:     rapid.OneOf(anyOp(), rapid.String()).Draw(t, "op"),
		}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			e.Groups[rapid.IntRange(0, MaxNodes).Draw(t, "member")] = rapid.OneOf(rapid.Uint8Range(0, 3), rapid.Uint8()).Draw(t, "group")
		}
		return e
	})
}

// aptEvent draws an event that often is enabled: small numbers, few names.
func aptEvent(nodes int) *rapid.Generator[Event] {
	common := []EventKind{
		Timeout, Deliver, Deliver, Drop, Duplicate, Persist, Persist, Crash, Tear, Fail, Corrupt, Restart, Restart, Call, Call, Tick, Settle,
	}
	return rapid.Custom(func(t *rapid.T) Event {
		e := validEvent(nodes).Draw(t, "event")
		if nodes > 1 && rapid.Bool().Draw(t, "common") {
			e.Kind = rapid.SampledFrom(common).Draw(t, "kind")
			e = e.fitted(t, nodes)
		}
		e.K = max(min(e.K, 3), table[e.Kind].k.least)
		if e.Kind == Run || e.Kind == Heal {
			e.K = rapid.Int32Range(1, 40).Draw(t, "ticks")
		}
		return e
	})
}

// aptEvents draws a short or a long series of them: what a leader commits takes a dozen events at least.
func aptEvents(nodes int) *rapid.Generator[[]Event] {
	return rapid.Custom(func(t *rapid.T) []Event {
		least := rapid.SampledFrom([]int{0, 10, 40, 80}).Draw(t, "at least")
		return rapid.SliceOfN(aptEvent(nodes), least, least+20).Draw(t, "series")
	})
}

// fitted draws the fields that an event of the kind has, the numbers small.
func (e Event) fitted(t *rapid.T, nodes int) Event {
	fit := validEventOf(t, e.Kind, nodes)
	if fit.Client > 0 {
		fit.Client = rapid.Uint8Range(1, 3).Draw(t, "small client")
	}
	if fit.Aux = 0; table[e.Kind].k.name != "" {
		fit.K = rapid.SampledFrom([]int32{0, 0, 0, 1, 2}).Draw(t, "small")
	}
	return fit
}

// anySchedule draws a schedule as Parse returns it.
func anySchedule() *rapid.Generator[*Schedule] {
	return rapid.Custom(func(t *rapid.T) *Schedule {
		s := &Schedule{
			System: rapid.StringMatching(`[a-z0-9+-][a-z0-9.+-]{0,63}`).Draw(t, "system"),
			Nodes:  rapid.IntRange(1, MaxNodes).Draw(t, "size"),
			Rand:   rapid.Uint64().Draw(t, "rand"),
		}
		s.Use(house, rapid.SampledFrom([]string{"", "kv", "yard"}).Draw(t, "service"))
		if s.Nodes > 1 {
			s.Voters = rapid.IntRange(0, s.Nodes-1).Draw(t, "voters")
			s.Learners = anySet(t, s.Nodes) &^ s.First()
		}
		s.PreVote = rapid.Bool().Draw(t, "prevote")
		line := rapid.StringMatching(`([!-~é→][ -~é→]{0,20})?[!-~é→]`)
		s.Prose = list(t, "prose", rapid.OneOf(rapid.Just(""), line))
		for _, kind := range rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "lines") {
			switch kind {
			case 0:
				if blank := (Note{Before: len(s.Events)}); len(s.Notes) == 0 || s.Notes[len(s.Notes)-1] != blank {
					s.Notes = append(s.Notes, blank)
				}
			case 1:
				s.Notes = append(s.Notes, Note{len(s.Events), "#" + line.Draw(t, "remark")})
			default:
				s.Events = append(s.Events, validEvent(s.Nodes).Draw(t, "event"))
			}
		}
		s.Notes = withinEvents(s.Notes, len(s.Events))
		if rapid.Bool().Draw(t, "judged") {
			s.Golden = append([]string{}, list(t, "golden", line)...)
		}
		return s
	})
}

// list draws lines; none are nil.
func list(t *rapid.T, label string, line *rapid.Generator[string]) []string {
	lines := rapid.SliceOfN(line, 0, 3).Draw(t, label)
	if len(lines) == 0 {
		return nil
	}
	return lines
}

// withinEvents drops blank lines before everything and after everything: they mean nothing.
func withinEvents(notes []Note, events int) []Note {
	for len(notes) > 0 && notes[0] == (Note{}) {
		notes = notes[1:]
	}
	for len(notes) > 0 && notes[len(notes)-1] == (Note{Before: events}) {
		notes = notes[:len(notes)-1]
	}
	if len(notes) == 0 {
		return nil
	}
	return slices.Clone(notes)
}
