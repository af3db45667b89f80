// Package etcd puts go.etcd.io/raft/v3, which is etcd's Raft, behind the seam of
// package raft: [System] boots nodes that are RawNodes.
//
// The storage is written asynchronously (Config.AsyncStorageWrites), so that a node
// goes on while its writes are pending, and tells with each message what that waits
// for. What the library leaves to the application is in internal/adapter: the disk,
// the answers to requests, and that a learner has caught up before it votes.
//
// How it differs from what the paper has:
//
//   - A configuration is acted by once its entry is applied, not once the log holds
//     it (Status.ConfigApplied).
//   - A follower forwards a read to its leader, but no proposal: one that comes late
//     would be committed after what its client did next.
//   - A snapshot may be from before its receiver was a member. The library then
//     refuses it, and an application makes a new one; here the receiver is made a
//     learner of it (adapter.Snapshot).
//   - A read from a lease is a read after a round of messages: a node of the library
//     has one kind of read for all of its life.
//
// The library draws its election timeouts from crypto/rand.Reader, which belongs to
// the whole process. While a node makes a step, that is NodeConfig.Rand, and other
// nodes wait.
package etcd
