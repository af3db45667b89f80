package command

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// How often progress is shown: a line that is redrawn, and lines one below the other.
const (
	redrawn  = 200 * time.Millisecond
	appended = time.Minute
)

// clock has the time that progress is shown by. No verdict depends on it.
var clock = time.Now

// progress shows how long work gets on: on a terminal a line that is redrawn, in a
// pipe or a file a line a minute. The zero progress is silent.
type progress struct {
	to       io.Writer
	terminal bool
	start    time.Time
	last     time.Time // when it was last shown
}

// open makes progress appear on w.
func (p *progress) open(w io.Writer) {
	p.to, p.terminal = w, isTerminal(w)
	p.start = clock()
	if !p.terminal {
		p.last = p.start // short work says nothing
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show shows the line if it is time.
func (p *progress) show(line func(elapsed time.Duration) string) {
	if p.to == nil {
		return
	}
	now, every := clock(), appended
	if p.terminal {
		every = redrawn
	}
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	elapsed := now.Sub(p.start)
	if p.terminal {
		fmt.Fprintf(p.to, "\r\x1b[K%s", line(elapsed))
		return
	}
	fmt.Fprintf(p.to, "%s: %s\n", elapsed.Round(time.Second), line(elapsed))
}

// clear takes the line away.
func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
