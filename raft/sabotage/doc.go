// Package sabotage breaks one promise of a sound system, at the seam, so that
// one can watch the harness find it, and test that it does:
//
//	system := sabotage.Systems(reference.System{})[0]
//	system.Name() // reference+send-before-persist
//
// The system itself is left as it is: what is changed is what goes in and what
// comes out. Each sabotage is a mistake that a real implementation, or the code
// around it, has made.
package sabotage
