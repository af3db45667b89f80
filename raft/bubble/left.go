package bubble

import (
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// left counts the goroutines that bubbles of this process left behind.
var left struct {
	sync.Mutex
	bubbles int
	at      map[string]int
}

// Left reports how many bubbles of this process could not end because goroutines of
// theirs wait for ever. It counts these goroutines by the place where they wait: a
// function, and its file and line.
func Left() (bubbles int, at map[string]int) {
	left.Lock()
	defer left.Unlock()
	return left.bubbles, maps.Clone(left.at)
}

// leave counts goroutines that a bubble left behind.
func leave(stacks []string) {
	left.Lock()
	defer left.Unlock()
	left.bubbles++
	if left.at == nil {
		left.at = map[string]int{}
	}
	for _, s := range stacks {
		left.at[Place(s)]++
	}
}

// own is the function in which a bubble's first goroutine, which is synctest's, waits.
const own = "testing/synctest.testingSynctestTest("

// bubbleOf is the end of the header of this goroutine's stack: ", synctest bubble 7]:".
func bubbleOf() string {
	buf := make([]byte, 256)
	header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "\n")
	if i := strings.Index(header, ", synctest bubble "); i >= 0 {
		return header[i:]
	}
	panic("the stack of a bubble's goroutine names no bubble: " + header)
}

// stacksOf returns the stacks of a bubble's goroutines, other than the first.
func stacksOf(bubble string) (stacks []string) {
	buf := make([]byte, 1<<16)
	n := runtime.Stack(buf, true)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	for s := range strings.SplitSeq(strings.TrimSpace(string(buf[:n])), "\n\n") {
		header, rest, _ := strings.Cut(s, "\n")
		if strings.HasSuffix(header, bubble) && !strings.HasPrefix(rest, own) {
			stacks = append(stacks, strings.Clone(s)) // not all of the text
		}
	}
	return stacks
}

// Place is the place where a goroutine waits: the first function on its stack that is not
// of the packages sync and time, and its file and line.
func Place(stack string) string {
	_, frames, _ := strings.Cut(stack, "\n")
	for frames != "" {
		var function, file string
		function, frames, _ = strings.Cut(frames, "\n")
		file, frames, _ = strings.Cut(frames, "\n")
		if !outside(function) {
			return frame(function, file)
		}
	}
	return "unknown"
}

// restless describes the goroutines that are not blocked in a way that a bubble can wait on:
// each by its state and its frames, the innermost first. The text has no numbers of
// goroutines, which differ from run to run.
func restless(stacks []string) string {
	var list []string
	for _, stack := range stacks {
		header, frames, _ := strings.Cut(stack, "\n")
		if !strings.Contains(header, "(durable)") && !strings.Contains(frames, "testing/synctest.Wait(") {
			list = append(list, state(header)+" in "+callers(frames))
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "; ")
}

// state is the state of a goroutine in the header of its stack.
func state(header string) string {
	_, rest, _ := strings.Cut(header, "[")
	state, _, _ := strings.Cut(strings.TrimSuffix(rest, "]:"), ",")
	switch state {
	case "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock":
		return "a mutex that a bubble cannot wait on (use package bubble/sync)"
	case "running", "runnable", "preempted":
		return "a goroutine that runs on"
	}
	return state
}

// maxCallers is the most frames of a stack in a sentence.
const maxCallers = 6

// callers lists the frames of a stack that are not of the packages sync and time.
func callers(frames string) string {
	var list []string
	for frames != "" && len(list) < maxCallers {
		var function, file string
		function, frames, _ = strings.Cut(frames, "\n")
		file, frames, _ = strings.Cut(frames, "\n")
		if outside(function) {
			continue
		}
		list = append(list, frame(function, file))
	}
	return strings.Join(list, ", called by ")
}

// outside reports whether a function is of a package in which a goroutine waits for others.
func outside(function string) bool {
	return strings.HasPrefix(function, "sync.") || strings.HasPrefix(function, "time.") ||
		strings.HasPrefix(function, "internal/sync.") || strings.HasPrefix(function, "created by ")
}

// frame is a function with its file and line.
func frame(function, file string) string {
	function = path.Base(function[:max(0, strings.LastIndex(function, "("))])
	file, _, _ = strings.Cut(path.Base(strings.TrimSpace(file)), " ")
	return function + " " + file
}
