package faults

import "raftcheck/raft"

// disk is what a node has written: records one after the other, of which the
// first durable ones survive a crash and the rest is pending. Of the durable
// ones those before the latest checkpoint are gone.
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

// begin makes the disk that of a node that boots, and takes back the memory of what is gone.
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

// lose forgets what is pending.
func (d *disk) lose() {
	d.bytes, d.ends = d.bytes[:d.start(d.durable)], d.ends[:d.durable]
}

// tear loses what is pending but for the first bytes of its oldest write, at
// least one short of all. A torn checkpoint takes the place of nothing.
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

// records lists what is durable, oldest first, in the memory of dst.
func (d *disk) records(dst [][]byte) [][]byte {
	for i := d.first; i < d.durable; i++ {
		record := d.record(i)
		dst = append(dst, record[:len(record):len(record)])
	}
	return dst
}
