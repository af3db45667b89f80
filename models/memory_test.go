package models

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// leaf is a part of a value that can change, with the path to it.
type leaf struct {
	path   string
	change func()
	node   bool // it names a node
	unset  bool // it is the zero value
}

// leavesOf lists the leaves of the value behind a pointer: every number, every bool, and
// the length of every slice that is not empty. The walk finds fields added later too.
func leavesOf(pointer any) []leaf {
	var list []leaf
	var step func(v reflect.Value, path string)
	step = func(v reflect.Value, path string) {
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
		add := func(path string, change func()) {
			list = append(list, leaf{path, change, v.Type() == reflect.TypeFor[raft.NodeID](), v.IsZero()})
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				step(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		case reflect.Slice:
			for i := range v.Len() {
				step(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
			if v.Len() > 0 {
				add(path+" shortened", func() { v.SetLen(v.Len() - 1) })
			}
		case reflect.Bool:
			add(path, func() { v.SetBool(!v.Bool()) })
		case reflect.Int:
			add(path, func() { v.SetInt(v.Int() + 1) })
		default:
			add(path, func() { v.SetUint(v.Uint() + 1) })
		}
	}
	step(reflect.ValueOf(pointer).Elem(), "")
	return list
}

// paths are paths of leaves. Each includes the leaves below it. A path without the
// position in a list includes every element.
type paths []string

var position = regexp.MustCompile(`\[\d+\]`)

func (p paths) has(path string) bool {
	below := func(path, of string) bool {
		rest, ok := strings.CutPrefix(path, of)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], ".[ "))
	}
	return slices.ContainsFunc(p, func(of string) bool {
		return below(path, of) || below(position.ReplaceAllString(path, ""), of)
	})
}

// memoryOf describes the state of one kind of checker.
type memoryOf struct {
	full Rememberer // an example in which every field matters
	// free has the leaves with any value: only the texts of verdicts or Finish use them.
	// follows has the leaves that follow from others, and lies the positions of others.
	// unused has the leaves that this example does not use.
	free, follows, lies, unused paths
}

func memories() []memoryOf {
	digest := trace.Digest{ID: raft.EntryID{Term: 3, Index: 1}, Hash: 9}
	config := raft.Configuration{Voters: 2, Outgoing: 4, Learners: 8}
	carriedOut := trace.Execution{Index: 1, Op: raft.OpID{Client: 2, Seq: 3}, Did: trace.Executed, Result: 7}
	change, transfer := wish{of: 1, config: config}, wish{of: 2, to: 3}
	return []memoryOf{
		{full: &ElectionSafety{reigns: []reign{{1, 2}, {3, 1}}}},
		{full: &LeaderAppendOnly{}},
		{
			full: &LogMatching{
				first: []mark{{2, 7, 1, 2, 0}, {}, {4, 8, 2, 0, 0}},
				later: []mark{{6, 9, 3, 0, 0}, {5, 10, 1, 1, 0}},
			},
			free:   paths{".first.node", ".later.node"},
			lies:   paths{".first.next", ".later.next", ".later shortened"},
			unused: paths{".first[1]"},
		},
		{full: &LeaderCompleteness{}},
		{
			full: &StateMachineSafety{
				first: []applied{{digest, 1}}, states: []handed{{7, 1}, {8, 2}}, last: []raft.Index{0, 5, 0, 4},
			},
			free: paths{".first.by", ".states.by"}, follows: paths{".first.Digest.ID.Index", ".first.Digest.Kind"},
		},
		{
			full: &Durability{sent: true, promised: true, owed: []debt{
				{2, raft.Promise{Term: 5, Vote: 3, Last: raft.EntryID{Term: 4, Index: 6}}},
				{1, raft.Promise{Term: 5, Vote: 2, Last: raft.EntryID{Term: 4, Index: 6}}},
			}},
			free: paths{".sent", ".promised"},
		},
		{full: &Voting{}},
		{full: &ElectionQuorum{hid: true}, free: paths{".hid"}},
		{full: &CommitQuorum{}},
		{
			full: &Configuration{hid: true, snapshots: []raft.Index{3, 5}, seen: []seenConfig{
				{raft.EntryID{Term: 1, Index: 2}, config, 1}, {raft.EntryID{Term: 2, Index: 4}, config, 2},
			}},
			free: paths{".seen.by", ".hid"},
		},
		{full: &Monotonicity{}},
		{full: &NoPanic{}},
		{full: &Contract{
			rotted:   6,
			requests: []request{{raft.OpID{Seq: 1}, change}, {raft.OpID{Client: 1, Seq: 2}, transfer}},
			groups: []group{
				{wish: change, open: 1, others: 2, after: 3, took: true}, {wish: transfer, open: 1, begun: true},
			},
			effects: []effect{{change, digest.ID}},
		}},
		{
			full: &ExactlyOnce{
				ran:     []execution{{carriedOut, 1}},
				clients: []ledger{{2, []executed{{3, 1, 1}}}},
			},
			free: paths{".ran.by", ".clients.done.by"}, follows: paths{".clients"},
		},
		{full: &Leases{asked: true}, free: paths{".asked"}},
	}
}

// memoryOfType returns the description for checkers of the same type as c.
func memoryOfType(c Checker) memoryOf {
	for _, m := range memories() {
		if reflect.TypeOf(m.full) == reflect.TypeOf(c) {
			return m
		}
	}
	panic("a checker whose memory is not known")
}

// fresh returns a new checker of the same type.
func fresh(c Checker) Rememberer {
	return reflect.New(reflect.TypeOf(c).Elem()).Interface().(Rememberer)
}

var sameNames = raft.NewRenaming()

// TestChecker_everyFieldIsCopiedAndEncoded: Copy shares no memory, and the encoding has
// every field, apart from those that memories names with a reason.
func TestChecker_everyFieldIsCopiedAndEncoded(t *testing.T) {
	if got, want := len(Rememberers(nil)), len(memories()); got != want {
		t.Fatalf("%d checkers are Rememberers, want %d", got, want)
	}
	for i, c := range Rememberers(nil) {
		m := memories()[i]
		if reflect.TypeOf(c) != reflect.TypeOf(m.full) {
			t.Fatalf("%T follows, want %T", m.full, c)
		}
		before := m.full.AppendMemory(nil, sameNames)
		for which := range leavesOf(m.full) {
			c := fresh(c)
			c.Copy(memories()[i].full)
			c.Copy(m.full)
			if !reflect.DeepEqual(c, m.full) {
				t.Fatalf("the copy of %+v is %+v", m.full, c)
			}
			l := leavesOf(c)[which]
			l.change()
			if !reflect.DeepEqual(memories()[i].full, m.full) {
				t.Fatalf("%T: %s is the copy's and the original's", c, l.path)
			}
			if m.lies.has(l.path) || m.unused.has(l.path) {
				continue
			}
			leftOut := m.free.has(l.path) || m.follows.has(l.path)
			if same := bytes.Equal(before, c.AppendMemory(nil, sameNames)); same != leftOut {
				t.Errorf("%T: a change of %s leaves the encoding the same: %t, want %t", c, l.path, same, leftOut)
			}
		}
	}
}

// TestChecker_encodingOfNothing: what follows the encoding of an empty state is never taken for a
// part of it.
func TestChecker_encodingOfNothing(t *testing.T) {
	for _, m := range memories() {
		none, full := fresh(m.full).AppendMemory(nil, sameNames), m.full.AppendMemory(nil, sameNames)
		if len(full) > 0 && bytes.HasPrefix(full, none) {
			t.Errorf("%T: %x begins as %x", m.full, full, none)
		}
	}
}

// TestChecker_copyOfNothing: a copy replaces the whole state of a checker.
func TestChecker_copyOfNothing(t *testing.T) {
	for _, m := range memories() {
		none, c := fresh(m.full), fresh(m.full)
		c.Copy(m.full)
		c.Copy(none)
		if got, want := c.AppendMemory(nil, sameNames), none.AppendMemory(nil, sameNames); !bytes.Equal(got, want) {
			t.Errorf("%T: got %x, want %x", c, got, want)
		}
	}
}

// fullView returns a view of a node in which every field matters. It can be up and wiped,
// although no real node is both.
func fullView(up, wiped bool) *trace.NodeView {
	log := func() []trace.Logged {
		return []trace.Logged{
			{Term: 1, Hash: 2, Prefix: 3}, {Term: 4, Hash: 5, Prefix: 6}, {Term: 7, Hash: 8, Prefix: 9},
		}
	}
	status := raft.Status{
		Term: 9, Vote: 1, Role: raft.Candidate, Leader: 2, Base: raft.EntryID{Term: 1, Index: 1},
		Last: raft.EntryID{Term: 7, Index: 3}, Commit: 2, Applied: 1,
		Config: raft.Configuration{Voters: 6, Outgoing: 10, Learners: 16}, ConfigIndex: 1,
	}
	stored := func() trace.Stored {
		return trace.Stored{Term: 8, Vote: 2, Log: log(), Certain: 2, Cut: []raft.EntryID{{Term: 2, Index: 3}}}
	}
	return &trace.NodeView{
		Booted: true, Up: up, Refused: true, Stopped: true, Wiped: wiped, Inspected: true, EverHid: true,
		Status: status, Before: status, Log: log(), Stored: stored(), Expected: stored(),
		Pending: trace.PendingSteps{
			Steps: []trace.PendingStep{
				{First: 1, Last: 2, Term: 3, Vote: 1, Kept: 0, Appended: 1},
				{First: 7, Last: 8, Term: 9, Vote: 1, Kept: 1, Appended: 1},
				{First: 9, Last: 10, Term: 9, Vote: 2, Kept: 1, Appended: 2},
			},
			Entries: append(log(), trace.Logged{Term: 10, Hash: 11, Prefix: 12}),
			Done:    1, DoneEntries: 1, Kept: 1, Durable: 5,
		},
		BootedAhead: true, HadPartial: true, PartialEnded: true, AwaitedCut: true,
	}
}

// leftOutOf returns the leaves that AppendState leaves out of a view: leaves with any
// value, leaves that follow from others, and positions of others.
func leftOutOf(n *trace.NodeView) (free, follows, lies paths) {
	free = paths{".Before", ".Stored.Cut", ".Expected.Cut", ".HadPartial", ".PartialEnded", ".AwaitedCut"}
	for i := range n.Pending.Done {
		free = append(free, fmt.Sprintf(".Pending.Steps[%d]", i))
	}
	for i := range n.Pending.DoneEntries {
		free = append(free, fmt.Sprintf(".Pending.Entries[%d]", i))
	}
	free = append(free, ".Stored.Skipped", ".Expected.Skipped")
	follows = paths{".LastConfig"}
	for _, log := range []string{".Log", ".Stored.Log", ".Expected.Log", ".Pending.Entries"} {
		follows = append(follows, log+".Hash", log+".Kind")
	}
	lies = paths{".Pending.Done", ".Pending.DoneEntries", ".Pending.Steps.Appended",
		".Pending.Entries shortened"}
	if n.Wiped {
		follows = append(follows, ".Stored") // the zero value
	} else {
		free = append(free, ".Expected")
	}
	if !n.Up {
		free = append(free, ".Log", ".Pending.Kept")
		follows = append(follows, ".Status") // the zero value
	}
	return free, follows, lies
}

// TestNodeView_everyFieldIsCopiedAndEncoded: CopyFrom shares no memory, and the encoding
// has every field, apart from those that leftOutOf names.
func TestNodeView_everyFieldIsCopiedAndEncoded(t *testing.T) {
	for kind := range 4 {
		up, wiped := kind&1 != 0, kind&2 != 0
		n, untouched := fullView(up, wiped), fullView(up, wiped)
		free, follows, lies := leftOutOf(n)
		before := n.AppendState(nil, sameNames)
		encoded := 0
		for which, l := range leavesOf(n) {
			c := fullView(!up, !wiped)
			c.CopyFrom(n)
			if !reflect.DeepEqual(c, n) {
				t.Fatalf("the copy of %+v is %+v", n, c)
			}
			leavesOf(c)[which].change()
			if !reflect.DeepEqual(n, untouched) {
				t.Fatalf("%s is the copy's and the original's", l.path)
			}
			if lies.has(l.path) {
				continue
			}
			leftOut := free.has(l.path) || follows.has(l.path)
			if same := bytes.Equal(before, c.AppendState(nil, sameNames)); same != leftOut {
				t.Errorf("up %t, wiped %t: a change of %s leaves the encoding the same: %t, want %t",
					up, wiped, l.path, same, leftOut)
			}
			if !leftOut {
				encoded++
			}
		}
		if encoded < 25 {
			t.Errorf("up %t, wiped %t: only %d fields are in the encoding", up, wiped, encoded)
		}
	}
}

func TestNodeView_stateOfNothing(t *testing.T) {
	var n trace.NodeView
	n.CopyFrom(fullView(true, false))
	n.CopyFrom(&trace.NodeView{})
	got, want := n.AppendState(nil, sameNames), new(trace.NodeView).AppendState(nil, sameNames)
	if !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// TestMonitor_encodesCommitmentsAndViolations: the encoding has the committed entries, and
// of a checker with a violation only that fact.
func TestMonitor_encodesCommitmentsAndViolations(t *testing.T) {
	monitor := func() *Monitor {
		m := NewMonitor(&Contract{rotted: 2}, new(NoPanic))
		m.View.Committed = []trace.Commitment{
			{Logged: trace.Logged{Term: 1, Hash: 2, Prefix: 3}, In: 4},
			{Logged: trace.Logged{Term: 5, Hash: 6, Prefix: 7}, In: 8},
		}
		return m
	}
	before := monitor().AppendMemory(nil, sameNames)
	for which, l := range leavesOf(&monitor().View.Committed) {
		m := monitor()
		leavesOf(&m.View.Committed)[which].change()
		follows := strings.HasSuffix(l.path, ".Kind") // from the hash
		if bytes.Equal(before, m.AppendMemory(nil, sameNames)) != follows {
			t.Errorf("%s is not in the encoding", l.path)
		}
	}
	m := monitor()
	m.View.Joined = 2
	if !bytes.Equal(before, m.AppendMemory(nil, sameNames)) {
		t.Error("nodes that may come back are in the encoding")
	}
	m.View.Limits.Lacks = raft.Rejoins
	joined := m.AppendMemory(nil, sameNames)
	if m.View.Joined = 0; bytes.Equal(joined, m.AppendMemory(nil, sameNames)) {
		t.Error("nodes that may not come back are not in the encoding")
	}
	m = monitor()
	m.verdicts[1].Outcome = Violated
	if bytes.Equal(before, m.AppendMemory(nil, sameNames)) {
		t.Error("a violation is not in the encoding")
	}
	m.verdicts[0].Outcome = Violated
	violated := m.AppendMemory(nil, sameNames)
	m.resets[0]()
	if !bytes.Equal(violated, m.AppendMemory(nil, sameNames)) {
		t.Error("the state of a checker with a violation is in the encoding")
	}
}

// TestChecker_encodesWhereListsEnd: an element cannot pass from one list to the next.
func TestChecker_encodesWhereListsEnd(t *testing.T) {
	tests := [][2]Rememberer{
		{
			&LogMatching{first: []mark{{1, 7, 1, 1, 0}, {3, 9, 1, 0, 0}}, later: []mark{{2, 8, 1, 0, 0}}},
			&LogMatching{first: []mark{{1, 7, 1, 0, 0}, {2, 8, 1, 1, 0}}, later: []mark{{3, 9, 1, 0, 0}}},
		},
		{
			&LogMatching{first: []mark{{}, {1, 7, 1, 0, 0}}},
			&LogMatching{first: []mark{{1, 7, 1, 0, 0}, {}}},
		},
		{
			&StateMachineSafety{states: []handed{{}, {7, 1}}},
			&StateMachineSafety{states: []handed{{7, 1}, {}}},
		},
		{&StateMachineSafety{last: []raft.Index{0, 1}}, &StateMachineSafety{last: []raft.Index{0, 0, 1}}},
	}
	for _, test := range tests {
		if a, b := test[0].AppendMemory(nil, sameNames), test[1].AppendMemory(nil, sameNames); bytes.Equal(a, b) {
			t.Errorf("%+v and %+v are both %x", test[0], test[1], a)
		}
	}
}
