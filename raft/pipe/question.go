package pipe

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"

	"raftcheck/raft"
)

// A question is one line of JSON, without the blanks and with its keys in the order that
// PROTOCOL.md has. It begins with {"type":"NAME", and number and the like add a key each.

const hello = `{"type":"hello","protocol":1}`

func begin(kind string) []byte { return append([]byte(`{"type":"`), kind+`"`...) }

func number(b []byte, key string, n uint64) []byte {
	return strconv.AppendUint(append(b, `,"`+key+`":`...), n, 10)
}

func truth(b []byte, key string, is bool) []byte {
	return strconv.AppendBool(append(b, `,"`+key+`":`...), is)
}

func text64(b []byte, key string, data []byte) []byte {
	return append64(append(b, `,"`+key+`":`...), data)
}

// append64 appends data as a string of BASE64.
func append64(b, data []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(b, '"'), data), '"')
}

func nodes(b []byte, key string, set raft.NodeSet) []byte {
	b = append(b, `,"`+key+`":[`...)
	first := true
	for id := range set.All() {
		if !first {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(id), 10)
		first = false
	}
	return append(b, ']')
}

func op(b []byte, of raft.OpID) []byte { return append(append(b, `,"op":"`...), opName(of)+`"`...) }

func opName(of raft.OpID) string { return fmt.Sprintf("%d.%d", of.Client, of.Seq) }

// blob appends a payload or a record as the program gave it.
func blob(b, data []byte, raw bool) []byte {
	if raw {
		return append64(b, data)
	}
	return append(b, data...)
}

// seedBits is the size of a seed: JavaScript's numbers hold no more.
const seedBits = 53

// drawSeed draws the seed of a node.
func drawSeed(from io.Reader) (uint64, error) {
	var seed [8]byte
	if _, err := from.Read(seed[:]); err != nil {
		return 0, fmt.Errorf("reading the random seed: %w", err)
	}
	return binary.LittleEndian.Uint64(seed[:]) >> (64 - seedBits), nil
}

// boot is the question that starts a node with the given bodies of records.
func boot(c *raft.NodeConfig, seed uint64, records [][]byte, raw bool) []byte {
	b := number(begin("boot"), "node", uint64(c.ID))
	b = nodes(nodes(b, "voters", c.Voters), "learners", c.Learners)
	b = truth(b, "prevote", c.PreVote)
	b = number(b, "seed", seed)
	b = append(b, `,"disk":[`...)
	for i, record := range records {
		if i > 0 {
			b = append(b, ',')
		}
		b = blob(b, record, raw)
	}
	return append(b, "]}"...)
}

// question is the question of an input. PersistFailed has none.
func question(in raft.Input, raw bool) []byte {
	b := begin(names(in))
	switch in := in.(type) {
	case *raft.Receive:
		b = append(number(b, "from", uint64(in.Msg.From)), `,"kind":"`...)
		b = append(append(b, in.Msg.Kind...), `","payload":`...)
		b = blob(b, in.Msg.Payload, raw)
	case *raft.Persisted:
		b = number(b, "id", uint64(in.ID))
	case *raft.Propose:
		b = text64(op(b, in.Op), "data", in.Data)
	case *raft.Read:
		b = truth(op(b, in.Op), "lease", in.Lease)
	case *raft.Compact:
		b = number(number(b, "index", uint64(in.Index)), "keep", uint64(max(in.Keep, 0)))
		b = text64(b, "state", in.State)
	case *raft.Reconfigure:
		b = nodes(nodes(op(b, in.Op), "voters", in.Voters), "learners", in.Learners)
	case *raft.Transfer:
		b = number(op(b, in.Op), "to", uint64(in.To))
	case *raft.Batch:
		b = number(b, "inputs", uint64(in.Inputs))
	case *raft.Lag:
		b = number(b, "inputs", uint64(in.Inputs))
	}
	return append(b, '}')
}

// names is the type of an input's question.
func names(in raft.Input) string {
	switch in.(type) {
	case *raft.Tick:
		return "tick"
	case *raft.Timeout:
		return "timeout"
	case *raft.Receive:
		return "receive"
	case *raft.Persisted:
		return "persisted"
	case *raft.Propose:
		return "propose"
	case *raft.Read:
		return "read"
	case *raft.Compact:
		return "compact"
	case *raft.Reconfigure:
		return "reconfigure"
	case *raft.Transfer:
		return "transfer"
	case *raft.Batch:
		return "batch"
	case *raft.Lag:
		return "lag"
	}
	panic(fmt.Sprintf("an input of type %T has no question", in))
}

// withTicks puts ticks that come before it into a question, after its type.
func withTicks(question []byte, ticks uint64) []byte {
	if ticks == 0 {
		return question
	}
	start := len(`{"type":"`)
	end := start + bytes.IndexByte(question[start:], '"') + 1
	return append(number(bytes.Clone(question[:end]), "ticks", ticks), question[end:]...)
}
