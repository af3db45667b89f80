package explore

import (
	"sync"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// hashes knows the entries and logs in which configurations name nodes, by their hashes,
// so that these can be renamed. Several workers may use it at the same time.
type hashes struct {
	renamer raft.Renamer
	lock    sync.RWMutex
	configs map[uint64][]byte // by the hash of an entry, its data
	logs    map[uint64]logged // by the hash of a log, its last entry
}

// logged is the last entry of a log with the hash of the log before it.
type logged struct {
	before uint64
	entry  trace.Logged
}

// learn notes an entry that appeared in a log (see [faults.Future]).
func (h *hashes) learn(before uint64, e trace.Logged, data []byte) {
	h.lock.Lock()
	defer h.lock.Unlock()
	if data != nil {
		h.configs[e.Hash] = data
	}
	_, configures := h.configs[e.Hash]
	if _, configured := h.logs[before]; configures || configured {
		h.logs[e.Prefix] = logged{before, e}
	}
}

// under returns a hash as it is once the nodes have other names.
func (h *hashes) under(as *raft.Renaming, hash uint64) uint64 {
	h.lock.RLock()
	defer h.lock.RUnlock()
	return h.rename(as, hash)
}

func (h *hashes) rename(as *raft.Renaming, hash uint64) uint64 {
	if l, known := h.logs[hash]; known {
		return trace.PrefixOf(h.rename(as, l.before), l.entry.Term, h.rename(as, l.entry.Hash))
	}
	if data, known := h.configs[hash]; known {
		e := raft.Entry{Kind: raft.Reconfiguration, Data: h.renamer.AppendConfiguration(nil, data, as)}
		return trace.DigestOf(&e).Hash
	}
	return hash
}
