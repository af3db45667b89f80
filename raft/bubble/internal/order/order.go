// Package order tells the race detector what a bubble's root did before a goroutine of the
// bubble ran. synctest orders what goroutines did before they blocked before what the root
// does next; it does not order what the root did before goroutines that a timer wakes. No
// two of them ever run at once, so it matters to the detector alone.
package order

import "sync/atomic"

var steps atomic.Uint64

// Release puts what the caller did before what follows a later Acquire.
func Release() { steps.Add(1) }

// Acquire puts what was done before every earlier Release before what the caller does next.
func Acquire() { steps.Load() }
