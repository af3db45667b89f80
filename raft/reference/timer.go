package reference

// The times of a node, in ticks of its own clock. The broadcast time must be well below
// the election timeout for a leader to stay one (section 5.6).
const (
	// ElectionTicks is the shortest election timeout; timeouts are drawn from
	// [ElectionTicks, 2*ElectionTicks) (section 5.2).
	ElectionTicks = 10
	// HeartbeatTicks is the time between two heartbeats of a leader.
	HeartbeatTicks = 3
	// LeaseTicks is how long a leader trusts that no other node leads, from the beginning
	// of a round of messages that a quorum answered (thesis, section 6.4.1). A node that
	// answered elects no other for ElectionTicks of its own clock; the first of them may
	// have begun before the answer. So the lease holds as long as no clock runs more than
	// 1.5 times as fast as another. Within that bound, LeaseTicks of the slower clock
	// pass within ElectionTicks-1 of the faster one.
	LeaseTicks = 5
)

// timer counts the ticks since a node last heard from a leader, voted, or started
// an election. At a leader it counts those since its last heartbeat.
type timer struct {
	elapsed int
	timeout int    // elapsed ticks at which the election timer fires
	silence int    // ticks since a leader of any term was heard, at most ElectionTicks
	rand    uint64 // state of the generator; a plain number keeps the node a pure value
}

// newTimer returns a timer whose timeouts follow from seed.
func newTimer(seed uint64) timer {
	t := timer{rand: seed}
	t.draw()
	return t
}

// tick counts one unit of the node's clock. The election timer runs only at an
// elector; the promises of every node expire.
func (t *timer) tick(elector bool) {
	t.silence = min(t.silence+1, ElectionTicks)
	if elector {
		t.elapsed++
	}
}

// heard restarts the timer because a leader was heard.
func (t *timer) heard() {
	t.silence = 0
	t.reset()
}

// reset restarts the timer with another timeout, so that nodes which collided once
// do not collide forever (section 5.2). A timer that has not run yet is left alone.
// It is as good as a new one, and another draw would only make states differ that
// behave alike.
func (t *timer) reset() {
	if t.elapsed == 0 {
		return
	}
	t.elapsed = 0
	t.draw()
}

// draw chooses the next timeout with a step of splitmix64 (Steele, Lea and Flood,
// "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
func (t *timer) draw() {
	t.rand += 0x9e3779b97f4a7c15
	z := t.rand
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	t.timeout = ElectionTicks + int(z%ElectionTicks)
}
