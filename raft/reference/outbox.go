package reference

import "raftcheck/raft"

// outbox collects the output of one Step. The next Step reuses its buffers, so an
// Output is valid only until then.
type outbox struct {
	output raft.Output
	bytes  []byte // payloads and records; slices of it stay valid when it grows
}

// newOutbox returns an outbox with room for a common step, so that a node which was
// just booted does not grow its buffers bit by bit.
func newOutbox() outbox {
	return outbox{
		output: raft.Output{
			Writes:  make([]raft.Write, 0, 2),
			Sends:   make([]raft.Message, 0, 4),
			Applied: make([]raft.Entry, 0, 4),
		},
		bytes: make([]byte, 0, 256),
	}
}

func (o *outbox) reset() {
	o.output.Writes = o.output.Writes[:0]
	o.output.Sends = o.output.Sends[:0]
	o.output.Restore = raft.Snapshot{}
	o.output.Applied = o.output.Applied[:0]
	o.output.Replies = o.output.Replies[:0]
	o.bytes = o.bytes[:0]
}

// send encodes m as the payload of envelope.
func (o *outbox) send(envelope raft.Message, m *message) {
	start := len(o.bytes)
	o.bytes = m.append(o.bytes)
	envelope.Kind = m.kind.String()
	envelope.Payload = o.bytes[start:len(o.bytes):len(o.bytes)]
	o.output.Sends = append(o.output.Sends, envelope)
}

// write frames r as the record with this number on the disk.
func (o *outbox) write(id raft.WriteID, number uint64, r *record) {
	start := len(o.bytes)
	var header [frameHeader]byte
	o.bytes = r.append(append(o.bytes, header[:]...))
	data := o.bytes[start:len(o.bytes):len(o.bytes)]
	sealFrame(data, number)
	checkpoint := r.kind == recordCheckpoint
	o.output.Writes = append(o.output.Writes, raft.Write{ID: id, Data: data, Checkpoint: checkpoint})
}

func (o *outbox) apply(e raft.Entry) { o.output.Applied = append(o.output.Applied, e) }

func (o *outbox) reply(op raft.OpID, outcome raft.Outcome) {
	o.output.Replies = append(o.output.Replies, raft.Reply{Op: op, Outcome: outcome})
}
