// Package models says what is allowed: the properties that a Raft cluster must
// keep, each as a checker that watches the trace of a run.
//
// The world of package faults tells what happens, one [Record] at a time. A
// [Monitor] folds each record into its [View], the cluster as an outsider sees
// it (every node's status, its log in memory, its log on disk, and what was
// called committed), and shows both to every [Checker]:
//
//	monitor := models.NewMonitor(models.Checkers()...)
//	monitor.Reset(all, first)    // the nodes, and the voters of the first configuration
//	monitor.Watch(&record)       // for each record of the run
//	verdicts := monitor.Finish()  // one a property
//
// A checker holds one property, looks only at what a record changed, and says
// in one line what broke. The verdict of a property is held, violated, or not
// checked, and not checked is the zero value: a property whose view was never
// offered is never held.
//
// The view relies on two shortcuts that keep the cost of a record independent
// of the length of the log. A node's log is compared with its shadow from the
// end backwards until they meet, and each shadow entry carries a hash of the
// whole log up to it, so that one comparison settles a prefix. Both are
// verified in full when a node boots and when a run ends.
//
// A log that a node compacted is shadowed from its first entry on all the same:
// for what its snapshot stands for, the world takes the entries that were called
// committed, and a [Digest] of term 0 where none was.
//
// What a disk holds is known without reading it: the writes of a step are
// taken to record everything that the node had not written before, and the
// step is stored once the last of them is durable. A node that writes only a
// part of what changed is told from one that does as it should when it boots.
//
// Whoever explores many runs at once has a monitor remember what another one does
// ([Monitor.Remember], [NodeView.CopyFrom]) and knows by their encodings two
// states that lead to the same verdicts.
//
// The replicated state machines, with the sequential specifications that say
// what their clients may see, are packages of their own, such as models/kv.
package models
