package session

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// AppendState appends the state of the machine. All numbers are uvarints. In order:
//
//   - the time,
//   - the number of sessions,
//   - each session, by client: client, sequence number, time of its opening, time of its
//     last execution, length of the result, result,
//   - the state of the service.
func (m *Machine) AppendState(dst []byte) []byte {
	t := &m.table
	t.order = t.order[:0]
	for i := t.slots[none].next; i != none; i = t.slots[i].next {
		t.order = append(t.order, i)
	}
	slices.SortFunc(t.order, func(a, b int32) int { return cmp.Compare(t.slots[a].client, t.slots[b].client) })

	dst = binary.AppendUvarint(dst, m.now)
	dst = binary.AppendUvarint(dst, uint64(len(t.order)))
	for _, i := range t.order {
		dst = t.slots[i].appendState(dst)
	}
	return m.contents.AppendState(dst)
}

func (s *session) appendState(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.client))
	dst = binary.AppendUvarint(dst, uint64(s.seq))
	dst = binary.AppendUvarint(dst, s.opened)
	dst = binary.AppendUvarint(dst, s.last)
	dst = binary.AppendUvarint(dst, uint64(len(s.result)))
	return append(dst, s.result...)
}

// Restore returns to a state that AppendState wrote, and rejects all other bytes. It keeps
// no reference to them. After an error the machine is in its first state.
func (m *Machine) Restore(state []byte) error {
	m.Reset()
	r := reader{data: state}
	m.now = r.number("time", 0, TimeLimit-1)
	m.table.restore(&r, m.now)
	err := r.err
	if err == nil {
		err = m.contents.Restore(r.data)
	}
	if err != nil {
		m.Reset()
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// restore reads the sessions into an empty table.
func (t *table) restore(r *reader, now uint64) {
	var oldest uint64 // the earliest last execution of a session that is not forgotten
	if now >= Ticks {
		oldest = now - Ticks + 1
	}
	t.order = t.order[:0]
	client := uint64(0)
	for n := r.number("number of sessions", 0, math.MaxInt32-1); n > 0; n-- {
		client = r.number("client", client+1, math.MaxUint32)
		seq := r.number("sequence number", 1, math.MaxUint32)
		opened := r.number("time of an opening", 0, now)
		last := r.number("time of a session", max(oldest, opened), now)
		result := r.text("result")
		if r.err != nil {
			return
		}
		i := t.open(uint32(client), opened)
		s := &t.slots[i]
		s.seq, s.last, s.result = uint32(seq), last, result
		t.order = append(t.order, i)
	}
	// Sessions of the same time are forgotten together, so their order among each other
	// makes no difference.
	slices.SortStableFunc(t.order, func(a, b int32) int { return cmp.Compare(t.slots[a].last, t.slots[b].last) })
	for _, i := range t.order {
		t.renew(i, t.slots[i].last)
	}
}
