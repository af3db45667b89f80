// Package live carries out schedules on clusters of real server processes, in real time,
// and judges them by their clients' answers.
//
// A [Server] is a program such as etcd: how to start a node, how to ask it who leads, and
// clients for the services. The rest belongs to the harness and is shared: processes that
// are started, killed and paused, a network (package network) and disks (package disk) with
// faults, clients, and the properties. [Main] is the command line.
//
// A schedule is the same text as for a simulation. A tick lasts as long as its header says.
// Time passes at run, settle and heal; every other event happens at once. Events that only
// a simulation can carry out are ignored, and the run says so. No two runs are alike, so a
// finding says in how many runs of so many its schedule failed. Its page (package page)
// shows the run from outside: faults, leaders, processes, links, disks and clients.
//
// May be changed: how the harness waits and watches. Must not: that a wait has a bound,
// that an unknown outcome is taken for neither, and that packets stay in the namespaces of
// the run or on loopback.
package live
