// Package record records the calls and answers of concurrent clients of a system, and
// judges them at the end of a test.
//
//	func TestStore(t *testing.T) {
//		var history record.Recorder
//		for range 5 {
//			client := history.Client()
//			go func() {
//				call := client.Call("x", "write 7")
//				if err := store.Put("x", "7"); err != nil {
//					call.Unknown() // it may have happened
//				} else {
//					call.Return("ok")
//				}
//			}()
//		}
//		...
//		spec, _ := model.Named("cas-register", model.Nil)
//		record.Verify(t, spec, &history)
//	}
//
// The words of calls and answers are those of the specification: package model
// has some, and any [linearizability.Spec] will do. An answer that names its client,
// as those of package models/election do, has [Client.Number].
package record
