package reference

import "raftcheck/raft"

// The bounds on unanswered requests to one peer.
const (
	// MaxInFlight is how many AppendEntries with entries may be unanswered.
	MaxInFlight = 4
	// MaxInFlightBytes bounds the bytes of their entries: no request follows once they
	// reach it.
	MaxInFlightBytes = 1 << 10
)

// progress is a leader's replication state for one peer (thesis, section 10.2.1).
// How much of the log the peer has is in leadership.match.
type progress struct {
	state  progressState
	next   raft.Index   // the next entry to send (nextIndex[], figure 2)
	asked  bool         // probing: the probe is unanswered, and not repeated before the next heartbeat
	flight flight       // replicating: the unanswered requests
	offset int          // installing: where the chunk that was sent last begins, in bytes
	of     raft.EntryID // installing: the snapshot that is sent
}

// progressState is how a peer is sent the log.
type progressState uint8

const (
	// probing: the leader searches for the last entry that both logs hold, with one
	// request at a time.
	probing progressState = iota
	// replicating: that entry is known. Requests follow one another without waiting for
	// answers; each is assumed to arrive until a rejection shows otherwise.
	replicating
	// installing: the peer needs entries that were compacted, and is sent the snapshot.
	installing
)

// probe goes back to searching for the last common entry, with next as the next
// guess.
func (p *progress) probe(next raft.Index) { *p = progress{next: next} }

// matched records that the peer's log equals the leader's up to match.
func (p *progress) matched(match, base raft.Index) {
	switch p.state {
	case replicating:
		p.next = max(p.next, match+1)
		p.flight.land(match)
	case probing:
		// A delayed reply to an earlier probe does not reach next.
		if match+1 >= p.next {
			*p = progress{state: replicating, next: match + 1}
		}
	case installing:
		// The peer has caught up, perhaps through delayed entries or an earlier snapshot.
		if match >= base {
			*p = progress{state: replicating, next: match + 1}
		}
	}
}

// refused reports whether a rejection at prev is news. While probing it must answer
// the latest probe.
func (p *progress) refused(prev raft.Index) bool {
	switch p.state {
	case probing:
		return prev == p.next-1
	case replicating:
		return prev < p.next
	}
	return false
}

// flight is the unanswered requests with entries to a peer, oldest first.
type flight struct {
	count int
	last  [MaxInFlight]raft.Index // the last entry of each
	size  [MaxInFlight]int        // of its entries, in bytes
	bytes int                     // of all their entries
}

// full reports whether a bound is reached, so that no further request may be sent.
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

// replicate sends a peer AppendEntries or the snapshot, as far as its progress
// allows.
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

// heartbeat sends a peer a message in any case: the entries or the chunk that it
// needs, or else an empty AppendEntries. The empty one has the end of the requests
// in flight as prev, so its rejection shows that one of them was lost.
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

// nextRun returns the entries of the next request to a peer. All are of one term.
// So a follower can hold entries of an older term without the leader's own blank
// one, as in figure 8. Schedules can then put the rule of section 5.4.2 to the
// test.
func (n *Node) nextRun(p *progress) entryList {
	return n.log.run(p.next, MaxEntriesPerAppend, MaxBytesPerAppend)
}

// sendEntries sends AppendEntries with these entries, which begin at the peer's
// next one. Without entries it is the heartbeat. It waits for the leader's term to
// be durable (in send), but not for the leader's own entries.
func (n *Node) sendEntries(to raft.NodeID, entries entryList) {
	m := message{kind: kindAppendEntries, appendEntries: appendEntries{
		prev:    n.log.id(n.lead.peers[to].next - 1),
		commit:  n.commit,
		round:   n.lead.round,
		entries: entries,
	}}
	n.send(to, &m, raft.Promise{}, 0)
}
