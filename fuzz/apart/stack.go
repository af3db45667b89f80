package apart

import (
	"fmt"
	"math"
	"path"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// minDump and maxDump bound the text of the stacks of all goroutines, and maxFrames the frames
// shown. A text that is cut lacks the newest goroutines, the one that works among them.
const (
	minDump   = 1 << 20
	maxDump   = 1 << 26
	maxFrames = 32
)

// dump returns the stacks of all goroutines, one text each, the oldest goroutine first.
func dump() []string {
	b := make([]byte, minDump)
	n := runtime.Stack(b, true)
	for n == len(b) && n < maxDump {
		b = make([]byte, 2*n)
		n = runtime.Stack(b, true)
	}
	return strings.Split(string(b[:n]), "\n\n")
}

// calledFrames returns the frames of the system in the stack of the first goroutine of the
// harness that is in a call of it, or "".
func calledFrames() string {
	for _, one := range dump() {
		if list := systemFrames(one); list != "" && inHarness(one) {
			return list
		}
	}
	return ""
}

// inHarness reports whether a stack is of a goroutine of the harness.
func inHarness(stack string) bool {
	for function, file := range framesOf(stack, math.MaxInt) {
		if isHarness(function, file) {
			return true
		}
	}
	return false
}

// panickedFrames returns the frames of the system in the stack of this goroutine, which has
// recovered from a panic, or "" if the harness panicked.
func panickedFrames(stack string) string {
	_, stack, _ = strings.Cut(stack, "\npanic(")
	return systemFrames(stack)
}

// ours are the creators of goroutines that this package has in its process.
var ours = []string{"\ncreated by raftcheck/fuzz/apart.", "\ncreated by os/signal."}

// newestFrames returns the frames of the goroutine with the highest number, but for this one
// and those of this package: numbers need not rise with time.
func newestFrames() string {
	newest, of := 0, ""
	for _, one := range dump()[1:] {
		id := 0
		if slices.ContainsFunc(ours, func(by string) bool { return strings.Contains(one, by) }) {
			continue
		}
		if fmt.Sscanf(one, "goroutine %d ", &id); id > newest {
			newest, of = id, one
		}
	}
	return frames(of)
}

// harness has the beginnings of the names of the harness's functions.
var harness = []string{
	"raftcheck/faults.", "raftcheck/fuzz.", "raftcheck/fuzz/", "raftcheck/linearizability", "raftcheck/models",
	"raftcheck/scripts/",
}

// isHarness reports whether a function is the harness's, and not a test's, which has systems of
// its own.
func isHarness(function, file string) bool {
	hasPrefix := func(prefix string) bool { return strings.HasPrefix(function, prefix) }
	return slices.ContainsFunc(harness, hasPrefix) && !hasPrefix("raftcheck/fuzz/internal/") &&
		!strings.Contains(file, "_test.go:")
}

// library is the folder of Go's own packages, "" if the program has no names of folders.
var library = sync.OnceValue(func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(strings.Cut).Pointer()).FileLine(0)
	return strings.TrimSuffix(file, "strings/strings.go")
})

// systemFrames returns the frames of the system in the stack of the goroutine that calls
// it, or "" if it is not in a call: the harness may be in one of Go's own packages.
func systemFrames(stack string) string {
	list, called := "", false
	for function, file := range framesOf(stack, maxFrames) {
		if isHarness(function, file) {
			break
		}
		called = called || library() == "" || !strings.HasPrefix(file, library())
		list = appendFrame(list, function, file)
	}
	if !called {
		return ""
	}
	return list
}

// frames returns the frames of a goroutine.
func frames(stack string) string {
	list := ""
	for function, file := range framesOf(stack, maxFrames) {
		list = appendFrame(list, function, file)
	}
	return list
}

// appendFrame appends the line of a frame, such as "at mine.(*node).Step, node.go:12". It
// leaves out frames of package runtime, and those of a recursion but for the innermost.
func appendFrame(list, function, file string) string {
	line := fmt.Sprintf("at %s, %s\n", function, path.Base(file))
	if strings.HasPrefix(function, "runtime.") || strings.HasSuffix(list, line) {
		return list
	}
	return list + line
}

// framesOf yields the functions and the files of a stack, in the form of [runtime.Stack]: the
// innermost first, and at most so many.
func framesOf(stack string, most int) func(yield func(function, file string) bool) {
	return func(yield func(function, file string) bool) {
		lines, count := strings.Split(stack, "\n"), 0
		for i := 1; i+1 < len(lines) && count < most; i++ {
			file, ok := strings.CutPrefix(lines[i+1], "\t")
			if !ok {
				continue
			}
			function := lines[i]
			if end := strings.LastIndexByte(function, '('); end > 0 && strings.HasSuffix(function, ")") {
				function = function[:end]
			}
			function, _, _ = strings.Cut(function, " in goroutine ")
			file, _, _ = strings.Cut(file, " +0x")
			count++
			if !yield(function, file) {
				return
			}
		}
	}
}
