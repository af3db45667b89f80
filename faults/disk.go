package faults

import (
	"strconv"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The kinds of event at a node's disk.
const (
	// Persist makes the K oldest pending writes of Node durable; 0 means all.
	Persist EventKind = 9
	// Tear is a crash in which the write after the K oldest pending ones survives as its
	// first Aux bytes (modulo its length).
	Tear EventKind = 11
	// Corrupt flips bit Aux (modulo its length) of Node's K-th newest durable record, counted from 0.
	Corrupt EventKind = 12
	// Fail fails Node's disk: the K oldest pending writes become durable, the rest is
	// lost, and the failure is reported to Node.
	Fail EventKind = 13
)

var diskFamily = family{"disk", []descriptor{
	{
		kind: Persist, form: form{name: "persist", parts: parts{aNode}, k: count},
		example: "persist 1", about: "node 1's pending writes become durable; k=2 is the two oldest",
		act: (*World).persist, at: aWrite, enabled: (*World).persistable,
		plainer: persistAll, exact: true,
	},
	{
		kind: Fail, form: form{name: "fail", parts: parts{aNode}, k: count},
		example: "fail 1", about: "a write or its fsync fails, and node 1 is informed; k=2 writes survive",
		act: (*World).fail, at: aWrite, enabled: (*World).failable, plainer: asCrash, harm: harmsNode,
	},
	{
		kind: Tear, form: form{name: "tear", parts: parts{aNode}, k: count, aux: param{"bytes", 0, MaxK, 0}},
		example: "tear 1 bytes=5", about: "a crash in which five bytes of the oldest pending write survive",
		act: (*World).tear, at: aWrite, enabled: tearOneByte, plainer: asCrash, harm: harmsNode,
	},
	{
		kind: Corrupt, form: form{name: "corrupt", parts: parts{aNode}, k: count, aux: param{"bit", 0, MaxK, 0}},
		example: "corrupt 1 k=2 bit=7", about: "a bit of the third newest durable record flips",
		act: (*World).corrupt, hazard: LosesDisk, harm: harmsNode,
	},
}}

func (w *World) persist(e *Event) reason {
	n := &w.nodes[e.Node]
	if why := w.deaf(e.Node); why != noReason {
		return why
	}
	switch {
	case n.disk.pending() == 0:
		return "NODE has no pending write"
	case w.real.stalled.Has(e.Node):
		return hangs
	case w.real.full.Has(e.Node):
		return w.fail(&Event{Kind: Fail, Node: e.Node})
	}
	k := int(e.K)
	if k == 0 {
		k = n.disk.pending()
	}
	n.disk.persist(k)
	w.inputs.done.ID = n.disk.written()
	w.step(n, &w.inputs.done)
	return noReason
}

// persistable makes the write, and all before it, durable; all writes have no number.
func (w *World) persistable(e *Event) bool {
	e.K = (e.K + 1) % int32(w.PendingWrites(e.Node))
	return w.awake(e.Node) && !w.real.stalled.Has(e.Node)
}

func persistAll(e Event, _ int) []Event { return e.as(Persist) }

func (w *World) fail(e *Event) reason {
	n := &w.nodes[e.Node]
	if why := w.deaf(e.Node); why != noReason {
		return why
	}
	if n.disk.pending() <= int(e.K) {
		return fewerWrites
	}
	n.disk.persist(int(e.K))
	n.disk.lose()
	n.stopped = true
	w.inputs.failed.ID = n.disk.written() + 1
	w.step(n, &w.inputs.failed)
	return noReason
}

func (w *World) failable(e *Event) bool { return w.awake(e.Node) }

func (w *World) tear(e *Event) reason {
	n := &w.nodes[e.Node]
	if !w.up.Has(e.Node) {
		return w.absent(e.Node)
	}
	if n.disk.pending() <= int(e.K) {
		return fewerWrites
	}
	n.disk.persist(int(e.K))
	r := w.begin(trace.Crashed, n.id)
	r.Durable = n.disk.written()
	r.Lost, r.Torn = n.disk.pending(), true
	n.disk.tear(int(e.Aux))
	w.stop(n)
	w.emit()
	return noReason
}

// tornBytes is the size of the rest of the write in a Tear that Enabled offers.
const tornBytes = 1

func tearOneByte(_ *World, e *Event) bool {
	e.Aux = tornBytes
	return true
}

func (w *World) corrupt(e *Event) reason {
	n := &w.nodes[e.Node]
	if !n.disk.flip(int(e.K), int(e.Aux)) {
		return "no durable record of NODE with K after it has a bit"
	}
	r := w.begin(trace.Rotted, e.Node)
	r.Text = "record " + strconv.Itoa(n.disk.held()-int(e.K)) + " of " + strconv.Itoa(n.disk.held())
	w.emit()
	return noReason
}

// disk holds a node's writes: records one after the other. The first durable ones
// survive a crash, and the rest is pending. Durable records before the latest
// checkpoint are gone.
//
// Records are counted from 0 and keep their number until the node boots again,
// so that a checkpoint does not change which record a write is.
type disk struct {
	bytes   []byte
	ends    []recordEnd // of each record
	first   int         // the oldest record that is still there
	durable int
	boot    int // how many records there were when the node booted: its write w is record boot+w-1
}

// recordEnd is where a record ends in a disk's bytes.
type recordEnd struct {
	at         int
	checkpoint bool // it takes the place of the records before it
}

func (d *disk) reset() { *d = disk{bytes: d.bytes[:0], ends: d.ends[:0]} }

// begin prepares the disk for a node that boots, and frees the memory of records that are gone.
func (d *disk) begin() {
	if gone := d.start(d.first); d.first > 0 {
		d.bytes = append(d.bytes[:0], d.bytes[gone:]...)
		d.ends = append(d.ends[:0], d.ends[d.first:]...)
		for i := range d.ends {
			d.ends[i].at -= gone
		}
		d.durable -= d.first
		d.first = 0
	}
	d.boot = d.durable
}

func (d *disk) pending() int { return len(d.ends) - d.durable }

// held is how many durable records there are.
func (d *disk) held() int { return d.durable - d.first }

func (d *disk) start(record int) int {
	if record == 0 {
		return 0
	}
	return d.ends[record-1].at
}

func (d *disk) record(i int) []byte { return d.bytes[d.start(i):d.ends[i].at] }

// issued is the node's latest write, and written its latest durable one, since it booted.
func (d *disk) issued() raft.WriteID  { return raft.WriteID(len(d.ends) - d.boot) }
func (d *disk) written() raft.WriteID { return raft.WriteID(d.durable - d.boot) }

func (d *disk) write(w *raft.Write) {
	d.bytes = append(d.bytes, w.Data...)
	d.ends = append(d.ends, recordEnd{len(d.bytes), w.Checkpoint})
}

// persist makes the k oldest pending writes durable.
func (d *disk) persist(k int) {
	for k = min(k, d.pending()); k > 0; k-- {
		if d.ends[d.durable].checkpoint {
			d.first = d.durable
		}
		d.durable++
	}
}

// lose forgets the pending writes.
func (d *disk) lose() {
	d.bytes, d.ends = d.bytes[:d.start(d.durable)], d.ends[:d.durable]
}

// tear loses the pending writes except for the first bytes of the oldest one, at
// least one short of all. A torn checkpoint replaces no record.
func (d *disk) tear(bytes int) {
	start, length := d.start(d.durable), len(d.record(d.durable))
	d.lose()
	d.bytes = d.bytes[:start+bytes%max(length, 1)]
	d.ends = append(d.ends, recordEnd{at: len(d.bytes)})
	d.durable++
}

// flip changes one bit of a durable record, counted from the newest, and reports whether there is one.
func (d *disk) flip(newest, bit int) bool {
	i := d.durable - 1 - newest
	if i < d.first || len(d.record(i)) == 0 {
		return false
	}
	record := d.record(i)
	bit %= 8 * len(record)
	record[bit/8] ^= 1 << (bit % 8)
	return true
}

// records lists the durable records, oldest first, in the memory of dst.
func (d *disk) records(dst [][]byte) [][]byte {
	for i := d.first; i < d.durable; i++ {
		record := d.record(i)
		dst = append(dst, record[:len(record):len(record)])
	}
	return dst
}
