package election

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"raftcheck/models/service"
)

// Machine is the replicated state machine: the holder of each leadership, the time at
// which it runs out, and the time of the last operation. The zero value is ready, and
// nothing was ever granted. It keeps the names of the operations it applies.
type Machine struct {
	now         uint64       // the time of the last operation applied, in ticks
	leaderships []leadership // that were granted before, sorted by name
	text        []byte       // of the answer that is being written
}

// leadership is the state of one name. It does not change when its time runs out: the
// next operation compares the times.
type leadership struct {
	name   string
	token  uint64 // of the last grant, from 1; outlives the grant
	holder uint32 // of the last grant; 0 if that one was resigned
	expiry uint64 // when the last grant runs out; 0 if it was resigned
}

var _ service.Machine = (*Machine)(nil)

// Reset returns to the state in which nothing was ever granted, keeping memory.
func (m *Machine) Reset() {
	m.now = 0
	m.leaderships = m.leaderships[:0]
}

// Apply carries out op for client at the time now, in ticks. Clients count from
// 1. Any other operation, or one of no client, is answered "" and changes nothing.
func (m *Machine) Apply(client uint32, now uint64, op service.Op) string {
	o, ok := op.(Op)
	if !ok || client == 0 || o.Kind < Campaign || o.Kind > Holder {
		return ""
	}
	m.now = now
	m.text = m.text[:0]
	switch o.Kind {
	case Campaign:
		m.campaign(client, &o)
	case Keepalive:
		m.keepalive(client, &o)
	case Resign:
		m.resign(client, &o)
	case Holder:
		m.tellHolder(o.Name)
	}
	return string(m.text)
}

// Query answers holder, as of the last operation applied; "" if op is another.
func (m *Machine) Query(op service.Op) string {
	o, ok := op.(Op)
	if !ok || o.Kind != Holder {
		return ""
	}
	m.text = m.text[:0]
	m.tellHolder(o.Name)
	return string(m.text)
}

// campaign grants the leadership if nobody else holds it. A worker that holds it already
// keeps its token: it needs no fence against itself.
func (m *Machine) campaign(client uint32, op *Op) {
	l := m.leadership(op.Name)
	switch {
	case !m.held(l):
		l.token++
		l.holder = client
	case l.holder != client:
		m.write("held-by-c", uint64(l.holder))
		m.write("-until-", l.expiry)
		m.endFor(client)
		return
	}
	l.expiry = m.after(op.TTL)
	m.write("token-", l.token)
	m.write("-until-", l.expiry)
	m.endFor(client)
}

func (m *Machine) keepalive(client uint32, op *Op) {
	l := m.heldBy(client, op)
	if l == nil {
		m.write("lost-at-", m.now)
		m.write("-for-c", uint64(client))
		return
	}
	l.expiry = m.after(op.TTL)
	m.write("ok-until-", l.expiry)
	m.endFor(client)
}

func (m *Machine) resign(client uint32, op *Op) {
	word := "lost-at-"
	if l := m.heldBy(client, op); l != nil {
		l.holder, l.expiry = 0, 0
		word = "ok-at-"
	}
	m.write(word, m.now)
	m.write("-for-c", uint64(client))
}

func (m *Machine) tellHolder(name string) {
	i, ok := m.find(name)
	if !ok || !m.held(&m.leaderships[i]) {
		m.write("free-at-", m.now)
		return
	}
	l := &m.leaderships[i]
	m.write("c", uint64(l.holder))
	m.write("-token-", l.token)
	m.write("-until-", l.expiry)
	m.write("-at-", m.now)
}

// held reports whether somebody holds the leadership now: until its expiry, and
// no longer at it.
func (m *Machine) held(l *leadership) bool { return l.holder != 0 && m.now < l.expiry }

// heldBy is op's leadership if client holds it now by op's token, or else nil.
func (m *Machine) heldBy(client uint32, op *Op) *leadership {
	i, ok := m.find(op.Name)
	if !ok {
		return nil
	}
	l := &m.leaderships[i]
	if !m.held(l) || l.holder != client || l.token != op.Token {
		return nil
	}
	return l
}

// after is the time in ttl ticks; time ends where its numbers do.
func (m *Machine) after(ttl uint64) uint64 {
	if ttl > math.MaxUint64-m.now {
		return math.MaxUint64
	}
	return m.now + ttl
}

// find returns the place where the leadership of a name is, or would be.
func (m *Machine) find(name string) (int, bool) {
	return slices.BinarySearchFunc(m.leaderships, name,
		func(l leadership, name string) int { return cmp.Compare(l.name, name) })
}

// leadership finds or makes the leadership of a name, for a campaign, which grants a new
// one. The pointer is good until the next call.
func (m *Machine) leadership(name string) *leadership {
	i, ok := m.find(name)
	if !ok {
		m.leaderships = slices.Insert(m.leaderships, i, leadership{name: name})
	}
	return &m.leaderships[i]
}

// write appends a text and a number to the answer.
func (m *Machine) write(text string, n uint64) {
	m.text = strconv.AppendUint(append(m.text, text...), n, 10)
}

// endFor ends an answer that is for a client.
func (m *Machine) endFor(client uint32) {
	m.write("-at-", m.now)
	m.write("-for-c", uint64(client))
}
