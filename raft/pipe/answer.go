package pipe

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"raftcheck/raft"
)

// answer is a program's answer to a question other than hello.
type answer struct {
	writes  []write
	sends   []raft.Message
	restore raft.Snapshot
	applied []raft.Entry
	replies []raft.Reply
	status  *raft.Status // nil if it is as before
	log     bool         // the log from index from on is entries
	from    raft.Index
	entries []raft.Entry
	quiet   uint64
	panic   string
	error   string
}

// write is a record for the disk, as the program gave it.
type write struct {
	data       []byte
	blocking   bool
	checkpoint bool
}

// does describes what the process does besides a change of its state, "" for nothing.
func (a *answer) does() string {
	switch {
	case len(a.writes) > 0:
		return "writes"
	case len(a.sends) > 0:
		return "sends"
	case len(a.applied) > 0 || a.restore.ID.Index != 0:
		return "applies"
	case len(a.replies) > 0:
		return "answers a client"
	}
	return ""
}

// reader reads answers of one node.
type reader struct {
	scanner
	raw bool // payloads and records are BASE64
}

// parse reads an answer. It shares memory with the line.
func parse(line []byte, raw bool) (*answer, error) {
	r, a := &reader{scanner{line: line}, raw}, &answer{}
	r.object(func(key []byte) { r.part(a, key) })
	r.end()
	if r.err != "" {
		return nil, fmt.Errorf("%s", r.err)
	}
	return a, nil
}

// part reads one part of an answer.
func (r *reader) part(a *answer, key []byte) {
	switch string(key) {
	case "writes":
		r.array(func() { a.writes = append(a.writes, r.write()) })
	case "sends":
		r.array(func() { a.sends = append(a.sends, r.message()) })
	case "restore":
		a.restore = r.snapshot()
	case "applied":
		r.array(func() { a.applied = append(a.applied, r.entry()) })
	case "replies":
		r.array(func() { a.replies = append(a.replies, r.reply()) })
	case "status":
		a.status = r.status()
	case "log":
		a.log = true
		r.logged(a)
	case "quiet":
		a.quiet = r.number(math.MaxUint64)
	case "panic":
		a.panic = string(r.text())
	case "error":
		a.error = string(r.text())
	default:
		r.unknown("an answer", key)
	}
}

// unknown rejects a key that the protocol does not have: a misspelt one would be lost.
func (r *reader) unknown(of string, key []byte) { r.fail("%s has no key %q", of, key) }

// blob reads a payload or a record.
func (r *reader) blob() []byte {
	if r.raw {
		return r.bytes64()
	}
	return r.value(0)
}

func (r *reader) write() (w write) {
	r.object(func(key []byte) {
		switch string(key) {
		case "data":
			w.data = r.blob()
		case "blocking":
			w.blocking = r.truth()
		case "checkpoint":
			w.checkpoint = r.truth()
		default:
			r.unknown("a write", key)
		}
	})
	if r.err == "" && w.data == nil {
		r.fail("a write has no data")
	}
	return w
}

func (r *reader) message() (m raft.Message) {
	r.object(func(key []byte) {
		switch string(key) {
		case "to":
			m.To = r.node()
		case "kind":
			m.Kind = string(r.text())
		case "payload":
			m.Payload = r.blob()
		case "after":
			m.After = raft.WriteID(r.number(math.MaxUint64))
		case "promise":
			m.Promise = r.promise()
		default:
			r.unknown("a message", key)
		}
	})
	switch {
	case r.err != "":
	case !isKind(m.Kind):
		r.fail("a message of kind %q, which is no word", m.Kind)
	case m.Payload == nil:
		r.fail("a message has no payload")
	}
	return m
}

// isKind reports whether a message's kind is a word of letters, digits, '-' and '_'.
func isKind(kind string) bool {
	other := func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '-' && c != '_'
	}
	return kind != "" && !strings.ContainsFunc(kind, other)
}

func (r *reader) promise() (p raft.Promise) {
	r.object(func(key []byte) {
		switch string(key) {
		case "term":
			p.Term = r.term()
		case "vote":
			p.Vote = r.node()
		case "last":
			p.Last = r.at()
		default:
			r.unknown("a promise", key)
		}
	})
	return p
}

func (r *reader) snapshot() (s raft.Snapshot) {
	r.object(func(key []byte) {
		switch string(key) {
		case "at":
			s.ID = r.at()
		case "state":
			s.State = r.bytes64()
		default:
			r.unknown("a snapshot", key)
		}
	})
	return s
}

func (r *reader) logged(a *answer) {
	r.object(func(key []byte) {
		switch string(key) {
		case "from":
			a.from = r.index()
		case "entries":
			r.array(func() { a.entries = append(a.entries, r.entry()) })
		default:
			r.unknown("a log", key)
		}
	})
	if r.err == "" && a.from == 0 {
		r.fail("a log begins at no index: it has no key \"from\"")
	}
}

func (r *reader) entry() (e raft.Entry) {
	r.object(func(key []byte) {
		switch string(key) {
		case "at":
			e.ID = r.at()
		case "kind":
			e.Kind = raft.EntryKind(r.choice("a kind of entry", "command", "noop", "config"))
		case "data":
			e.Data = r.bytes64()
		default:
			r.unknown("an entry", key)
		}
	})
	return e
}

func (r *reader) reply() (p raft.Reply) {
	r.object(func(key []byte) {
		switch string(key) {
		case "op":
			p.Op = r.op()
		case "outcome":
			p.Outcome = raft.Outcome(r.choice("an outcome", "unknown", "done", "rejected"))
		default:
			r.unknown("a reply", key)
		}
	})
	return p
}

// op reads an operation's name, "CLIENT.NUMBER", as a question had it.
func (r *reader) op() (op raft.OpID) {
	text := string(r.text())
	if r.err != "" {
		return op
	}
	if _, err := fmt.Sscanf(text, "%d.%d", &op.Client, &op.Seq); err != nil || opName(op) != text {
		r.fail("an op %q, which no question had", text)
	}
	return op
}

func (r *reader) status() *raft.Status {
	s := &raft.Status{}
	r.object(func(key []byte) {
		switch string(key) {
		case "term":
			s.Term = r.term()
		case "vote":
			s.Vote = r.node()
		case "role":
			s.Role = raft.Role(r.choice("a role", "follower", "pre-candidate", "candidate", "leader"))
		case "leader":
			s.Leader = r.node()
		case "base":
			s.Base = r.at()
		case "commit":
			s.Commit = r.index()
		case "applied":
			s.Applied = r.index()
		case "voters":
			s.Config.Voters = r.nodes()
		case "outgoing":
			s.Config.Outgoing = r.nodes()
		case "learners":
			s.Config.Learners = r.nodes()
		case "config_index":
			s.ConfigIndex = r.index()
		case "config_applied":
			s.ConfigApplied = r.truth()
		default:
			r.unknown("a status", key)
		}
	})
	return s
}

// choice reads one of some words and returns its place.
func (r *reader) choice(what string, words ...string) int {
	text := string(r.text())
	for i, word := range words {
		if word == text {
			return i
		}
	}
	r.fail("%s %q, which is none of %s", what, text, strings.Join(words, ", "))
	return 0
}

func (r *reader) term() raft.Term   { return raft.Term(r.number(math.MaxUint64)) }
func (r *reader) index() raft.Index { return raft.Index(r.number(math.MaxUint64)) }
func (r *reader) node() raft.NodeID { return raft.NodeID(r.number(uint64(raft.MaxNodeID))) }

// at reads a term and an index, [TERM,INDEX].
func (r *reader) at() (id raft.EntryID) {
	r.want('[')
	id.Term = r.term()
	r.want(',')
	id.Index = r.index()
	r.want(']')
	return id
}

func (r *reader) nodes() (s raft.NodeSet) {
	r.array(func() { s = s.With(r.node()) })
	return s
}
