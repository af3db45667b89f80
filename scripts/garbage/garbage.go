// Package garbage makes tests collect theirs as seldom as raftcheck does. A test imports it for
// that alone:
//
//	import _ "raftcheck/scripts/garbage"
//
// The tests of a package keep a few megabytes alive, and with Go's usual 100 percent a third of
// their time went into collections.
package garbage

import (
	"os"
	"runtime/debug"
)

// percent is that of raftcheck (scripts/command).
const percent = 400

func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
