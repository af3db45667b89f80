// Package adapter is what the adapters to the releases of etcd's Raft have in
// common. [Node] is a raft.Node; it drives a [Library], which is a RawNode of one
// release behind the few verbs that the seam needs.
//
// The order of things in a step: the input goes to the library, and then the
// library is asked for [Batch] after Batch until it wants nothing more. What a
// batch wants saved becomes one record of the disk. A message that promises what
// the record holds waits for it, and so does the library's own voice: it hears of
// its vote and of its entries when they are durable.
//
// The disk is a series of framed records ([Saved] is what they come to). A snapshot
// is a record that stands for all before it.
//
// Requests are named by their OpID: it goes in front of a command's data, so that
// the node knows its own command when that is applied, and it is the context of a
// ReadIndex.
package adapter
