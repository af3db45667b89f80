package faults

import "raftcheck/raft"

// disk is what a node has written: records one after the other, of which the
// first durable ones survive a crash and the rest is pending.
type disk struct {
	bytes   []byte
	ends    []int // where each record ends in bytes
	durable int
	boot    int // how many records there were when the node booted: its write w is record boot+w-1
}

func (d *disk) reset() { *d = disk{bytes: d.bytes[:0], ends: d.ends[:0]} }

func (d *disk) pending() int { return len(d.ends) - d.durable }

func (d *disk) start(record int) int {
	if record == 0 {
		return 0
	}
	return d.ends[record-1]
}

func (d *disk) record(i int) []byte { return d.bytes[d.start(i):d.ends[i]] }

// issued is the node's latest write, and written its latest durable one, since it booted.
func (d *disk) issued() raft.WriteID  { return raft.WriteID(len(d.ends) - d.boot) }
func (d *disk) written() raft.WriteID { return raft.WriteID(d.durable - d.boot) }

func (d *disk) write(data []byte) {
	d.bytes = append(d.bytes, data...)
	d.ends = append(d.ends, len(d.bytes))
}

// persist makes the k oldest pending writes durable.
func (d *disk) persist(k int) { d.durable += min(k, d.pending()) }

// lose forgets what is pending.
func (d *disk) lose() {
	d.bytes, d.ends = d.bytes[:d.start(d.durable)], d.ends[:d.durable]
}

// tear loses what is pending but for the first bytes of its oldest write, at least one short of all.
func (d *disk) tear(bytes int) {
	start, length := d.start(d.durable), len(d.record(d.durable))
	d.lose()
	d.bytes = d.bytes[:start+bytes%max(length, 1)]
	d.ends = append(d.ends, len(d.bytes))
	d.durable++
}

// flip changes one bit of a durable record, counted from the newest, and reports whether there is one.
func (d *disk) flip(newest, bit int) bool {
	i := d.durable - 1 - newest
	if i < 0 || len(d.record(i)) == 0 {
		return false
	}
	record := d.record(i)
	bit %= 8 * len(record)
	record[bit/8] ^= 1 << (bit % 8)
	return true
}

// records lists what is durable, oldest first, in the memory of dst.
func (d *disk) records(dst [][]byte) [][]byte {
	for i := range d.durable {
		record := d.record(i)
		dst = append(dst, record[:len(record):len(record)])
	}
	return dst
}
