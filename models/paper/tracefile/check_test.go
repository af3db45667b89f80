package tracefile

import (
	"fmt"
	"strings"
	"testing"

	_ "raftcheck/scripts/garbage"
)

// write returns a log with an event a line. An event is a node, its name, its role, its term,
// vote, commit index and log, and its message, if any.
func write(events ...[]any) string {
	var b strings.Builder
	for _, e := range events {
		message := ""
		if len(e) > 7 {
			message = fmt.Sprintf(`,"msg":{%s}`, e[7])
		}
		fmt.Fprintf(&b, `{"event":{"nid":"%d","name":"%s","role":"State%s","state":{"term":%d,"vote":"%d",`+
			`"commit":%d},"log":%d,"conf":[["1","2","3"],[]]%s}}`+"\n", append(e[:7:7], message)...)
	}
	return b.String()
}

// election makes node 1 the leader of term 1, with the vote of node 2.
var election = [][]any{
	{1, "InitState", "Follower", 0, 0, 0, 0}, {2, "InitState", "Follower", 0, 0, 0, 0},
	{1, "Ready", "Follower", 0, 0, 0, 0}, {2, "Ready", "Follower", 0, 0, 0, 0},
	{1, "BecomeCandidate", "Candidate", 1, 1, 0, 0},
	{2, "BecomeFollower", "Follower", 1, 0, 0, 0},
	{2, "SendRequestVoteResponse", "Follower", 1, 1, 0, 0, `"type":"MsgVoteResp","term":1,"from":"2","to":"1"`},
	{1, "BecomeLeader", "Leader", 1, 1, 0, 0},
	{1, "Replicate", "Leader", 1, 1, 0, 1},
}

const (
	request = `"type":"MsgApp","term":1,"from":"1","to":"2","index":0,"entries":1`
	stored  = `"type":"MsgAppResp","term":1,"from":"2","to":"1","index":1`
)

func TestCheck(t *testing.T) {
	after := func(events ...[]any) string {
		return write(append(election[:len(election):len(election)], events...)...)
	}
	received := []any{2, "ReceiveAppendEntriesRequest", "Follower", 1, 1, 0, 0, request}
	sent := []any{2, "SendAppendEntriesResponse", "Follower", 1, 1, 0, 1, stored}
	for _, c := range []struct{ about, log, want string }{
		{"a commit", after(received, sent, []any{1, "Commit", "Leader", 1, 1, 1, 1}),
			"the paper's algorithm allows all 12 events"},
		{"a commit that nobody stored", after(received, []any{1, "Commit", "Leader", 1, 1, 1, 1}),
			"line 11: Commit of node 1 is no Commit of the entry 1, as the nodes that said that they store the " +
				"entry are no quorum"},
		{"an entry that nobody sent", after([]any{2, "Ready", "Follower", 1, 1, 0, 1}),
			"line 10: Ready of node 2 is no Accept of the last request, as it leads to a log of 0 entries, and " +
				"this one has 1"},
		{"a second leader", after([]any{2, "BecomeLeader", "Leader", 1, 1, 0, 0}),
			"line 10: BecomeLeader of node 2 is no BecomeLeader of term 1, as it is no candidate"},
		{"a term that nobody began", after([]any{2, "BecomeFollower", "Follower", 3, 0, 0, 0}),
			"line 10: BecomeFollower of node 2 is no UpdateTerm to 3, as no node stood for election in that term"},
	} {
		got, err := Check("log", strings.NewReader(c.log))
		if err != nil || got.String() != c.want {
			t.Errorf("%s: got  %v %v\nwant %s", c.about, got, err, c.want)
		}
	}
}

func TestCheck_error(t *testing.T) {
	for _, c := range []struct{ log, want string }{
		{"", "log: expected events, found none"},
		{`{"level":"info"}`, "log: expected events, found none"},
		{"\n" + strings.Repeat("x", maxLineBytes),
			"log:2: expected a line of at most 16777216 bytes, found more"},
		{"\nno JSON", "log:2: expected a JSON object with an event: "},
		{`{"name":"Ready","role":"StateFollower"}`, `log:1: expected a node as "nid", found none`},
		{`{"name":"Ready","nid":"1","role":"King"}`, `log:1: expected a role such as "StateFollower", found "King"`},
		{`{"name":"Ready","nid":"1","role":"StateLeader","log":9000000}`,
			"log:1: expected a log of at most 1048576 entries, found 9000000"},
	} {
		_, err := Check("log", strings.NewReader(c.log))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.log, err, c.want)
		}
	}
}

// FuzzCheck: no log panics.
func FuzzCheck(f *testing.F) {
	f.Add(write(election...))
	f.Fuzz(func(_ *testing.T, log string) { Check("log", strings.NewReader(log)) })
}
