package session

// table has the sessions, found by client and in the order of their last
// execution. The zero value needs a reset.
type table struct {
	// Slots are sessions, free ones among them. Slot none is the ends of a ring
	// of the sessions: its next is the one to be forgotten first.
	slots []session
	free  int32 // the first free slot; each has the following one as its next

	// Slots are found by client: through an array for low numbers, which are
	// what schedules use, and through a map for the others.
	near []int32
	far  map[uint32]int32

	order []int32 // memory for the order of the moment
}

// none is the slot of no session.
const none int32 = 0

// session is what is remembered of a client.
type session struct {
	client     uint32
	seq        uint32 // of the latest command executed
	opened     uint64 // when the first one was, in ticks
	last       uint64 // when the latest one was, in ticks
	result     string // what it answered
	prev, next int32  // executed before and after it
}

// nearClients is how many client numbers are found through the array.
const nearClients = 1024

// reset removes all sessions, keeping memory.
func (t *table) reset() {
	// The old strings must not be kept alive by what is beyond the length.
	clear(t.slots)
	t.slots = append(t.slots[:0], session{})
	t.free = none
	clear(t.near)
	clear(t.far)
}

// find is the slot of a client's session.
func (t *table) find(client uint32) int32 {
	if client >= nearClients {
		return t.far[client]
	}
	if int(client) >= len(t.near) {
		return none
	}
	return t.near[client]
}

// point makes find return slot for the client.
func (t *table) point(client uint32, slot int32) {
	switch {
	case client < nearClients:
		for int(client) >= len(t.near) {
			t.near = append(t.near, none)
		}
		t.near[client] = slot
	case slot == none:
		delete(t.far, client)
	default:
		if t.far == nil {
			t.far = make(map[uint32]int32)
		}
		t.far[client] = slot
	}
}

// open makes a session for a client that has none. It is in no order before it is renewed.
func (t *table) open(client uint32, now uint64) int32 {
	i := t.free
	if i == none {
		i = int32(len(t.slots))
		t.slots = append(t.slots, session{})
	} else {
		t.free = t.slots[i].next
	}
	t.slots[i] = session{client: client, opened: now, prev: i, next: i}
	t.point(client, i)
	return i
}

// renew makes a session the last to be forgotten. Invariant: the times of
// renewals never go back, so the ring is in the order of last.
func (t *table) renew(i int32, now uint64) {
	t.unlink(i)
	s, ends := &t.slots[i], &t.slots[none]
	s.last, s.prev, s.next = now, ends.prev, none
	t.slots[ends.prev].next = i
	ends.prev = i
}

func (t *table) unlink(i int32) {
	s := &t.slots[i]
	t.slots[s.prev].next = s.next
	t.slots[s.next].prev = s.prev
}

// forget removes the sessions that were not renewed for Ticks.
func (t *table) forget(now uint64) {
	for {
		i := t.slots[none].next
		if i == none || t.slots[i].last+Ticks > now {
			return
		}
		t.unlink(i)
		t.point(t.slots[i].client, none)
		t.slots[i] = session{next: t.free}
		t.free = i
	}
}
