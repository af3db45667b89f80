package hostile

import (
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// Deadly is the reference with nodes that harm the process in which they run: a leader
// whose log has two entries does it when it is proposed another one.
type Deadly struct {
	name string
	harm func(*raft.Output)
	// Kind begins the text of the verdict, and Property is of that verdict.
	Property, Kind string
}

// Name is the name of the harm.
func (d Deadly) Name() string { return d.name }

// Boot boots a node of the reference, which does harm later.
func (d Deadly) Boot(c raft.NodeConfig) (raft.Node, error) {
	sound, err := reference.System{}.Boot(c)
	if err != nil {
		return nil, err
	}
	return deadlyNode{sound.(*reference.Node), d.harm}, nil
}

// deadlyNode is a node of a [Deadly] system.
type deadlyNode struct {
	*reference.Node
	harm func(*raft.Output)
}

// Step takes the step, and does harm.
func (n deadlyNode) Step(in raft.Input) raft.Output {
	_, proposed := in.(*raft.Propose)
	s := n.Status()
	out := n.Node.Step(in)
	if proposed && s.Role == raft.Leader && s.Last.Index >= 2 {
		out.Sends = append([]raft.Message(nil), out.Sends...)
		out.Writes = append([]raft.Write(nil), out.Writes...)
		n.harm(&out)
	}
	return out
}

// Clone returns a copy of the node.
func (n deadlyNode) Clone() raft.Node { return deadlyNode{n.Node.Clone().(*reference.Node), n.harm} }

// sink keeps memory reachable.
var sink [][]byte

// Deadlies lists the systems that one process does not survive, and those that only its
// memory would.
func Deadlies() []Deadly {
	const survival, contract = "Survival", "Contract"
	hangs, exits := "a call does not return", "the process ends with exit code "
	return []Deadly{
		{"loop", func(*raft.Output) { loop() }, survival, hangs},
		{"block", func(*raft.Output) { select {} }, survival, hangs},
		{"deadlock", func(*raft.Output) { var m sync.Mutex; m.Lock(); m.Lock() }, survival, hangs},
		{"exit-0", func(*raft.Output) { os.Exit(0) }, survival, exits + "0"},
		{"exit-1", func(*raft.Output) { os.Exit(1) }, survival, exits + "1"},
		{"fatal", func(*raft.Output) { log.Fatal("no disk") }, survival, exits + "1: no disk"},
		{"goexit", func(*raft.Output) { runtime.Goexit() }, survival, "a call ends its goroutine"},
		{"kill", signalled(os.Kill), survival, "the process ends by signal: killed"},
		{"terminate", signalled(syscall.SIGTERM), survival, "the process ends by signal: terminated"},
		{"close", func(*raft.Output) { os.NewFile(1, "stdout").Close() }, survival,
			"the process ends with exit code 1: the standard output is closed"},
		{"goroutine-panic", panicBeside, survival, "a goroutine panics: beside"},
		{"map-race", writeBeside, survival, "the runtime ends the process: concurrent map writes"},
		{"recursion", func(*raft.Output) { spin = recurse(0) }, survival,
			"the runtime ends the process: stack overflow"},
		{"unlock", func(*raft.Output) { new(sync.Mutex).Unlock() }, survival,
			"the runtime ends the process: sync: unlock of unlocked mutex"},
		{"goroutine", func(*raft.Output) { go func() { select {} }() }, survival, "goroutines stay behind"},
		{"memory", grow, survival, "the process grows beyond"},
		{"messages", func(o *raft.Output) { multiply(o) }, contract, ""},
		{"record", func(o *raft.Output) { o.Writes = append(o.Writes, big(o)) }, contract, ""},
		{"message", func(o *raft.Output) { o.Sends = append(o.Sends, long(o)) }, contract, ""},
		{"kind", func(o *raft.Output) { o.Sends = append(o.Sends, odd(o)) }, contract, ""},
	}
}

func loop() {
	for i := 0; ; i++ {
		spin = i
	}
}

var spin int

// signalled is the harm of a process that sends itself a signal.
func signalled(s os.Signal) func(*raft.Output) {
	return func(*raft.Output) {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			self.Signal(s)
		}
		select {}
	}
}

func panicBeside(*raft.Output) {
	go panic("beside")
	select {}
}

func writeBeside(*raft.Output) {
	shared := map[int]int{}
	for range 4 {
		go func() {
			for i := 0; ; i++ {
				shared[i%10] = i
			}
		}()
	}
	select {}
}

func recurse(n int) int {
	if n < 0 {
		return n
	}
	return recurse(n+1) + n
}

func grow(*raft.Output) {
	for {
		sink = append(sink, make([]byte, 4<<20))
	}
}

// million is memory for a million messages.
var million = sync.OnceValue(func() []raft.Message { return make([]raft.Message, 1_000_000) })

func multiply(o *raft.Output) {
	if len(o.Sends) > 0 {
		many := million()
		copy(many, o.Sends)
		o.Sends = many
	}
}

// hundred is 100 MB.
var hundred = sync.OnceValue(func() []byte { return make([]byte, 100<<20) })

func big(o *raft.Output) raft.Write {
	return raft.Write{ID: raft.WriteID(len(o.Writes)) + o.Writes[0].ID, Data: hundred()}
}

func long(o *raft.Output) raft.Message {
	m := raft.Message{Kind: "AppendEntries", Payload: hundred()}
	if len(o.Sends) > 0 {
		m.From, m.To = o.Sends[0].From, o.Sends[0].To
	}
	return m
}

func odd(o *raft.Output) raft.Message {
	m := long(o)
	m.Kind, m.Payload = strings.Repeat("long", 1<<20)+fmt.Sprint(spin), nil
	return m
}
