// Command maelstrom is a node for Maelstrom's workload lin-kv: a key-value store on the Raft
// of package lab. Its state is in the file "state" of its folder.
//
// With the argument "local" it answers reads from its own copy, which is a mistake: the copy
// may be old. raftcheck/raft/maelstrom finds that.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"
	"time"

	"example.com/lab"
)

// message is a line of standard input or output.
type message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body body   `json:"body"`
}

// body has the keys of every kind of message.
type body struct {
	Type      string          `json:"type"`
	MsgID     int             `json:"msg_id,omitempty"`
	InReplyTo int             `json:"in_reply_to,omitempty"`
	NodeID    string          `json:"node_id,omitempty"`
	NodeIDs   []string        `json:"node_ids,omitempty"`
	Key       json.RawMessage `json:"key,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"`
	From      json.RawMessage `json:"from,omitempty"`
	To        json.RawMessage `json:"to,omitempty"`
	Code      int             `json:"code,omitempty"`
	Text      string          `json:"text,omitempty"`
	Call      json.RawMessage `json:"call,omitempty"`    // arguments or reply between peers
	Request   *message        `json:"request,omitempty"` // of a client, passed on to the leader
}

// The errors that the node answers with.
const (
	unavailable        = 11
	aborted            = 14
	keyDoesNotExist    = 20
	preconditionFailed = 22
)

// node is the server.
type node struct {
	id    string
	ids   []string
	local bool
	raft  *lab.Raft
	out   sync.Mutex

	mu      sync.Mutex
	store   map[string]json.RawMessage
	waiting map[int]proposal // by index
	calls   map[int]chan json.RawMessage
	last    int // number of a call
}

// proposal is a request that this node put into the log.
type proposal struct {
	term    int
	request message
}

func main() {
	n := &node{
		local: len(os.Args) > 1 && os.Args[1] == "local", store: map[string]json.RawMessage{},
		waiting: map[int]proposal{}, calls: map[int]chan json.RawMessage{},
	}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var m message
		check(json.Unmarshal(line, &m))
		n.handle(m)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// handle takes a message. What may wait for the Raft or its disk has a goroutine of its own.
func (n *node) handle(m message) {
	switch m.Body.Type {
	case "init":
		n.start(m.Body.NodeID, m.Body.NodeIDs)
		n.reply(m, body{Type: "init_ok"})
	case "read", "write", "cas":
		go n.serve(m)
	case "forward":
		go n.propose(*m.Body.Request)
	case "returned":
		n.mu.Lock()
		if call := n.calls[m.Body.InReplyTo]; call != nil {
			delete(n.calls, m.Body.InReplyTo)
			call <- m.Body.Call
		}
		n.mu.Unlock()
	case "RequestVote":
		go answer(n, m, n.raft.RequestVote)
	case "AppendEntries":
		go answer(n, m, n.raft.AppendEntries)
	}
}

// start starts the Raft.
func (n *node) start(id string, ids []string) {
	n.id, n.ids = id, ids
	peers, me := map[int]lab.ClientEnd{}, 0
	for i, other := range ids {
		if other == id {
			me = i
			continue
		}
		peers[i] = end{n, other}
	}
	apply := make(chan lab.ApplyMsg)
	n.raft = lab.Make(peers, me, file("state"), apply)
	go func() {
		for m := range apply {
			n.apply(m)
		}
	}()
}

// send prints a message.
func (n *node) send(dest string, b body) {
	line, err := json.Marshal(message{n.id, dest, b})
	check(err)
	n.out.Lock()
	defer n.out.Unlock()
	_, err = os.Stdout.Write(append(line, '\n'))
	check(err)
}

func (n *node) reply(m message, b body) {
	b.InReplyTo = m.Body.MsgID
	n.send(m.Src, b)
}

// serve handles a request of a client. A node that does not lead passes it on.
func (n *node) serve(m message) {
	if n.local && m.Body.Type == "read" {
		n.mu.Lock()
		answer := n.execute(m.Body)
		n.mu.Unlock()
		n.reply(m, answer)
		return
	}
	switch leader := n.raft.Hint(); {
	case leader < 0:
		n.reply(m, body{Type: "error", Code: unavailable, Text: "no leader is known"})
	case n.ids[leader] != n.id:
		n.send(n.ids[leader], body{Type: "forward", Request: &m})
	default:
		n.propose(m)
	}
}

// propose puts a request into the log, if this node leads. The lock makes apply wait.
func (n *node) propose(m message) {
	command, err := json.Marshal(m.Body)
	check(err)
	n.mu.Lock()
	defer n.mu.Unlock()
	index, term, leads := n.raft.Start(command)
	if !leads {
		n.reply(m, body{Type: "error", Code: unavailable, Text: "another node leads"})
		return
	}
	n.waiting[index] = proposal{term, m}
}

// apply executes a committed entry, and answers the client if its request was put into the
// log here. A request whose place another entry has is never executed.
func (n *node) apply(m lab.ApplyMsg) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p, ok := n.waiting[m.CommandIndex]
	delete(n.waiting, m.CommandIndex)
	if ok && p.term != m.CommandTerm {
		n.reply(p.request, body{Type: "error", Code: aborted, Text: "another leader took over"})
		ok = false
	}
	if m.Command == nil {
		return
	}
	var request body
	check(json.Unmarshal(m.Command, &request))
	if answer := n.execute(request); ok {
		n.reply(p.request, answer)
	}
}

// execute is the state machine.
func (n *node) execute(request body) body {
	key := string(request.Key)
	value, there := n.store[key]
	switch {
	case request.Type == "write":
		n.store[key] = request.Value
		return body{Type: "write_ok"}
	case !there:
		return body{Type: "error", Code: keyDoesNotExist, Text: "no key " + key}
	case request.Type == "read":
		return body{Type: "read_ok", Value: value}
	case string(value) != string(request.From):
		return body{Type: "error", Code: preconditionFailed, Text: "the value is " + string(value)}
	}
	n.store[key] = request.To
	return body{Type: "cas_ok"}
}

// end is the way to a peer.
type end struct {
	node *node
	peer string
}

// patience is the time that a call waits for its reply.
const patience = 300 * time.Millisecond

// Call calls a method of the peer.
func (e end) Call(method string, args, reply any) bool {
	n := e.node
	returned := make(chan json.RawMessage, 1)
	n.mu.Lock()
	n.last++
	number := n.last
	n.calls[number] = returned
	n.mu.Unlock()
	text, err := json.Marshal(args)
	check(err)
	n.send(e.peer, body{Type: method[len("Raft."):], MsgID: number, Call: text})
	select {
	case text := <-returned:
		return json.Unmarshal(text, reply) == nil
	case <-time.After(patience):
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.calls, number)
		return false
	}
}

// answer carries out a call of a peer.
func answer[A, R any](n *node, m message, method func(*A, *R)) {
	var args A
	var reply R
	check(json.Unmarshal(m.Body.Call, &args))
	method(&args, &reply)
	text, err := json.Marshal(reply)
	check(err)
	n.reply(m, body{Type: "returned", Call: text})
}

// file is a persister. It writes a second file and renames it, with an fsync of both.
type file string

func (f file) Save(state []byte) {
	next, err := os.Create(string(f) + ".next")
	check(err)
	_, err = next.Write(state)
	check(err)
	check(next.Sync())
	check(next.Close())
	check(os.Rename(next.Name(), string(f)))
	folder, err := os.Open(".")
	check(err)
	check(folder.Sync())
	check(folder.Close())
}

func (f file) ReadRaftState() []byte {
	state, err := os.ReadFile(string(f))
	if !os.IsNotExist(err) {
		check(err)
	}
	return state
}
