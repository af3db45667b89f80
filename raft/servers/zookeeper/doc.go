// Package zookeeper is ZooKeeper as a server under test: the release that Debian has.
//
// A key of the key-value store is a node of ZooKeeper's tree. A leadership is an ephemeral
// node; its token is the transaction that created it (czxid). The transaction that wrote a
// value last (mzxid) is the witness of a history.
//
// A read without sync may be stale, as ZooKeeper documents. A read here is a sync and
// then a read, unless the server is one with Unsynced.
//
// Leases are not judged. ZooKeeper keeps a session for a client that goes on to another
// server in time, and the workers here ask one server each.
package zookeeper
