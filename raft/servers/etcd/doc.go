// Package etcd is etcd as a server under test: releases that are built through the Go
// module proxy, and the one that Debian has.
//
// A key of the key-value store is a key of etcd. A leadership is a key with a lease; its
// token is the key's create revision. Every answer has the revision that it rests on, so
// that etcd's own order is the witness of a history.
package etcd
