package reference

import "raftcheck/raft"

// disk tracks the node's writes: which are under way, and which state each one
// holds. Writes become durable in the order of their numbers.
type disk struct {
	records uint64       // whole records ever on the disk once all writes are durable
	issued  raft.WriteID // the last write
	durable raft.WriteID // the last write that is durable

	hard      hardState    // as last written
	hardWrite raft.WriteID // the write of hard, 0 if it survived the boot

	stable  raft.Index // the log is durable up to here
	pending []logWrite // writes of entries under way, oldest first
}

// logWrite is a write of entries that is under way.
//
// Invariant: ends do not decrease, and none is beyond the log's end.
type logWrite struct {
	id  raft.WriteID
	end raft.Index // once id is durable, so are the log's entries up to end
}

// next returns the number of another write.
func (d *disk) next() raft.WriteID {
	d.issued++
	d.records++
	return d.issued
}

// wroteHard records that write id holds this term and vote.
func (d *disk) wroteHard(id raft.WriteID, hard hardState) {
	d.hard, d.hardWrite = hard, id
}

// wroteEntries records that write id holds the entries up to end.
func (d *disk) wroteEntries(id raft.WriteID, end raft.Index) {
	d.pending = append(d.pending, logWrite{id, end})
}

// truncated records that the entries from index first on are no longer in the log.
// A write under way then holds fewer entries of the log. By the time it is durable,
// other entries may have taken those places, and the write does not hold them.
func (d *disk) truncated(first raft.Index) {
	d.stable = min(d.stable, first-1)
	for i := range d.pending {
		d.pending[i].end = min(d.pending[i].end, first-1)
	}
}

// persisted records that the writes up to id are durable.
func (d *disk) persisted(id raft.WriteID) {
	if id > d.issued {
		assertionFailed("write %d is durable, but only %d were issued", id, d.issued)
	}
	d.durable = max(d.durable, id)
	done := 0
	for done < len(d.pending) && d.pending[done].id <= id {
		d.stable = max(d.stable, d.pending[done].end)
		done++
	}
	d.pending = d.pending[:copy(d.pending, d.pending[done:])]
}

// hardAfter returns the write after which term and vote are durable; 0 is now.
func (d *disk) hardAfter() raft.WriteID {
	if d.hardWrite <= d.durable {
		return 0
	}
	return d.hardWrite
}

// logAfter returns the write after which the log is durable up to index; 0 is now.
func (d *disk) logAfter(index raft.Index) raft.WriteID {
	if index <= d.stable {
		return 0
	}
	for _, w := range d.pending {
		if w.end >= index {
			return w.id
		}
	}
	assertionFailed("entry %d was never written", index)
	return 0
}
