package command

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// progress is a line on a terminal that is written over and over; in a pipe it is silent.
type progress struct {
	to    io.Writer // nil when silent
	start time.Time
	last  time.Time
}

// open makes the line appear on w if that is a terminal.
func (p *progress) open(w io.Writer) {
	p.start = time.Now()
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.to = w
		}
	}
}

// show writes the line anew, five times a second at most.
func (p *progress) show(line func(elapsed time.Duration) string) {
	if p.to == nil {
		return
	}
	now := time.Now()
	if now.Sub(p.last) < 200*time.Millisecond {
		return
	}
	p.last = now
	fmt.Fprintf(p.to, "\r\x1b[K%s", line(now.Sub(p.start)))
}

// clear takes the line away.
func (p *progress) clear() {
	if p.to != nil {
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
