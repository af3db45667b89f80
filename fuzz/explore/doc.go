// Package explore visits every state that a cluster can reach within bounds: every
// choice of delivery, loss, duplication, timeout, crash and call. It hands back a
// shortest counterexample, or a certificate that there is none.
//
//	e := explore.Exploration{
//		System: reference.System{}, Start: &faults.Schedule{System: "reference", Nodes: 3},
//		Bounds: explore.Bounds{Terms: 2, Calls: 1, Messages: 4}, Memory: 1 << 30, Workers: 2,
//	}
//	report, err := e.Run(ctx)
//	fmt.Print(e.Certify(report))
//
// A state is made of parts: the place of each node (the node itself, its disk, its
// state machine), the messages in flight, what the checkers remember, and what of
// the bounds is spent. Each part is kept once ([raft.Canonical] says what makes two
// places the same), and a state has its number. What a node does depends on its
// place and on the event alone, so a step is carried out once, by the code under
// test on a [faults.Stage], and looked up in every other state. The checkers are
// those of package models; what a step breaks is judged once if it rests on the
// place alone, and once for each memory if it rests on that as well.
//
// A visited state is 16 bytes of fingerprint, the least under any renaming of the
// nodes, and the number of the state before it. The search goes breadth first, in
// rounds: workers expand segments of a level side by side, and then settle what
// follows in shards side by side, in an order that does not depend on who did what.
//
// A counterexample is found again from the fingerprints on its way, written down
// as a schedule, and judged by a [fuzz.Runner] like any other: if that does not
// agree, the exploration is wrong, and panics.
//
// Time stands still: election timers fire by timeout events, and of clocks only
// leaders' tick, by a budget of their own. Clients call and do not wait. So liveness,
// linearizability and what workers do outside are not judged here. On a link that
// the start leaves cut messages are lost.
//
// Must not change: that the states are those which naive_test.go finds the long
// way, and that symmetry loses none of them.
package explore
