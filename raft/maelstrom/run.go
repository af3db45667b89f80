package maelstrom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"raftcheck/faults"
	"raftcheck/faults/live"
	"raftcheck/faults/live/network"
)

// run is the network of a run: it passes messages between nodes, and those of clients.
type run struct {
	Server
	nodes []string
	links network.Links

	mu      sync.Mutex
	inboxes []chan []byte // to the process of node i at position i; nil before its first
	waiting map[int64]chan reply
	last    int64 // message number of a client
	breach  string
	traffic traffic
}

func newRun(s Server, nodes int) *run {
	r := &run{Server: s, inboxes: make([]chan []byte, nodes+1), waiting: map[int64]chan reply{}}
	r.traffic.now = make([]int, nodes+1)
	r.traffic.before = make([]int, nodes+1)
	r.links.Single = true
	for id := 1; id <= nodes; id++ {
		r.nodes = append(r.nodes, name("n", id))
	}
	return r
}

// Links are the faults of the network.
func (r *run) Links() *network.Links { return &r.links }

// Breach says how a node broke the protocol first.
func (r *run) Breach() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.breach
}

// breaks notes a breach of the protocol, unless there was one.
func (r *run) breaks(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.breach == "" {
		r.breach = fmt.Sprintf(format, args...)
	}
}

// Close ends the goroutines that write to processes.
func (r *run) Close() {
	for id := range r.inboxes {
		r.attach(id, nil)
	}
}

// attach makes an inbox that of a node, and ends the one before.
func (r *run) attach(id int, inbox chan []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inboxes[id] != nil {
		close(r.inboxes[id])
	}
	r.inboxes[id] = inbox
}

// mostWaiting is how many messages wait for a process that does not read; later ones are lost.
const mostWaiting = 1 << 12

// Command starts a node in its folder, and sends it init. A shell enters the folder, not
// this process while it forks: it serves the folder itself, and would wait for itself.
func (r *run) Command(n live.Node) (*exec.Cmd, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", `cd "$0" && exec "$@"`, n.Dir}, r.Words...)...)
	cmd.Stdout = &output{run: r, node: n.ID}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	inbox := make(chan []byte, mostWaiting)
	go func() {
		failed := false
		for line := range inbox {
			if !failed {
				_, err := input.Write(line)
				failed = err != nil // the process is gone: what follows is lost
			}
		}
	}()
	r.attach(n.ID, inbox)
	own := name("n", n.ID)
	r.send("c0", n.ID, request{Type: "init", MsgID: r.number(nil), NodeID: own, NodeIDs: r.nodes})
	return cmd, nil
}

// number takes the next message number, whose reply goes to a channel if there is one.
func (r *run) number(answer chan reply) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last++; answer != nil {
		r.waiting[r.last] = answer
	}
	return r.last
}

// send sends a message of a client to a node. No fault concerns it.
func (r *run) send(client string, node int, q request) {
	text, err := json.Marshal(q)
	if err != nil {
		panic(err) // its words are integers
	}
	r.deliver(node, message{client, name("n", node), text})
}

// deliver puts a message into the inbox of a node. It is lost without a process, and if too
// many wait.
func (r *run) deliver(node int, m message) {
	line, err := json.Marshal(m)
	if err != nil {
		panic(err) // its body was parsed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.inboxes[node] <- append(line, '\n'):
	default:
	}
}

// route takes a message that a node printed. Nodes may pass on those of others as they are.
func (r *run) route(from int, line []byte) {
	var m message
	if err := json.Unmarshal(line, &m); err != nil || len(m.Body) == 0 {
		r.breaks("n%d printed %.200q, which is no message", from, line)
		return
	}
	to, isNode := numbered(m.Dest, "n")
	client, isClient := numbered(m.Dest, "c")
	switch {
	case isNode && 1 <= to && to <= len(r.nodes):
		r.mu.Lock()
		r.traffic.count(from)
		r.mu.Unlock()
		r.links.Pass(from, to, line, func(line []byte) { r.deliver(to, m) })
	case isClient && 0 <= client && client <= faults.MaxClients:
		r.answer(from, &m)
	default:
		r.breaks("n%d sent a message to %.40q, which is neither a node nor a client", from, m.Dest)
	}
}

// answer hands a reply to the client that waits for it. One that waits no more misses it.
func (r *run) answer(from int, m *message) {
	var answer reply
	if err := json.Unmarshal(m.Body, &answer); err != nil || answer.Type == "" {
		r.breaks("n%d answered a client with %.200q, which is no body of a reply", from, m.Body)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if waiting := r.waiting[answer.InReplyTo]; waiting != nil {
		delete(r.waiting, answer.InReplyTo)
		waiting <- answer // it has room for one
	}
}

// ask sends a request of a client to a node and waits for the reply.
func (r *run) ask(ctx context.Context, client, node int, q request) (reply, error) {
	answer := make(chan reply, 1)
	q.MsgID = r.number(answer)
	r.send(name("c", client), node, q)
	select {
	case a := <-answer:
		return a, nil
	case <-ctx.Done():
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, q.MsgID)
		return reply{}, ctx.Err()
	}
}

// probe is the key that the harness reads to see whether nodes serve. Clients use others.
const probe = "0"

// Serves reads a key at a node. A node that only says that it cannot serves if another node
// answers: nodes need not pass requests on.
func (r *run) Serves(ctx context.Context, n live.Node) error {
	q := request{Type: "read", Key: json.RawMessage(probe)}
	first, err := r.ask(ctx, 0, n.ID, q)
	if err != nil || serves(first) {
		return err
	}
	for id := range r.nodes {
		within, stop := context.WithTimeout(ctx, time.Second/time.Duration(1+len(r.nodes)))
		other, err := r.ask(within, 0, id+1, q)
		if stop(); err == nil && serves(other) {
			return nil
		}
	}
	return errors.New("no node answers a read: " + first.Type + " " + first.Text)
}

// serves reports whether a reply is that to a read.
func serves(r reply) bool {
	return r.Type == "read_ok" || r.Type == "error" && r.Code == keyDoesNotExist
}

// Status guesses who leads: the node that sends most to others, as a leader of Raft does.
func (r *run) Status(_ context.Context, n live.Node) (live.Status, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return live.Status{Leads: r.traffic.busiest() == n.ID}, nil
}
