package sandbox

import (
	"fmt"
	"os"
)

// Test runs the tests of a package inside, and returns the exit code; run is the Run of
// its testing.M. It is for TestMain. Where the kernel refuses, the tests fail and say why.
func Test(run func() int) (code int) {
	var err error
	if Inside() {
		if err = Enter(); err == nil {
			return run()
		}
	} else if code, err = Run(); err == nil {
		return code
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}
