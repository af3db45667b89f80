package kv

// Results of operations other than get, which answers the value or Nil.
const (
	resultOK   = "ok"   // done
	resultNo   = "no"   // cas found another value, and changed nothing
	resultFull = "full" // append would have made a value too long, and changed nothing
)

// Machine is the replicated state machine: the contents of the store, and for
// each client the latest operation applied with its result. The zero value is
// empty and ready. It keeps the strings of the commands it applies.
type Machine struct {
	entries []entry
	keys    map[string]int32 // key -> entry

	// Sessions are found by client: through an array for low numbers, which
	// are what schedules use, and through a map for the others.
	sessions []session
	near     []int32          // client -> session + 1; 0 is none
	far      map[uint32]int32 // client -> session
}

// entry is one key. It stays when the key is deleted, so that neither deleting
// nor creating again costs an allocation.
type entry struct {
	key, value string // value "" is absence; no value is empty
}

// session is what the machine remembers of a client, so that a retry is
// answered and not applied (Ongaro's thesis, section 6.3).
type session struct {
	client uint32
	seq    uint32 // of the latest operation applied
	result string // what it answered
}

// nearClients is how many client numbers are found through the array.
const nearClients = 1024

// Apply applies the command, unless the client's session says that it was
// applied. fresh reports whether it was applied by this call. A repetition of
// the client's latest operation gets the same result again; one of an earlier
// operation, whose client cannot be waiting any more, gets "". A command
// without client, sequence number or kind is never applied either.
func (m *Machine) Apply(c *Command) (result string, fresh bool) {
	if c.Client == 0 || c.Seq == 0 || c.Op.Kind < Get || c.Op.Kind > Delete {
		return "", false
	}
	s := m.session(c.Client)
	if c.Seq <= s.seq {
		if c.Seq == s.seq {
			return s.result, false
		}
		return "", false
	}
	s.seq, s.result = c.Seq, m.do(&c.Op)
	return s.result, true
}

// Result is what the client's latest applied operation answered, if it is seq.
func (m *Machine) Result(client, seq uint32) (string, bool) {
	i, ok := m.find(client)
	if !ok || m.sessions[i].seq != seq {
		return "", false
	}
	return m.sessions[i].result, true
}

// Reset empties the machine. It keeps its memory: applying the same commands
// again allocates only what append makes.
func (m *Machine) Reset() {
	// The old strings must not be kept alive by what is beyond the length.
	clear(m.entries)
	clear(m.sessions)
	m.entries, m.sessions = m.entries[:0], m.sessions[:0]
	clear(m.keys)
	clear(m.near)
	clear(m.far)
}

// do changes the contents.
func (m *Machine) do(op *Op) string {
	switch op.Kind {
	case Get:
		if i, ok := m.keys[op.Key]; ok && m.entries[i].value != "" {
			return m.entries[i].value
		}
		return Nil
	case Put:
		m.entry(op.Key).value = op.Value
	case Append:
		e := m.entry(op.Key)
		switch {
		case e.value == "":
			e.value = op.Value
		case len(e.value)+1+len(op.Value) > MaxValueBytes:
			return resultFull
		default:
			e.value += "." + op.Value
		}
	case Cas:
		e := m.entry(op.Key)
		old := op.Old
		if old == Nil {
			old = ""
		}
		if e.value != old {
			return resultNo
		}
		e.value = op.Value
	case Delete:
		if i, ok := m.keys[op.Key]; ok {
			m.entries[i].value = ""
		}
	}
	return resultOK
}

// entry finds or makes the entry of a key. The pointer is good until the next call.
func (m *Machine) entry(key string) *entry {
	i, ok := m.keys[key]
	if !ok {
		if m.keys == nil {
			m.keys = make(map[string]int32)
		}
		i = int32(len(m.entries))
		m.keys[key] = i
		m.entries = append(m.entries, entry{key: key})
	}
	return &m.entries[i]
}

// find is the index of a client's session.
func (m *Machine) find(client uint32) (int32, bool) {
	if client < nearClients {
		if int(client) >= len(m.near) || m.near[client] == 0 {
			return 0, false
		}
		return m.near[client] - 1, true
	}
	i, ok := m.far[client]
	return i, ok
}

// session finds or makes the session of a client. The pointer is good until the
// next call.
func (m *Machine) session(client uint32) *session {
	if i, ok := m.find(client); ok {
		return &m.sessions[i]
	}
	i := int32(len(m.sessions))
	m.sessions = append(m.sessions, session{client: client})
	if client < nearClients {
		for int(client) >= len(m.near) {
			m.near = append(m.near, 0)
		}
		m.near[client] = i + 1
	} else {
		if m.far == nil {
			m.far = make(map[uint32]int32)
		}
		m.far[client] = i
	}
	return &m.sessions[i]
}
