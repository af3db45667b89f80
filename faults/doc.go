// Package faults simulates the cluster around the nodes: events, schedules of events as
// text, and the world that executes a schedule.
//
//	schedule, err := faults.Parse("election.txt", text, services.All()) // String() writes the text
//	world := faults.NewWorld(monitor)
//	world.Reset(system, schedule)
//	for _, event := range schedule.Events {
//		world.Apply(event) // the monitor sees a record of every effect
//	}
//	world.Finish()
//
// An [Event] is a line: "deliver 1->2", "crash 3 k=1", "settle". Each is total: where it
// is not enabled it is recorded as ignored and changes nothing, so any part of a schedule
// is a schedule. Messages are addressed by their place on a link and writes by their place
// on a disk, counted from the end that earlier events do not move. Plain events stand for
// themselves; the macro events settle, run and heal stand for a series of plain ones,
// which [Lower] writes down. The check expect only looks at the cluster.
//
// Each [EventKind] has one descriptor (kind.go), in the file of its family. It has the
// text form, a sentence for the reference table, the action, the condition under which the
// event is enabled, the simpler events that may do instead, and the hazard.
//
// The [World] is single-threaded, draws no random number and reads no clock: the
// same schedule gives the same records, byte for byte. It simulates everything
// around the nodes:
//
//   - links lose, double, reorder and delay messages; messages wait on a link
//     that is cut; one that arrives at a node that is down is lost;
//   - disks make writes durable in order, and a crash keeps a prefix of the pending
//     writes; a write can be torn by a crash, rot later, or fail; a checkpoint takes
//     the place of the records before it; a disk can be gone for good;
//   - clocks run at a rate of their own while time runs;
//   - clients call one operation at a time, hear its outcome or give up waiting,
//     and may ask again, at any node, for the same operation; a read may bypass
//     the log;
//   - the operator hands a node its state machine for a snapshot, asks for another
//     configuration, or for another leader;
//   - each node's state machine (package models/session, around the service that
//     the schedule names) applies the entries that the node reports as committed, takes
//     over the snapshots that the node restores, and is lost in a crash;
//   - clients of some services act on the answers, in a world outside of the cluster,
//     where each act arrives at an event of the schedule.
//
// Among the operations of the log a read has its place after the last one that
// was in the state machine which answered it: that order is the witness of the
// clients' history. A node whose log begins after a snapshot is taken to hold, before
// that, the entries that some node called committed.
//
// A node's panic or breach of the contract of package raft becomes a record; it never
// crashes the harness.
package faults
