// Package maelstrom tests nodes that were written for Maelstrom's workload lin-kv: programs
// in any language that read messages as lines of JSON and print others. raftcheck is their
// network and their clients; the programs stay as they are.
//
// The protocol is that of Maelstrom's doc/protocol.md and doc/workloads.md
// (https://github.com/jepsen-io/maelstrom): init, read, write, cas, and errors by code. As
// there, the network delays, loses and reorders messages, and doubles none. Maelstrom's own
// services (seq-kv, lin-tso, ...) are not offered.
//
// A node runs in a folder of its own. There it finds after a restart what it wrote before;
// [Server.Memory] is for nodes that write nothing.
package maelstrom
