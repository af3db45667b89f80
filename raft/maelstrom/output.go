package maelstrom

import "bytes"

// output takes what a node prints, and routes each line.
type output struct {
	run  *run
	node int
	rest []byte // a line that has not ended
}

// mostLine bounds a line that a node prints.
const mostLine = 1 << 24

// Write takes the next bytes. It never fails.
func (o *output) Write(text []byte) (int, error) {
	o.rest = append(o.rest, text...)
	for {
		line, rest, ok := bytes.Cut(o.rest, []byte("\n"))
		if !ok {
			break
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			o.run.route(o.node, line)
		}
		o.rest = rest
	}
	if len(o.rest) > mostLine {
		o.run.breaks("n%d printed a line of more than %d bytes", o.node, mostLine)
		o.rest = nil
	}
	return len(text), nil
}
