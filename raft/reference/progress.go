package reference

import (
	"raftcheck/raft"
)

// How much may be on the way to one peer.
const (
	// MaxInFlight is how many AppendEntries with entries may be unanswered.
	MaxInFlight = 4
	// MaxInFlightBytes bounds their entries; one request is always allowed.
	MaxInFlightBytes = 1 << 10
)

// progress is what a leader knows of what a peer is sent (thesis, section
// 10.2.1). How much of the log the peer has is in leadership.match.
type progress struct {
	state  progressState
	next   raft.Index // what to send next (nextIndex[], figure 2)
	asked  bool       // probing: the probe is unanswered, and not repeated before the next heartbeat
	flight flight     // replicating: what is unanswered
	offset int        // installing: where the chunk that was sent last begins
	of     raft.EntryID
}

// progressState is how a peer is sent the log.
type progressState uint8

const (
	// probing: where the logs meet is not known. One request at a time.
	probing progressState = iota
	// replicating: the logs meet. Requests follow one another without waiting
	// for answers; each is taken for received until an answer says otherwise.
	replicating
	// installing: the peer needs what was compacted, and is sent the snapshot.
	installing
)

// probe goes back to looking for where the logs meet, from next on.
func (p *progress) probe(next raft.Index) { *p = progress{next: next} }

// matched notes that the peer's log equals the leader's up to match.
func (p *progress) matched(match, base raft.Index) {
	switch p.state {
	case replicating:
		p.next = max(p.next, match+1)
		p.flight.land(match)
	case probing:
		// An answer that was overtaken says less than was asked.
		if match+1 >= p.next {
			*p = progress{state: replicating, next: match + 1}
		}
	case installing:
		// Any way to catch up will do: perhaps the entries came after all, or the
		// snapshot of an earlier moment.
		if match >= base {
			*p = progress{state: replicating, next: match + 1}
		}
	}
}

// refused reports whether a refusal at prev says something new: one of a probe
// must answer the latest.
func (p *progress) refused(prev raft.Index) bool {
	switch p.state {
	case probing:
		return prev == p.next-1
	case replicating:
		return prev < p.next
	}
	return false
}

// flight is the requests with entries that are on the way to a peer, oldest first.
type flight struct {
	count int
	last  [MaxInFlight]raft.Index // the last entry of each
	size  [MaxInFlight]int        // of its entries, in bytes
	bytes int                     // of all
}

// full reports whether nothing more may be sent.
func (f *flight) full() bool {
	return f.count == MaxInFlight || f.bytes >= MaxInFlightBytes
}

// launch adds a request.
func (f *flight) launch(last raft.Index, bytes int) {
	f.last[f.count], f.size[f.count] = last, bytes
	f.count++
	f.bytes += bytes
}

// land removes the requests that an answer covers.
func (f *flight) land(match raft.Index) {
	done := 0
	for done < f.count && f.last[done] <= match {
		f.bytes -= f.size[done]
		done++
	}
	if done == 0 {
		return
	}
	copy(f.last[:], f.last[done:f.count])
	copy(f.size[:], f.size[done:f.count])
	f.count -= done
}

// replicate sends a peer what it may be sent now, if there is anything.
func (n *Node) replicate(to raft.NodeID) {
	p := &n.lead.peers[to]
	if p.next <= n.log.base.Index && p.state != installing {
		n.sendSnapshot(to)
		return
	}
	switch p.state {
	case probing:
		if !p.asked {
			p.asked = true
			n.sendEntries(to, n.nextRun(p))
		}
	case replicating:
		for p.next <= n.log.lastIndex() && !p.flight.full() {
			entries := n.nextRun(p)
			n.sendEntries(to, entries)
			p.next += raft.Index(entries.count)
			p.flight.launch(p.next-1, len(entries.bytes))
		}
	}
}

// heartbeat sends a peer something in any case: what it needs, or else an empty
// AppendEntries. That one continues what is on the way, so that its refusal
// tells of what was lost.
func (n *Node) heartbeat(to raft.NodeID) {
	p := &n.lead.peers[to]
	p.asked = false
	if p.state == installing {
		n.sendChunk(to)
		return
	}
	sent := len(n.out.output.Sends)
	n.replicate(to)
	if len(n.out.output.Sends) == sent {
		n.sendEntries(to, entryList{})
	}
}

// nextRun is what a peer needs next, in one request. Its entries are of one
// term. So a follower can hold the entries of an older term without the
// leader's own blank one, as figure 8 has it, and section 5.4.2 is a rule that
// schedules can put to the test.
func (n *Node) nextRun(p *progress) entryList {
	return n.log.run(p.next, MaxEntriesPerAppend, MaxBytesPerAppend)
}

// sendEntries sends entries from the peer's next one on; without any it is the
// heartbeat. It does not wait for the leader's disk, only (in send) for its term.
func (n *Node) sendEntries(to raft.NodeID, entries entryList) {
	m := message{kind: kindAppendEntries, appendEntries: appendEntries{
		prev:    n.log.id(n.lead.peers[to].next - 1),
		commit:  n.commit,
		round:   n.lead.round,
		entries: entries,
	}}
	n.send(to, &m, raft.Promise{}, 0)
}
