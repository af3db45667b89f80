// Package garbage makes a program collect its garbage seldom, unless GOGC says otherwise. The
// command line and the tests import it for that alone:
//
//	import _ "raftcheck/scripts/garbage"
package garbage

import (
	"os"
	"runtime/debug"
)

// percent trades memory for speed: a campaign, or the tests of a package, keep a few megabytes
// alive, and with Go's usual 100 a third of the time goes into collecting them.
const percent = 400

func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
