// Package linearizability judges the answers that clients saw. Given their operations and
// the answers, is there one order, respecting real time, in which a single copy of the
// data could have answered so (Herlihy and Wing, "Linearizability", 1990)?
//
// A [History] is judged against a [Spec], the sequential specification of one
// key. Operations on different keys are independent. A history is linearizable
// if and only if every key of it is (locality, ibid. theorem 1).
//
//	r := linearizability.Check(kv.Spec(), history)
//	if r.Outcome == linearizability.NotLinearizable {
//		fmt.Println(r.Key, r.Reason)
//	}
//
// Three judges stand behind [Check]:
//
//   - [CheckWitness] takes the order in which the log applied the operations
//     and verifies that it is a linearization. It costs time linear in the
//     history. A history that it accepts is proved linearizable; one that it refuses may
//     still be linearizable in another order.
//   - [CheckSearch] searches for an order, the keys side by side. Of a history it
//     holds only the operations that are in flight; [Spec] may declare more for
//     it to be faster. The comments of search.go, aim.go, growth.go, table.go and
//     tighten.go say why no order is lost.
//   - [CheckPorcupine] searches with porcupine, which shares no code with the
//     other. It judges the keys that the search gives up, and the tests hold the
//     two against each other.
//
// The problem is NP-complete, so searches are bounded: by model steps and by
// bytes, never by a clock, so that a verdict is the same on every machine. A key
// whose search was given up is not checked, which is neither of the verdicts.
//
// An operation whose client never heard back is [Pending]: it may have
// happened at any time after its call, or never. Its client may go on; the
// judges do not order its next operation after the pending one.
//
// Package model has specifications of common objects, package foreign reads
// histories that other programs wrote, and package record is for tests in Go.
//
// A [File] is a history as text, with its story and, if it has one, the expected
// verdict; [Parse] and [File.String] are inverses. [WritePicture] draws a history.
//
// May be changed: the bounds of the search, and how a picture looks. Must not:
// that running out of a bound, or of positions, is never a pass.
package linearizability
