package reference

import "raftcheck/raft"

var _ raft.Renamer = System{}

// AppendPayload appends a message's payload, with every node named by as. Configurations in
// entries and snapshots are the only names in it.
func (System) AppendPayload(b []byte, of *raft.Message, as *raft.Renaming) []byte {
	var m message
	if m.decode(of.Payload) != nil {
		return append(b, of.Payload...)
	}
	switch m.kind {
	case kindAppendEntries:
		m.appendEntries.entries.bytes = appendRenamed(nil, m.appendEntries.entries.bytes, as)
	case kindInstallSnapshot:
		m.installSnapshot.members.config = renamed(m.installSnapshot.members.config, as)
	}
	return m.append(b)
}

// AppendConfiguration appends the data of an entry with a configuration, with every node
// named by as.
func (System) AppendConfiguration(b, data []byte, as *raft.Renaming) []byte {
	c, err := decodeConfiguration(data)
	if err != nil {
		return append(b, data...)
	}
	return appendConfiguration(b, renamed(c, as))
}

// appendRenamed appends encoded entries, with every node in configurations named by as. No
// entry changes its length.
func appendRenamed(b, entries []byte, as *raft.Renaming) []byte {
	start := len(b)
	b = append(b, entries...)
	for r := (reader{rest: entries}); len(r.rest) > 0; {
		if e := r.entry(); e.Kind == raft.Reconfiguration {
			end := start + len(entries) - len(r.rest)
			System{}.AppendConfiguration(b[:end-len(e.Data)], e.Data, as)
		}
	}
	return b
}

// renamed returns a configuration with every node named by as.
func renamed(c raft.Configuration, as *raft.Renaming) raft.Configuration {
	return raft.Configuration{
		Voters: as.Set(c.Voters), Outgoing: as.Set(c.Outgoing), Learners: as.Set(c.Learners),
	}
}
