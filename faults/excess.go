package faults

import (
	"fmt"
)

// The bounds of an output, and of a disk, many times what a schedule can make a sound node
// need. A node beyond them goes down, so that it costs neither memory nor time.
const (
	maxMessages  = 1 << 14
	maxRecords   = 1 << 14
	maxEntries   = 1 << 20
	maxStepBytes = 64 << 20
	maxDiskBytes = 256 << 20
	maxKind      = 256 // bytes of a message's kind
)

// excess returns the breach of the contract of a node whose output, or disk, grows beyond
// all bounds, or "".
func (w *World) excess(n *node) string {
	out := &w.record.Out
	for _, list := range [...]struct {
		size, most int
		of         string
	}{
		{len(out.Sends), maxMessages, "messages"}, {len(out.Writes), maxRecords, "writes"},
		{len(out.Applied), maxEntries, "applied entries"}, {len(out.Replies), maxEntries, "answers"},
	} {
		if list.size > list.most {
			return fmt.Sprintf("a step with %d %s, expected at most %d", list.size, list.of, list.most)
		}
	}
	bytes, disk := len(out.Restore.State), len(n.disk.bytes)
	for i := range out.Sends {
		if kind := len(out.Sends[i].Kind); kind > maxKind {
			return fmt.Sprintf("a message with a kind of %d bytes, expected at most %d", kind, maxKind)
		}
		bytes += len(out.Sends[i].Payload)
	}
	for i := range out.Applied {
		bytes += len(out.Applied[i].Data)
	}
	for i := range out.Writes {
		bytes += len(out.Writes[i].Data)
		disk += len(out.Writes[i].Data)
	}
	switch {
	case bytes > maxStepBytes:
		return fmt.Sprintf("a step with %d bytes, expected at most %d", bytes, maxStepBytes)
	case disk > maxDiskBytes:
		return fmt.Sprintf("a disk of %d bytes, expected at most %d", disk, maxDiskBytes)
	}
	return ""
}
