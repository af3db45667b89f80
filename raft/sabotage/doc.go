// Package sabotage breaks one promise of a sound system, at the seam. It lets
// people watch the harness find the mistake, and lets a test require that it does:
//
//	system := sabotage.Systems(reference.System{})[0]
//	system.Name() // reference+send-before-persist
//
// The system itself is unchanged: only its inputs and outputs are altered. A real
// implementation, or the code around it, has made each of these mistakes.
package sabotage
