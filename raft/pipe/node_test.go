package pipe

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"raftcheck/raft"
	"raftcheck/raft/seal"
)

// play boots node 1 of two on a disk with a whole and a torn record, behind a program with a
// script that goes on as the dialogue says.
func play(t *testing.T, dialogue string) raft.Node {
	t.Helper()
	const opening = `{"type":"hello","protocol":1}
{"protocol":1,"name":"script","readless":"it is a script"}
{"type":"boot","node":1,"voters":[1,2],"learners":[],"prevote":true,"seed":571980189950201,"disk":[{"t":3}]}
{"status":{"term":3,"role":"follower","voters":[1,2]},"quiet":2}
`
	s, err := Open(fmt.Sprintf("exec env %s='%s' '%s'", dialogueOfChild, opening+dialogue, os.Args[0]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	record := seal.Append(nil, []byte(`{"t":3}`))
	node, err := s.Boot(raft.NodeConfig{
		ID: 1, Voters: raft.NodeSetOf(1, 2), PreVote: true, Disk: [][]byte{record, record[:7]},
		Rand: bytes.NewReader([]byte{0xff, 0xc8, 7, 0x53, 0x20, 0xb4, 0x41, 0x10}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return node
}

// TestNode_quiet: ticks that change nothing cost no question, and are told later.
func TestNode_quiet(t *testing.T) {
	n := play(t, `{"type":"tick","ticks":2}
{"quiet":3}
{"type":"receive","ticks":1,"from":2,"kind":"AppendEntries","payload":{"a":[1, "x y"]}}
{}
{"type":"tick"}
{}`)
	for range 4 {
		n.Step(&raft.Tick{})
	}
	m := raft.Message{From: 2, To: 1, Kind: "AppendEntries", Payload: []byte(`{"a":[1, "x y"]}`)}
	n.Step(&raft.Receive{Msg: m})
	n.Step(&raft.Tick{})
}

// TestNode_verifyQuiet: a program that is not quiet at a tick that it called so breaks the
// contract. One may say again what is known, or that fewer ticks are quiet.
func TestNode_verifyQuiet(t *testing.T) {
	const state = `"status":{"term":3,"role":"follower","voters":[1,2]},` +
		`"log":{"from":1,"entries":[{"at":[3,1],"kind":"noop","data":""}]}`
	tests := map[string]string{
		`{}`:                       "",
		`{` + state + `}`:          "",
		`{"writes":[{"data":{}}]}`: "writes",
		`{"sends":[{"to":2,"kind":"RequestVote","payload":1,"promise":{"term":3}}]}`: "sends",
		`{"applied":[{"at":[3,1],"kind":"noop","data":""}]}`:                         "applies",
		`{"restore":{"at":[3,1],"state":""}}`:                                        "applies",
		`{"replies":[{"op":"1.7","outcome":"done"}]}`:                                "answers a client",
		`{"status":{"term":4,"role":"follower","voters":[1,2]}}`:                     "changes its status",
		`{"log":{"from":1,"entries":[{"at":[3,1],"kind":"command","data":""}]}}`:     "changes its log",
	}
	for answer, does := range tests {
		n := play(t, `{"type":"tick"}
{"quiet":1,`+state+`}
{"type":"tick"}
`+answer)
		n.(*inspected).verifies, n.(*inspected).quiet = true, 0
		n.Step(&raft.Tick{})
		var got any
		func() {
			defer func() { got = recover() }()
			n.Step(&raft.Tick{})
		}()
		if want := any(raft.Breach("its program called a tick quiet, and " + does + " at it")); does != "" && got != want ||
			does == "" && got != nil {
			t.Errorf("%s: %v", answer, got)
		}
	}
}

// TestNode_batch: a program that takes batches says so, and is asked for them.
func TestNode_batch(t *testing.T) {
	traits, err := introduced([]byte(`{"protocol":1,"name":"x","batches":true}`))
	if err != nil || !raft.Batches(&System{traits: traits}) {
		t.Errorf("%+v, %v", traits, err)
	}
	n := play(t, `{"type":"batch","ticks":1,"inputs":2}
{}
{"type":"tick"}
{}
{"type":"lag","inputs":3}
{"status":{"term":4}}`)
	for _, in := range []raft.Input{&raft.Tick{}, &raft.Batch{Inputs: 2}, &raft.Tick{}, &raft.Lag{Inputs: 3}} {
		n.Step(in)
	}
	if s := n.(raft.Inspector).Status(); s.Term != 4 {
		t.Errorf("%+v", s)
	}
}

// becomesLeader is the answer of a node that writes its vote, leads and commits in one step.
const becomesLeader = `{"writes":[{"data":{"t":4}},{"data":{"v":1},"blocking":true}],` +
	`"sends":[{"to":2,"kind":"RequestVote","payload":7,"after":2,"promise":{"term":4,"vote":1}}],` +
	`"status":{"term":4,"vote":1,"role":"leader","leader":1,"commit":1,"applied":1,"voters":[1,2]},` +
	`"log":{"from":1,"entries":[{"at":[4,1],"kind":"noop"}]},"applied":[{"at":[4,1],"kind":"noop"}]}`

// TestNode_blocking: while a node waits for a write it takes no input, and only its term,
// vote and log are shown.
func TestNode_blocking(t *testing.T) {
	n := play(t, `{"type":"timeout"}
`+becomesLeader+`
{"type":"propose","op":"1.7","data":"aGk="}
{"replies":[{"op":"1.7","outcome":"rejected"}]}
{"type":"persisted","id":1}
{"log":{"from":1,"entries":[]},"status":{"term":5,"role":"follower"}}`)
	out := n.Step(&raft.Timeout{})
	if len(out.Writes) != 2 || out.Writes[1].ID != 2 || len(out.Applied) != 0 {
		t.Errorf("%+v", out)
	}
	want := raft.Message{From: 1, To: 2, Kind: "RequestVote", Payload: []byte("7"), After: 2,
		Promise: raft.Promise{Term: 4, Vote: 1}}
	if len(out.Sends) != 1 || !reflect.DeepEqual(out.Sends[0], want) {
		t.Errorf("sends %+v", out.Sends)
	}
	s := n.(raft.Inspector).Status()
	if s.Term != 4 || s.Vote != 1 || s.Last.Index != 1 || s.Role != raft.Candidate || s.Commit+s.Applied != 0 {
		t.Errorf("waiting: %+v", s)
	}
	n.Step(&raft.Propose{Op: raft.OpID{Client: 1, Seq: 7}, Data: []byte("hi")})
	if out := n.Step(&raft.Persisted{ID: 1}); !reflect.DeepEqual(out, raft.Output{}) {
		t.Errorf("before the write is durable: %+v", out)
	}
	out = n.Step(&raft.Persisted{ID: 2})
	if len(out.Applied) != 1 || len(out.Replies) != 1 || out.Replies[0].Outcome != raft.Rejected {
		t.Errorf("after it: %+v", out)
	}
	if s := n.(raft.Inspector).Status(); s.Term != 5 || s.Last.Index != 0 {
		t.Errorf("after it: %+v", s)
	}
}

// TestNode_blockingSnapshot: while a node waits for the write of a snapshot, its log begins after it,
// and its commit index is at least the snapshot's.
func TestNode_blockingSnapshot(t *testing.T) {
	n := play(t, `{"type":"receive","from":2,"kind":"InstallSnapshot","payload":1}
{"writes":[{"data":{"snap":7},"blocking":true}],"restore":{"at":[4,7],"state":"aGk="},`+
		`"status":{"term":4,"base":[4,7],"commit":7,"applied":7},"log":{"from":8,"entries":[]}}`)
	out := n.Step(&raft.Receive{Msg: raft.Message{From: 2, Kind: "InstallSnapshot", Payload: []byte("1")}})
	s := n.(raft.Inspector).Status()
	if out.Restore.ID.Index != 0 || s.Base.Index != 7 || s.Commit != 7 || s.Applied != 0 {
		t.Errorf("waiting: %+v, restores %v", s, out.Restore.ID)
	}
	out = n.Step(&raft.Persisted{ID: 1})
	if s := n.(raft.Inspector).Status(); out.Restore.ID.Index != 7 || s.Applied != 7 {
		t.Errorf("after it: %+v, restores %v", s, out.Restore.ID)
	}
}

// TestNode_restoresBeforeWrite: a snapshot from the disk, that a node showed as applied when it booted,
// comes before the write of its first step.
func TestNode_restoresBeforeWrite(t *testing.T) {
	n := play(t, `{"type":"compact","index":1,"keep":0,"state":""}
{"status":{"term":4,"base":[4,7],"commit":7,"applied":7}}
{"type":"timeout"}
{"writes":[{"data":{"t":5},"blocking":true}],"restore":{"at":[4,7],"state":"aGk="},"status":{"term":5,`+
		`"base":[4,7],"commit":7,"applied":7}}`)
	n.Step(&raft.Compact{Index: 1})
	if out := n.Step(&raft.Timeout{}); out.Restore.ID.Index != 7 {
		t.Errorf("restores %v", out.Restore.ID)
	}
	if out := n.Step(&raft.Persisted{ID: 1}); out.Restore.ID.Index != 0 {
		t.Errorf("restores %v twice", out.Restore.ID)
	}
}

// TestNode_failed: after its disk failed a node does nothing, and shows what it showed.
func TestNode_failed(t *testing.T) {
	n := play(t, `{"type":"timeout"}
{"writes":[{"data":1}],"status":{"term":4,"role":"candidate"}}`)
	n.Step(&raft.Timeout{})
	for _, in := range []raft.Input{&raft.PersistFailed{ID: 1}, &raft.Tick{}, &raft.Timeout{}} {
		if out := n.Step(in); !reflect.DeepEqual(out, raft.Output{}) {
			t.Errorf("%T: %+v", in, out)
		}
	}
	if s := n.(raft.Inspector).Status(); s.Term != 4 {
		t.Errorf("%+v", s)
	}
}

func TestNode_breach(t *testing.T) {
	tests := []struct{ answer, want string }{
		{`{"log":{"from":2,"entries":[]}}`,
			"its program shows its log from 2 on, where it had shown that of 1 to 0"},
		{`{"error":"no"}`, "its program refuses what is no boot: no"},
		{`{"status":{"term":18446744073709551616}}`,
			"expected a whole number up to 18446744073709551615 at byte 18"},
		{`{"status":{"term":-1}}`, `expected a whole number at byte 18, found "-1}}"`},
		{`{"writes":[{}]}`, "a write has no data"},
		{`{"sends":[{"to":2,"kind":"a b","payload":1}]}`, `a message of kind "a b", which is no word`},
		{`{"sends":[{"to":64}]}`, "expected a whole number up to 63"},
		{`{"replies":[{"op":"1"}]}`, `an op "1", which no question had`},
		{`{"applied":[{"data":"!"}]}`, "expected a string of BASE64 at byte"},
		{`{"quiet":1} {}`, `expected the end of the line at byte 12, found "{}"`},
		{`{"writes":[{"data":` + strings.Repeat("[", 2000) + `}]}`, "nest deeper than 1000"},
	}
	for _, test := range tests {
		n := play(t, `{"type":"timeout"}`+"\n"+test.answer)
		func() {
			defer func() {
				breach, ok := recover().(raft.Breach)
				if !ok || !strings.Contains(string(breach), test.want) {
					t.Errorf("%s: got %q, want %s", test.answer, breach, test.want)
				}
			}()
			n.Step(&raft.Timeout{})
		}()
	}
}

// FuzzParse: whatever a program says, there is an answer or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"writes":[{"data":{"a":[1,null,"\\u00e4"]},"blocking":true}],"quiet":3,"panic":"x"}`), false)
	f.Add([]byte(`{"sends":[{"to":2,"kind":"A","payload":"aGk=","after":1,"promise":{"last":[1,2]}}]}`), true)
	f.Add([]byte(`{"status":{"role":"leader","voters":[1,2]},"log":{"from":1,"entries":[{"at":[1,1]}]}}`), false)
	f.Fuzz(func(t *testing.T, line []byte, raw bool) {
		if a, err := parse(line, raw); (a == nil) == (err == nil) {
			t.Errorf("%+v, %v", a, err)
		}
	})
}
