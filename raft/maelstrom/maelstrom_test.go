package maelstrom_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/faults/live"
	"raftcheck/faults/live/sandbox"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft/maelstrom"
)

// TestMain runs the tests in the sandbox. The test's own program is a wrong node, too.
func TestMain(m *testing.M) {
	if mode := os.Getenv("WRONG_NODE"); mode != "" {
		wrong(mode)
		return
	}
	os.Exit(sandbox.Test(m.Run))
}

// built is the node of testdata/lab.
func built(t *testing.T, args ...string) live.Server {
	t.Helper()
	program := filepath.Join(t.TempDir(), "node")
	cmd := exec.Command("go", "build", "-o", program, "./maelstrom")
	cmd.Dir = filepath.Join("..", "..", "testdata", "lab")
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, string(output))
	return maelstrom.Server{}.With(append([]string{program}, args...))
}

// play runs a schedule of a file.
func play(t *testing.T, file string, r live.Runner) *live.Result {
	t.Helper()
	s, err := trial.ReadSchedule(file, r.Server.Services())
	require.NoError(t, err)
	result, err := r.Run(context.Background(), s)
	require.NoError(t, err)
	return result
}

func requireHeld(t *testing.T, r *live.Result, properties ...string) {
	t.Helper()
	for _, v := range r.Verdicts {
		require.NotEqual(t, models.Violated, v.Outcome, v.String())
	}
	for _, p := range properties {
		require.Equal(t, models.Held, r.Of(p).Outcome, "%s: %v", p, r.Verdicts)
	}
}

// TestNode: the node of testdata/lab survives every kind of fault, in the sandbox with its
// disks; without it, a partition.
func TestNode(t *testing.T) {
	server := built(t)
	r := play(t, "testdata/faults.txt", live.Runner{Server: server})
	requireHeld(t, r, "Linearizability", "Liveness", "Contract", "NoPanic")
	require.Zero(t, r.Ignored, r.Timeline)
	require.Greater(t, len(r.History), 20)

	r = play(t, "testdata/stale-read.txt", live.Runner{Server: server, Plain: true})
	requireHeld(t, r, "Linearizability", "Liveness", "Contract", "NoPanic")
}

// TestNode_local: the node that answers reads from its own copy is caught.
func TestNode_local(t *testing.T) {
	r := play(t, "testdata/stale-read.txt", live.Runner{Server: built(t, "local"), Plain: true})
	v := r.Of("Linearizability")
	require.Equal(t, models.Violated, v.Outcome, "%v %v", r.Verdicts, r.Timeline)
}

// wrong is a node with one copy of the data for itself, which breaks the protocol once it
// was asked for key 1.
func wrong(mode string) {
	values, own := map[int]int{}, ""
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var m struct {
			Src  string
			Body struct {
				Type       string
				ID         string `json:"node_id"`
				MsgID      int    `json:"msg_id"`
				Key, Value int
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			panic(err)
		}
		reply := func(dest, text string, args ...any) {
			fmt.Printf(`{"src":%q,"dest":%q,"body":{"in_reply_to":%d,%s}}`+"\n", own, dest, m.Body.MsgID,
				fmt.Sprintf(text, args...))
		}
		switch q := m.Body; {
		case q.Type == "init":
			own = q.ID
			reply(m.Src, `"type":"init_ok"`)
		case q.Key == 0:
			reply(m.Src, `"type":"error","code":20`)
		case mode == "garbage":
			fmt.Println("debugging output")
		case mode == "other type":
			reply(m.Src, `"type":"cas_ok"`)
		case mode == "nobody":
			reply("lin-tso", `"type":"ts"`)
		case mode == "ends":
			panic("key 1")
		case q.Type == "write":
			values[q.Key] = q.Value
			reply(m.Src, `"type":"write_ok"`)
		default:
			reply(m.Src, `"type":"read_ok","value":%d`, values[q.Key])
		}
	}
}

// TestWrongNode: each way to break the protocol is a verdict that names the node, and nodes
// with a copy each are no store.
func TestWrongNode(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	for mode, want := range map[string]struct{ property, text string }{
		"garbage":    {"Contract", `n1 printed "debugging output", which is no message`},
		"other type": {"Contract", "n1 answered put 1 7 with \"cas_ok\", not write_ok"},
		"nobody":     {"Contract", `n1 sent a message to "lin-tso", which is neither a node nor a client`},
		"ends":       {"NoPanic", "n1 ended by itself"},
		"copies":     {"Linearizability", "key 1: "},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server := maelstrom.Server{}.With([]string{"env", "WRONG_NODE=" + mode, program})
			s, err := faults.Parse("wrong", []byte("system maelstrom\nnodes 2\nrand 1\n\ncall c1 1 put 1 7\n"+
				"run k=20\ncall c2 2 put 1 8\nsettle\nread c3 1 get 1\nsettle\n"), server.Services())
			require.NoError(t, err)
			runner := live.Runner{Server: server, Plain: true}
			r, err := runner.Run(context.Background(), s)
			require.NoError(t, err)
			v := r.Of(want.property)
			require.Equal(t, models.Violated, v.Outcome, r.Verdicts)
			require.Contains(t, v.Text, want.text)
		})
	}
}

// TestStore: the operations are those that Maelstrom has, with integers.
func TestStore(t *testing.T) {
	for text, ok := range map[string]bool{
		"get 1": true, "put 1 -7": true, "cas 2 3 4": true, "get x": false, "put 1 007": false,
		"append 1 2": false, "delete 1": false, "cas 1 nil 2": false, "put 1": false,
	} {
		op, err := maelstrom.Store{}.ParseOp(text)
		require.Equal(t, ok, err == nil, text)
		if ok {
			require.Equal(t, text, op.String())
		}
	}
	source := generate.NewPRNG(3)
	caller := service.Caller{Source: source, Client: 1, History: linearizability.History{}}
	words := map[string]bool{}
	for range 200 {
		op, err := maelstrom.Store{}.ParseOp(service.Draw(maelstrom.Store{}, &caller))
		require.NoError(t, err)
		word, _, _ := strings.Cut(op.String(), " ")
		words[word] = true
	}
	require.Len(t, words, 3)
}
