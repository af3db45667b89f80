package trace

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"raftcheck/raft"
)

// fullRecord returns a record in which every field is set.
func fullRecord() *Record {
	op := raft.OpID{Client: 1, Seq: 2}
	id := raft.EntryID{Term: 3, Index: 4}
	msg := raft.Message{
		From: 1, To: 2, Kind: "Vote", Payload: []byte("ab"), After: 5,
		Promise: raft.Promise{Term: 3, Vote: 2, Last: id},
	}
	released := msg
	released.Payload = []byte("cd")
	return &Record{
		Event: 1, Kind: Stepped, Node: 1, Peer: 2, Text: "text",
		Input: &raft.Receive{Msg: msg},
		Out: raft.Output{
			Writes:  []raft.Write{{ID: 6, Data: []byte("w")}},
			Restore: raft.Snapshot{ID: id},
			Sends:   []raft.Message{msg},
			Applied: []raft.Entry{{ID: id, Kind: raft.NoOp, Data: []byte("d")}},
			Replies: []raft.Reply{{Op: op, Outcome: raft.Done}},
		},
		Released: []raft.Message{released}, Durable: 7,
		Inspected: true,
		Status: raft.Status{
			Term: 3, Vote: 1, Role: raft.Leader, Leader: 1, Base: raft.EntryID{Term: 1, Index: 2}, Last: id,
			Commit: 3, Applied: 2,
			Config: raft.Configuration{Voters: 6, Outgoing: 14, Learners: 16}, ConfigIndex: 4,
		},
		Restored: 10, Executed: []Execution{{Index: 4, Op: op, Did: Executed, Result: 11}},
		Kept: 3, Appended: []Digest{{ID: id, Hash: 8}}, Applied: []Digest{{ID: id, Hash: 9}},
		Op: op, Outcome: raft.Rejected,
	}
}

func sumOf(records ...*Record) uint64 {
	var h TraceHash
	for _, r := range records {
		h.Observe(r)
	}
	return h.Sum()
}

func receive(r *Record) *raft.Message { return &r.Input.(*raft.Receive).Msg }

// recordChanges are changes of a record. Each must change the hash.
var recordChanges = map[string]func(*Record){
	"kind":          func(r *Record) { r.Kind = Booted },
	"node":          func(r *Record) { r.Node++ },
	"peer":          func(r *Record) { r.Peer++ },
	"text":          func(r *Record) { r.Text = "texT" },
	"text's length": func(r *Record) { r.Text = "text\x00" },
	"op client":     func(r *Record) { r.Op.Client++ },
	"op seq":        func(r *Record) { r.Op.Seq++ },
	"outcome":       func(r *Record) { r.Outcome++ },
	"durable":       func(r *Record) { r.Durable++ },
	"inspected":     func(r *Record) { r.Inspected = false },
	"kept":          func(r *Record) { r.Kept++ },

	"no input":        func(r *Record) { r.Input = nil },
	"tick":            func(r *Record) { r.Input = &raft.Tick{} },
	"timeout":         func(r *Record) { r.Input = &raft.Timeout{} },
	"persisted 1":     func(r *Record) { r.Input = &raft.Persisted{ID: 1} },
	"persisted 2":     func(r *Record) { r.Input = &raft.Persisted{ID: 2} },
	"failed 1":        func(r *Record) { r.Input = &raft.PersistFailed{ID: 1} },
	"propose":         func(r *Record) { r.Input = &raft.Propose{Data: []byte("a")} },
	"propose other":   func(r *Record) { r.Input = &raft.Propose{Data: []byte("b")} },
	"propose of c1":   func(r *Record) { r.Input = &raft.Propose{Op: raft.OpID{Client: 1}, Data: []byte("b")} },
	"message from":    func(r *Record) { receive(r).From++ },
	"message to":      func(r *Record) { receive(r).To++ },
	"message kind":    func(r *Record) { receive(r).Kind = "Note" },
	"message payload": func(r *Record) { receive(r).Payload = []byte("aa") },
	"message after":   func(r *Record) { receive(r).After++ },
	"promised term":   func(r *Record) { receive(r).Promise.Term++ },
	"promised vote":   func(r *Record) { receive(r).Promise.Vote++ },
	"promised last":   func(r *Record) { receive(r).Promise.Last.Term++ },
	"promised index":  func(r *Record) { receive(r).Promise.Last.Index++ },
	"kind or payload": func(r *Record) { receive(r).Kind, receive(r).Payload = "Votea", []byte("b") },

	"read":           func(r *Record) { r.Input = &raft.Read{} },
	"read op":        func(r *Record) { r.Input = &raft.Read{Op: raft.OpID{Client: 1}} },
	"read, lease":    func(r *Record) { r.Input = &raft.Read{Lease: true} },
	"compact":        func(r *Record) { r.Input = &raft.Compact{} },
	"compact index":  func(r *Record) { r.Input = &raft.Compact{Index: 1} },
	"compact keep":   func(r *Record) { r.Input = &raft.Compact{Keep: 1} },
	"compact state":  func(r *Record) { r.Input, r.Compact = &raft.Compact{}, 1 },
	"reconfigure":    func(r *Record) { r.Input = &raft.Reconfigure{} },
	"reconfigure op": func(r *Record) { r.Input = &raft.Reconfigure{Op: raft.OpID{Seq: 1}} },
	"voters asked":   func(r *Record) { r.Input = &raft.Reconfigure{Voters: 1} },
	"learners asked": func(r *Record) { r.Input = &raft.Reconfigure{Learners: 1} },
	"transfer":       func(r *Record) { r.Input = &raft.Transfer{} },
	"transfer op":    func(r *Record) { r.Input = &raft.Transfer{Op: raft.OpID{Seq: 1}} },
	"transfer to":    func(r *Record) { r.Input = &raft.Transfer{To: 1} },

	"no writes":      func(r *Record) { r.Out.Writes = nil },
	"write id":       func(r *Record) { r.Out.Writes[0].ID++ },
	"write data":     func(r *Record) { r.Out.Writes[0].Data = []byte("v") },
	"checkpoint":     func(r *Record) { r.Out.Writes[0].Checkpoint = true },
	"no restore":     func(r *Record) { r.Out.Restore.ID = raft.EntryID{} },
	"restore term":   func(r *Record) { r.Out.Restore.ID.Term++ },
	"restore index":  func(r *Record) { r.Out.Restore.ID.Index++ },
	"restored":       func(r *Record) { r.Restored++ },
	"none executed":  func(r *Record) { r.Executed = nil },
	"executed index": func(r *Record) { r.Executed[0].Index++ },
	"executed op":    func(r *Record) { r.Executed[0].Op.Seq++ },
	"executed did":   func(r *Record) { r.Executed[0].Did = Repeated },
	"executed what":  func(r *Record) { r.Executed[0].Result++ },
	"no sends":       func(r *Record) { r.Out.Sends = nil },
	"send payload":   func(r *Record) { r.Out.Sends[0].Payload = []byte("x") },
	"no applied":     func(r *Record) { r.Out.Applied = nil },
	"applied term":   func(r *Record) { r.Out.Applied[0].ID.Term++ },
	"applied index":  func(r *Record) { r.Out.Applied[0].ID.Index++ },
	"applied kind":   func(r *Record) { r.Out.Applied[0].Kind = raft.Command },
	"applied data":   func(r *Record) { r.Out.Applied[0].Data = nil },
	"no replies":     func(r *Record) { r.Out.Replies = nil },
	"reply op":       func(r *Record) { r.Out.Replies[0].Op.Seq++ },
	"reply outcome":  func(r *Record) { r.Out.Replies[0].Outcome++ },
	"none released":  func(r *Record) { r.Released = nil },
	"released":       func(r *Record) { r.Released[0].Payload = []byte("x") },
	"two released":   func(r *Record) { r.Released = append(r.Released, r.Released[0]) },
	"released, sent": func(r *Record) { r.Released, r.Out.Sends = r.Out.Sends, r.Released },

	"term":            func(r *Record) { r.Status.Term++ },
	"vote":            func(r *Record) { r.Status.Vote++ },
	"role":            func(r *Record) { r.Status.Role = raft.Follower },
	"leader":          func(r *Record) { r.Status.Leader++ },
	"last term":       func(r *Record) { r.Status.Last.Term++ },
	"last index":      func(r *Record) { r.Status.Last.Index++ },
	"base term":       func(r *Record) { r.Status.Base.Term++ },
	"base index":      func(r *Record) { r.Status.Base.Index++ },
	"voters":          func(r *Record) { r.Status.Config.Voters++ },
	"outgoing":        func(r *Record) { r.Status.Config.Outgoing++ },
	"learners":        func(r *Record) { r.Status.Config.Learners++ },
	"config index":    func(r *Record) { r.Status.ConfigIndex++ },
	"sets swapped":    func(r *Record) { c := &r.Status.Config; c.Voters, c.Outgoing = c.Outgoing, c.Voters },
	"commit":          func(r *Record) { r.Status.Commit++ },
	"applied":         func(r *Record) { r.Status.Applied++ },
	"appended hash":   func(r *Record) { r.Appended[0].Hash++ },
	"appended term":   func(r *Record) { r.Appended[0].ID.Term++ },
	"appended index":  func(r *Record) { r.Appended[0].ID.Index++ },
	"none appended":   func(r *Record) { r.Appended = nil },
	"applied hash":    func(r *Record) { r.Applied[0].Hash++ },
	"appended, moved": func(r *Record) { r.Applied, r.Appended = r.Appended, r.Applied },
}

func TestTraceHash_differs(t *testing.T) {
	seen := map[uint64]string{sumOf(fullRecord()): "unchanged"}
	for name, change := range recordChanges {
		r := fullRecord()
		change(r)
		sum := sumOf(r)
		if other, ok := seen[sum]; ok {
			t.Errorf("%s hashes like %s", name, other)
		}
		seen[sum] = name
	}
}

func TestTraceHash_isEqualForEqualTraces(t *testing.T) {
	other := fullRecord()
	other.Event = 99
	if sumOf(fullRecord(), fullRecord()) != sumOf(fullRecord(), other) {
		t.Error("the event changes the hash")
	}
	other.Time = 98
	if sumOf(fullRecord(), fullRecord()) != sumOf(fullRecord(), other) {
		t.Error("the time changes the hash")
	}
	if sumOf(fullRecord()) == sumOf(fullRecord(), fullRecord()) {
		t.Error("a record twice hashes like once")
	}
	var h TraceHash
	h.Observe(other)
	h.Reset()
	h.Observe(other)
	if h.Sum() != sumOf(fullRecord()) {
		t.Error("Reset leaves something behind")
	}
}

func TestTraceHash_tellsCrashesApart(t *testing.T) {
	whole, lost, torn := sumOf(&Record{Kind: Crashed}), sumOf(&Record{Kind: Crashed, Lost: 1}),
		sumOf(&Record{Kind: Crashed, Torn: true})
	if whole == lost || whole == torn || lost == torn {
		t.Error("two crashes that leave different disks hash alike")
	}
}

func TestTraceHash_tellsWritesOfWorkersApart(t *testing.T) {
	for _, k := range []Kind{Worked, Landed} {
		sums := []uint64{
			sumOf(&Record{Kind: k}), sumOf(&Record{Kind: k, Token: 1}),
			sumOf(&Record{Kind: k, Accepted: true}), sumOf(&Record{Kind: k, Token: 1, Accepted: true}),
		}
		slices.Sort(sums)
		if len(slices.Compact(sums)) != 4 {
			t.Errorf("two records of kind %d hash alike", k)
		}
	}
}

// TestTraceHash_leavesOutNoField: every field of a Record, and of its parts, is folded in or
// named here with a reason.
func TestTraceHash_leavesOutNoField(t *testing.T) {
	out := []string{
		"Event", "Time", "Ticks", "Bound", "Stuck", // how an event ended, and its place
		"Lost", "Torn", "Token", "Accepted", "Compact", // folded in for the kinds that have them
		"Batch", "Lags", // follow from the inputs
		"Out.Restore.State",             // Restored is its hash
		"Applied.Kind", "Appended.Kind", // Hash has it
	}
	before := sumOf(fullRecord())
	r := fullRecord()
	changeFields(reflect.ValueOf(r).Elem(), "", func(path string) {
		if (sumOf(r) == before) != slices.Contains(out, path) {
			t.Errorf("%s: changes the hash: %v", path, sumOf(r) != before)
		}
	})
}

// changeFields changes each field below v, one at a time, and calls changed with its path.
func changeFields(v reflect.Value, path string, changed func(path string)) {
	was := reflect.ValueOf(v.Interface())
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			changeFields(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), changed)
		}
		return
	case reflect.Interface, reflect.Pointer:
		changeFields(v.Elem(), path, changed)
		return
	case reflect.Slice:
		if v.Len() > 0 && v.Index(0).Kind() != reflect.Uint8 {
			changeFields(v.Index(0), path, changed)
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), v.Len()+1, v.Len()+1))
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	default:
		v.SetUint(v.Uint() + 1)
	}
	changed(path)
	v.Set(was)
}

func TestTraceHash_orderMatters(t *testing.T) {
	other := fullRecord()
	other.Node = 2
	if sumOf(fullRecord(), other) == sumOf(other, fullRecord()) {
		t.Error("two records hash alike in either order")
	}
}

func TestTraceHash_leavesOutHowEventsEnded(t *testing.T) {
	for _, k := range []Kind{Healed, Probed, Stalled, Unquiet, Ignored} {
		if sumOf(fullRecord(), &Record{Kind: k, Text: "x", Ticks: 3}) != sumOf(fullRecord()) {
			t.Errorf("kind %d changes the hash", k)
		}
	}
}

func TestTraceHash_isTheSameOnEveryMachine(t *testing.T) {
	const want = 0xf329eeab79c6be43
	if got := sumOf(fullRecord()); got != want {
		t.Errorf("got %#x, want %#x", got, uint64(want))
	}
}
