package session

// table has the sessions, found by client and in the order of their last execution. The
// zero value needs a reset.
type table struct {
	// slots are the sessions, with free slots among them. Slot none closes the ring of
	// sessions: its next is the session to forget first.
	slots []session
	free  int32 // the first free slot; the next of each is the following free one

	// A session is found by its client: in an array for low numbers, which schedules use,
	// and in a map for others.
	near []int32
	far  map[uint32]int32

	order []int32 // memory for sorting, without content between calls
}

// none is the slot of no session.
const none int32 = 0

// session is the memory of one client.
type session struct {
	client     uint32
	seq        uint32 // the number of the latest executed command
	opened     uint64 // the time of the first execution, in ticks
	last       uint64 // the time of the latest execution, in ticks
	result     string // the answer to the latest executed command
	prev, next int32  // the sessions that were last executed just before and just after
}

// nearClients is the number of clients that are found in the array.
const nearClients = 1024

// reset removes all sessions. It keeps allocated memory.
func (t *table) reset() {
	// Slots beyond the length would keep old strings alive.
	clear(t.slots)
	t.slots = append(t.slots[:0], session{})
	t.free = none
	clear(t.near)
	clear(t.far)
}

// find returns the slot of a client's session, or none.
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

// open adds a session for a client without one. The session joins the ring when it is
// renewed.
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

// renew makes a session the last to be forgotten.
//
// Invariant: the times of renewals never decrease, so the ring is in the order of last.
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

// forget removes the sessions that were not renewed for Ticks ticks.
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
