package explore

import "sync"

// prints are the fingerprints of a part, one under each renaming of the nodes, and the
// roles of the nodes in it.
type prints struct {
	orbit []fingerprint
	by    []uint8 // the position in orbit of the fingerprint under each renaming
	roles roles
}

// under returns the fingerprint under a renaming.
func (p *prints) under(r int) fingerprint { return p.orbit[p.by[r]] }

// orbits has the fingerprints of parts that differ by a renaming alone once for all of
// them. Several workers may use it at the same time.
type orbits struct {
	lock    sync.Mutex
	members map[fingerprint]member
}

// member is a part of an orbit: the first part of it that was met, under a renaming.
type member struct {
	orbit []fingerprint
	as    uint8
}

func (o *orbits) find(key fingerprint) (m member, known bool) {
	o.lock.Lock()
	defer o.lock.Unlock()
	m, known = o.members[key]
	return m, known
}

// keep stores an orbit, whose first fingerprint is that of the part at hand.
func (o *orbits) keep(orbit []fingerprint) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.members == nil {
		o.members = map[fingerprint]member{}
	}
	for as, f := range orbit {
		if _, known := o.members[f]; !known {
			o.members[f] = member{orbit, uint8(as)}
		}
	}
}

// prints returns the fingerprints of a part, of which the one by its own names is key.
func (p *interner) prints(key fingerprint, kind byte, e encoding) prints {
	m, known := p.orbits.find(key)
	if !known {
		m.orbit = append(make([]fingerprint, 0, len(p.as)), key)
		for _, as := range p.as[1:] {
			m.orbit = append(m.orbit, p.print(kind, e, as))
		}
		if len(p.as) > 1 {
			p.orbits.keep(m.orbit)
		}
	}
	is := prints{orbit: m.orbit, by: p.after[m.as]}
	is.roles = p.rolesIn(&is)
	return is
}

// positioned is a part of a state, and its position on its link (see positionOn).
type positioned struct {
	*prints
	position int
}

// print returns the fingerprint of a state, in which the nodes are named in the order of
// their roles, so that states that differ by a renaming have the same one. Where nodes
// have equal roles, it is the least one.
func (w *worker) print(s *state) fingerprint {
	w.arrange(s)
	var of roles
	for i := range w.arranged {
		p := &w.arranged[i]
		for j := range w.parts.moves {
			of[j] += p.roles[j] * uint64(2*p.position+1)
		}
	}
	orders := &w.orders[w.parts.rank(&of)]
	if *orders == nil {
		*orders = w.parts.inOrder(w.parts.rank(&of))
	}
	least := w.under((*orders)[0])
	for _, r := range (*orders)[1:] {
		if sum := w.under(r); sum.compare(least) < 0 {
			least = sum
		}
	}
	return least.plus(w.nameless(s))
}

// nameless returns the fingerprint of the parts of a state that name no nodes.
func (w *worker) nameless(s *state) fingerprint {
	sum := w.spentPrint(s.spent)
	if w.hears {
		sum = sum.plus(w.parts.clients.at(s.clients).print)
	}
	return sum
}

// arrange lists the parts of a state.
func (w *worker) arrange(s *state) {
	w.arranged = append(w.arranged[:0], positioned{&w.parts.memories.at(s.memory).prints, 0})
	for _, number := range s.places {
		w.arranged = append(w.arranged, positioned{&w.parts.places.at(number).prints, 0})
	}
	for i, number := range s.messages {
		m := w.parts.messages.at(number)
		w.arranged = append(w.arranged, positioned{&m.prints, w.positionOn(s.messages[:i], m)})
	}
}

// under returns the fingerprint of the arranged parts under a renaming.
func (w *worker) under(r uint8) (sum fingerprint) {
	for i := range w.arranged {
		p := &w.arranged[i]
		sum = sum.plus(p.prints.under(int(r)).at(p.position))
	}
	return sum
}
