package pipe

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// roleOfChild is the variable that makes this test binary a program which answers questions:
// the included Raft, or one that misbehaves at a timeout.
const roleOfChild = "RAFTCHECK_PIPE_CHILD"

// dialogueOfChild is the variable that makes it a program with a script.
const dialogueOfChild = "RAFTCHECK_PIPE_DIALOGUE"

func TestMain(m *testing.M) {
	if dialogue := os.Getenv(dialogueOfChild); dialogue != "" {
		script(dialogue, os.Stdin, os.Stdout)
		os.Exit(0)
	}
	if role := os.Getenv(roleOfChild); role != "" {
		newServer(role).serve(os.Stdin, os.Stdout)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// commandOf is the command that starts a child.
func commandOf(role string) string {
	return fmt.Sprintf("exec env %s=%s '%s'", roleOfChild, role, os.Args[0])
}

// open starts a child's system, which the end of the test closes.
func open(t testing.TB, role string) Program {
	t.Helper()
	s, err := Open(commandOf(role))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// script plays a dialogue: a question and its answer a line each. Another question ends it.
func script(dialogue string, in io.Reader, out io.Writer) {
	lines := strings.Split(dialogue, "\n")
	for scan := bufio.NewScanner(in); scan.Scan(); lines = lines[2:] {
		if len(lines) < 2 || lines[0] != scan.Text() {
			fmt.Fprintf(os.Stderr, "%s where the script has %q\n", scan.Text(), lines[0])
			os.Exit(1)
		}
		fmt.Fprintln(out, lines[1])
	}
}

// asked is a question, with the keys of them all.
type asked struct {
	Type             string
	Ticks            int
	Node             raft.NodeID
	Voters, Learners []int
	Prevote          bool
	Seed             uint64
	Disk             [][]byte
	From             raft.NodeID
	Kind             string
	Payload          []byte
	ID               raft.WriteID
	Op               string
	Data             []byte
	Lease            bool
	Index            raft.Index
	Keep             int
	State            []byte
	To               raft.NodeID
	Inputs           int
}

// said is an answer.
type said map[string]any

// server is the included Raft as a program, with records and payloads as BASE64.
type server struct {
	role  string
	id    raft.NodeID
	node  *reference.Node
	shown []raft.EntryID
	base  raft.EntryID
	batch int // inputs that are yet to come in a batch
}

func newServer(role string) *server { return &server{role: role} }

func (s *server) serve(in io.Reader, out io.Writer) {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		q := asked{}
		if err := json.Unmarshal(line, &q); err != nil {
			panic(err)
		}
		if text, odd := s.misbehave(&q); odd {
			io.WriteString(out, text)
			continue
		}
		b, err := json.Marshal(s.answer(&q))
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(out, "%s\n", b)
	}
}

// misbehave does what its role is, at a timeout.
func (s *server) misbehave(q *asked) (text string, odd bool) {
	if s.role == "silent" {
		time.Sleep(time.Hour)
	}
	if s.role == "protocol" {
		return `{"protocol":2,"name":"x"}` + "\n", true
	}
	if q.Type != "timeout" {
		return "", false
	}
	switch s.role {
	case "raise":
		fmt.Fprintln(os.Stderr, "some words\nValueError: an index of 7 in <list at 0x7f001>")
		os.Exit(3)
	case "exit":
		os.Exit(0)
	case "segv":
		p, _ := os.FindProcess(os.Getpid())
		p.Kill()
		time.Sleep(time.Hour)
	case "hang":
		time.Sleep(time.Hour)
	case "garbage":
		return "Traceback? no\n", true
	case "extra":
		return "{}\n{}\n", true
	case "key":
		return `{"sendz":[]}` + "\n", true
	case "role":
		return `{"status":{"role":"boss"}}` + "\n", true
	case "panic":
		return `{"panic":"it cannot go on"}` + "\n", true
	case "endless":
		for {
			os.Stdout.Write(make([]byte, 1<<20))
		}
	default:
		return "", false
	}
	return "", true
}

func (s *server) answer(q *asked) said {
	switch q.Type {
	case "hello":
		return said{"protocol": 1, "name": "reference", "raw": true, "learners": true, "batches": true}
	case "boot":
		return s.boot(q)
	}
	q.Node = s.id
	out := s.node.Step(q.input())
	if s.middle(q) {
		return said{}
	}
	a := said{}
	for _, w := range out.Writes {
		a.add("writes", said{"data": w.Data, "checkpoint": w.Checkpoint})
	}
	for _, m := range out.Sends {
		p := said{"term": m.Promise.Term, "vote": m.Promise.Vote, "last": pair(m.Promise.Last)}
		a.add("sends", said{"to": m.To, "kind": m.Kind, "payload": m.Payload, "after": m.After, "promise": p})
	}
	if out.Restore.ID.Index != 0 {
		a["restore"] = said{"at": pair(out.Restore.ID), "state": out.Restore.State}
	}
	for i := range out.Applied {
		a.add("applied", entryOf(&out.Applied[i]))
	}
	for _, r := range out.Replies {
		a.add("replies", said{"op": opName(r.Op), "outcome": r.Outcome.String()})
	}
	s.show(a)
	return a
}

// middle reports whether a question is in the middle of a batch.
func (s *server) middle(q *asked) bool {
	switch q.Type {
	case "batch":
		s.batch = q.Inputs
	case "lag":
	default:
		s.batch = max(s.batch-1, 0)
	}
	return s.batch > 0
}

func (a said) add(key string, v any) {
	list, _ := a[key].([]any)
	a[key] = append(list, v)
}

func pair(id raft.EntryID) []uint64 { return []uint64{uint64(id.Term), uint64(id.Index)} }

func entryOf(e *raft.Entry) said {
	return said{"at": pair(e.ID), "kind": []string{"command", "noop", "config"}[e.Kind], "data": e.Data}
}

func (s *server) boot(q *asked) said {
	config := raft.NodeConfig{
		ID: q.Node, Voters: setOf(q.Voters), Learners: setOf(q.Learners),
		PreVote: q.Prevote, Disk: q.Disk, Rand: seeded(q.Seed),
	}
	node, err := reference.System{}.Boot(config)
	if err != nil {
		return said{"error": err.Error()}
	}
	s.id, s.node, s.shown, s.base, s.batch = q.Node, node.(*reference.Node), nil, raft.EntryID{}, 0
	a := said{}
	s.show(a)
	return a
}

// seeded is a stream of randomness that a seed decides.
func seeded(seed uint64) io.Reader { return &counter{seed} }

type counter struct{ next uint64 }

func (c *counter) Read(b []byte) (int, error) {
	for i := 0; i < len(b); i += 8 {
		var word [8]byte
		c.next = c.next*6364136223846793005 + 1442695040888963407
		binary.LittleEndian.PutUint64(word[:], c.next^c.next>>29)
		copy(b[i:], word[:])
	}
	return len(b), nil
}

// show adds the status, and the log from the first entry on that is not as it was shown.
func (s *server) show(a said) {
	st := s.node.Status()
	a["status"] = said{
		"term": st.Term, "vote": st.Vote, "role": st.Role.String(), "leader": st.Leader, "base": pair(st.Base),
		"commit": st.Commit, "applied": st.Applied, "config_index": st.ConfigIndex,
		"voters": members(st.Config.Voters), "outgoing": members(st.Config.Outgoing),
		"learners": members(st.Config.Learners),
	}
	if st.Base != s.base {
		s.shown, s.base = nil, st.Base
	}
	var now []raft.EntryID
	var from raft.Index
	entries := []said{}
	for i := st.Base.Index + 1; i <= st.Last.Index; i++ {
		e, _ := s.node.EntryAt(i)
		now = append(now, e.ID)
		if from == 0 && (len(s.shown) < len(now) || s.shown[len(now)-1] != e.ID) {
			from = i
		}
		if from > 0 {
			entries = append(entries, entryOf(&e))
		}
	}
	if from == 0 && len(now) < len(s.shown) || len(now) == 0 {
		from = st.Last.Index + 1
	}
	if s.shown = now; from > 0 {
		a["log"] = said{"from": from, "entries": entries}
	}
}

func members(set raft.NodeSet) []int {
	list := []int{}
	for id := range set.All() {
		list = append(list, int(id))
	}
	return list
}

func setOf(list []int) (set raft.NodeSet) {
	for _, id := range list {
		set = set.With(raft.NodeID(id))
	}
	return set
}

// input is the input of a question.
func (q *asked) input() raft.Input {
	op := raft.OpID{}
	fmt.Sscanf(q.Op, "%d.%d", &op.Client, &op.Seq)
	voters, learners := setOf(q.Voters), setOf(q.Learners)
	switch q.Type {
	case "tick":
		return &raft.Tick{}
	case "timeout":
		return &raft.Timeout{}
	case "receive":
		return &raft.Receive{Msg: raft.Message{From: q.From, To: q.Node, Kind: q.Kind, Payload: q.Payload}}
	case "persisted":
		return &raft.Persisted{ID: q.ID}
	case "propose":
		return &raft.Propose{Op: op, Data: q.Data}
	case "read":
		return &raft.Read{Op: op, Lease: q.Lease}
	case "compact":
		return &raft.Compact{Index: q.Index, Keep: q.Keep, State: q.State}
	case "reconfigure":
		return &raft.Reconfigure{Op: op, Voters: voters, Learners: learners}
	case "transfer":
		return &raft.Transfer{Op: op, To: q.To}
	case "batch":
		return &raft.Batch{Inputs: q.Inputs}
	case "lag":
		return &raft.Lag{Inputs: q.Inputs}
	}
	panic("a question of type " + q.Type)
}
