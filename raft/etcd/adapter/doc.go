// Package adapter is the common part of the adapters to the releases of etcd's
// Raft. [Node] is a raft.Node; it drives a [Library], which is a RawNode of one
// release behind the few methods that the seam needs. An adapter to a fork imports it.
//
// A step passes its input to the library, and then takes one [Batch] after another
// until the library has no more work. The state that a batch saves becomes one
// record of the disk. A message that promises the contents of the record waits for
// it. The library's own vote and entries wait too: it learns of them once they are
// durable.
//
// The disk is a series of framed records, and [Saved] is the state that they add up
// to. A snapshot is a record that replaces all records before it.
//
// Requests are identified by their OpID. It precedes a command's data, so that the
// node recognises its own command when that is applied. It is also the context of a
// ReadIndex.
//
// The adapters of two releases look alike, but convert each release's own types.
// Type parameters cannot share that code, since they give no access to the fields
// of structs; go generate copies it (v3327/convert.sh).
package adapter
