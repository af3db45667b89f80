// Package trace holds the vocabulary of a run: the records that the simulated world
// writes, and the view of the cluster that follows from them. It judges nothing.
//
// The world of package faults writes one [Record] for each thing that happens. A
// [View] folds the records into the cluster as an outsider sees it. For each node it
// has the status, a shadow of the log in memory, and a shadow of the disk:
//
//	var v trace.View
//	v.Reset(all, first)  // the nodes, and the voters of the first configuration
//	v.Observe(&record)   // for each record of the run
//
// [AppendRecord] and [AppendCluster] turn both into text for people. [TraceHash] reduces
// a run to one number, which is equal for equal runs on every machine.
//
// The cost of a record does not depend on the length of the log. A record carries only
// the entries that differ from the log before it, and each shadow entry has a hash of the
// whole log up to it ([Logged].Prefix). One comparison of hashes then settles a prefix.
// The world verifies both in full when a node boots and when a run ends.
//
// A compacted log keeps its shadow from index 1 on. For the entries that a snapshot
// replaced, the world takes those that some node reported as committed. Where no node
// did, it takes a [Digest] of term 0.
//
// The view knows the content of a disk without reading it ([PendingSteps]). The writes of
// a step are taken to record everything that the node had not written before, and the
// step is stored once the last of them is durable. If only some of them survive a crash,
// the boot that follows shows how much of the step they record.
package trace
