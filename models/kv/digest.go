package kv

// Hash is a digest of what the machine holds, contents and sessions. Machines
// that applied the same commands have the same, whatever else they went through
// (Reset, keys made and deleted again); different ones differ but for a chance
// of about 2^-64.
func (m *Machine) Hash() uint64 {
	// A sum does not depend on the order in which keys and clients came, so it
	// need not be remembered whether one came and went before another.
	var sum uint64
	for i := range m.entries {
		if e := &m.entries[i]; e.value != "" {
			h := hashString(offset, e.key)
			sum += mix(hashString(h, e.value) ^ 'e')
		}
	}
	for i := range m.sessions {
		s := &m.sessions[i]
		h := hashNumber(hashNumber(offset, uint64(s.client)), uint64(s.seq))
		sum += mix(hashString(h, s.result) ^ 's'<<8)
	}
	return mix(sum)
}

// The constants of FNV-1a, 64 bits (Fowler, Noll, Vo).
const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

// hashString goes on with the length, so that ("ab", "c") is not ("a", "bc").
func hashString(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return hashNumber(h, uint64(len(s)))
}

func hashNumber(h, n uint64) uint64 {
	for range 8 {
		h = (h ^ n&0xff) * prime
		n >>= 8
	}
	return h
}

// mix spreads every bit over all others, so that sums of digests do not cancel
// out (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
