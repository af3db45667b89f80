// Package etcd adapts go.etcd.io/raft/v3, which is etcd's Raft, to the seam of
// package raft: [System] boots nodes that are RawNodes.
//
// The storage is written asynchronously (Config.AsyncStorageWrites). So a node goes
// on while its writes are pending, and each message states the writes that it waits
// for. The library leaves three things to the application: the disk, the answers to
// requests, and the check that a learner has caught up before it votes. Package
// adapter has them.
//
// It differs from the paper in these points:
//
//   - A node uses a configuration once its entry is applied, not once the log
//     holds it (Status.ConfigApplied).
//   - A follower forwards a read to its leader, but no proposal. A proposal
//     that arrives late would be committed after its client's next operation.
//   - A snapshot may be older than its receiver's membership. The library then
//     refuses it, and an application makes a new one. Here the receiver is
//     added to it as a learner (adapter.Snapshot).
//   - A read from a lease is performed as a read after a round of messages: a
//     node of the library has one kind of read for all of its life.
//
// The library draws its election timeouts from crypto/rand.Reader, which belongs to
// the whole process. During a step of a node, that reader is NodeConfig.Rand, and
// other nodes wait.
package etcd
