// Package sync stands in for the standard one in an implementation that runs in a bubble
// (package bubble). It is one import to swap:
//
//	import "raftcheck/raft/bubble/sync"
//
// A goroutine that waits for a mutex of the standard package does not count as blocked, so a
// bubble waits for it for ever: for instance, if the holder of the mutex waits for its disk.
// Here it waits on a channel, which counts.
package sync

import (
	std "sync"

	"raftcheck/raft/bubble/internal/order"
)

// The types of the standard package in which nobody waits, or that a bubble can wait on.
type (
	Locker    = std.Locker
	Map       = std.Map
	Pool      = std.Pool
	WaitGroup = std.WaitGroup
)

// Mutex is a mutex; its zero value is unlocked.
type Mutex struct {
	once std.Once
	held chan struct{} // has one element while it is locked
}

func (m *Mutex) channel() chan struct{} {
	m.once.Do(func() { m.held = make(chan struct{}, 1) })
	return m.held
}

// Lock locks the mutex, and waits until it is unlocked first.
func (m *Mutex) Lock() {
	m.channel() <- struct{}{}
	order.Acquire()
}

// TryLock locks the mutex if it is unlocked, and reports whether it did.
func (m *Mutex) TryLock() bool {
	select {
	case m.channel() <- struct{}{}:
		order.Acquire()
		return true
	default:
		return false
	}
}

// Unlock unlocks the mutex. It panics if the mutex is unlocked.
func (m *Mutex) Unlock() {
	select {
	case <-m.channel():
	default:
		panic("sync: unlock of unlocked mutex")
	}
}

// RWMutex is a mutex that readers lock one at a time: no reader may wait for another.
type RWMutex struct{ Mutex }

// RLock, TryRLock and RUnlock are those of the mutex.
func (m *RWMutex) RLock()         { m.Lock() }
func (m *RWMutex) TryRLock() bool { return m.TryLock() }
func (m *RWMutex) RUnlock()       { m.Unlock() }

// RLocker returns the mutex.
func (m *RWMutex) RLocker() Locker { return &m.Mutex }

// Cond is a condition to wait for, with the mutex that is held while it changes.
type Cond struct {
	L       Locker
	mu      std.Mutex // held for a moment only
	waiting []chan struct{}
}

// NewCond returns a condition.
func NewCond(l Locker) *Cond { return &Cond{L: l} }

// Wait unlocks the mutex, waits for a Signal or a Broadcast, and locks the mutex again.
func (c *Cond) Wait() {
	woken := make(chan struct{})
	c.mu.Lock()
	c.waiting = append(c.waiting, woken)
	c.mu.Unlock()
	c.L.Unlock()
	<-woken
	c.L.Lock()
}

// Signal wakes the goroutine that waits longest, if there is one.
func (c *Cond) Signal() { c.wake(1) }

// Broadcast wakes every goroutine that waits.
func (c *Cond) Broadcast() { c.wake(-1) }

// wake wakes up to n goroutines, all if n is negative.
func (c *Cond) wake(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ; n != 0 && len(c.waiting) > 0; n-- {
		close(c.waiting[0])
		c.waiting = c.waiting[1:]
	}
}

// Once calls a function once. Callers wait until it has returned.
type Once struct {
	mu   Mutex
	done bool
}

// Do calls f, unless a call of Do did.
func (o *Once) Do(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.done {
		defer func() { o.done = true }()
		f()
	}
}
