package network

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Link is the faults of a link, one way. The zero Link has none.
type Link struct {
	Cut   bool          // every packet is lost
	Delay time.Duration // packets arrive so much later
	Lossy int           // of so many packets one is lost, one doubled, and one late; 0 for none
}

// lateness is how much later a packet is that others overtake, at most.
const lateness = 20 * time.Millisecond

// Links are the faults of the links between nodes. The zero Links have none. Its methods
// may be called side by side.
type Links struct {
	// Single makes lossy links double nothing: the nodes' protocol rules copies out.
	Single bool

	mu     sync.Mutex
	links  [MaxNodes + 1][MaxNodes + 1]Link
	losses [MaxNodes + 1][MaxNodes + 1]int // how often Lose was called: older packets are lost
}

// Fault changes the faults of a link.
func (l *Links) Fault(from, to int, change func(*Link)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.links[from][to])
}

// Lose loses the packets that are under way on a link.
func (l *Links) Lose(from, to int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.losses[from][to]++
}

// Heal ends every fault.
func (l *Links) Heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.links = [MaxNodes + 1][MaxNodes + 1]Link{}
}

// Pass takes a packet over a link, as its faults have it: it calls arrive for each copy
// that arrives, at once or later. The packet's memory is the caller's after it returned.
func (l *Links) Pass(from, to int, packet []byte, arrive func(packet []byte)) {
	l.mu.Lock()
	link, losses := l.links[from][to], l.losses[from][to]
	l.mu.Unlock()
	copies := 1
	if link.Lossy > 0 {
		switch rand.IntN(link.Lossy) {
		case 0:
			copies = 0
		case 1:
			if !l.Single {
				copies = 2
			}
		case 2:
			link.Delay += rand.N(lateness)
		}
	}
	if link.Cut {
		copies = 0
	}
	for range copies {
		if link.Delay == 0 {
			arrive(packet)
			continue
		}
		late := append([]byte(nil), packet...)
		time.AfterFunc(link.Delay, func() {
			if l.arrives(from, to, losses) {
				arrive(late)
			}
		})
	}
}

// arrives reports whether a packet that waited arrives: its link was neither cut nor
// emptied since.
func (l *Links) arrives(from, to, losses int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.links[from][to].Cut && l.losses[from][to] == losses
}
