// Package network is the network of a cluster: a namespace and a TUN device for each node,
// with this process as the switch between them. So a fault is a few lines of Go that work
// at once: a link cut one way, slow, or one that loses, doubles and reorders packets.
//
// Node 0 is the harness itself. No fault concerns its links: clients always reach a node.
package network

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// MaxNodes is the most nodes of a network.
const MaxNodes = 9

// Network is the switch. Its methods may be called side by side.
type Network struct {
	Links
	nodes   int
	tun     [MaxNodes + 1]*os.File
	spaces  [MaxNodes + 1]*os.File // the namespaces; of the harness none
	packets atomic.Int64
	done    sync.WaitGroup
}

// New makes a network of so many nodes. Close it.
func New(nodes int) (*Network, error) {
	n := &Network{nodes: nodes}
	for id := 0; id <= nodes; id++ {
		if err := n.attach(id); err != nil {
			n.Close()
			return nil, fmt.Errorf("the network of node %d: %w", id, err)
		}
	}
	for id := 0; id <= nodes; id++ {
		n.done.Go(func() { n.forward(id) })
	}
	return n, nil
}

// Addr is the address of a node.
func (n *Network) Addr(id int) string { return fmt.Sprintf("10.77.0.%d", host(id)) }

// host is the last byte of a node's address.
func host(id int) byte {
	if id == 0 {
		return 254
	}
	return byte(id)
}

// nodeOf is the inverse of host; -1 is no node.
func (n *Network) nodeOf(host byte) int {
	switch {
	case host == 254:
		return 0
	case 1 <= host && int(host) <= n.nodes:
		return int(host)
	}
	return -1
}

// Start starts a command in the namespace of a node.
func (n *Network) Start(id int, cmd *exec.Cmd) error { return inside(n.spaces[id], cmd.Start) }

// inside runs f on a thread that is in the namespace. The thread ends with it.
func inside(space *os.File, f func() error) error {
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
			failed <- err
			return
		}
		failed <- f()
	}()
	return <-failed
}

// newSpace makes a namespace, which lives as long as the file.
func newSpace() (space *os.File, err error) {
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			space, err = os.Open("/proc/thread-self/ns/net")
		}
		failed <- err
	}()
	err = <-failed
	return space, err
}

// attach gives a node its namespace, with a device and its address in it.
func (n *Network) attach(id int) (err error) {
	connect := func() (err error) {
		n.tun[id], err = device(id)
		return err
	}
	if id == 0 {
		return connect()
	}
	if n.spaces[id], err = newSpace(); err != nil {
		return err
	}
	return inside(n.spaces[id], connect)
}

// Packets is how many packets arrived at the switch.
func (n *Network) Packets() int64 { return n.packets.Load() }

// Close ends the network. Nothing of it is left.
func (n *Network) Close() {
	for id := range n.tun {
		if n.tun[id] != nil {
			n.tun[id].Close()
		}
		if n.spaces[id] != nil {
			n.spaces[id].Close()
		}
	}
	n.done.Wait()
}

// forward passes on the packets of a node until its device is closed.
func (n *Network) forward(from int) {
	buffer := make([]byte, 1<<16)
	for {
		size, err := n.tun[from].Read(buffer)
		if err != nil {
			return
		}
		const header, destination = 20, 19 // of IPv4
		if size < header || buffer[0]>>4 != 4 {
			continue
		}
		if to := n.nodeOf(buffer[destination]); to >= 0 {
			n.packets.Add(1)
			n.Pass(from, to, buffer[:size], func(packet []byte) { n.tun[to].Write(packet) })
		}
	}
}
