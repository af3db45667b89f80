package linearizability

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parse reads a history file, in the format of [File]. File.String writes each file that
// it accepts again byte for byte. Errors begin with name, and read
// "name:line: expected ..., found ...". Files of more than 16 MiB, 4096 bytes a line or a
// million operations are refused, and so are histories that Validate refuses.
func Parse(name string, text []byte) (File, error) {
	p := parser{name: name, rest: text}
	if len(text) > maxFileBytes {
		return File{}, p.fail("a file of at most %d bytes, found %d", maxFileBytes, len(text))
	}
	if err := p.header(); err != nil {
		return File{}, err
	}
	for len(p.rest) > 0 {
		if len(p.file.History) == maxOperations {
			p.number++
			return File{}, p.fail("at most %d operations, found another", maxOperations)
		}
		if err := p.operationOrFault(); err != nil {
			return File{}, err
		}
	}
	if bad := p.file.History.validate(); bad != nil {
		p.number = p.file.FirstLine() + bad.index
		return File{}, p.fail("%s, found %s", bad.expected, bad.found)
	}
	return p.file, nil
}

// parser reads a history file from the front.
type parser struct {
	name   string
	rest   []byte // not read yet
	number int    // of the line read last, from 1
	file   File
}

// fail is an error at the line read last. The text goes on after "expected".
func (p *parser) fail(format string, args ...any) error {
	return fmt.Errorf("%s:%d: expected %s", p.name, max(p.number, 1), fmt.Sprintf(format, args...))
}

// problem makes an error of a mistake that a check of file.go returned.
func (p *parser) problem(text string) error {
	return fmt.Errorf("%s:%d: %s", p.name, max(p.number, 1), text)
}

// line reads the next line; want describes the line that is expected.
func (p *parser) line(want string) (string, error) {
	p.number++
	if len(p.rest) == 0 {
		return "", p.fail("%s, found the end of the file", want)
	}
	end := bytes.IndexByte(p.rest, '\n')
	length := end
	if end < 0 {
		length = len(p.rest)
	}
	if length > maxLineBytes {
		return "", p.fail("a line of at most %d bytes, found %d", maxLineBytes, length)
	}
	if end < 0 {
		return "", p.fail("a line feed behind the line, found the end of the file")
	}
	line := string(p.rest[:end])
	p.rest = p.rest[end+1:]
	return line, nil
}

// header reads everything in front of the operations.
func (p *parser) header() error {
	for len(p.rest) > 0 && p.rest[0] == '#' {
		line, err := p.line("prose")
		if err != nil {
			return err
		}
		prose, spaced := strings.CutPrefix(line[1:], " ")
		if spaced == (prose == "") {
			return p.fail(`"#" alone or "# " and text, found %s`, quote(line))
		}
		p.file.Prose = append(p.file.Prose, prose)
	}
	line, err := p.line(`"model" and a name`)
	if err != nil {
		return err
	}
	model, ok := strings.CutPrefix(line, "model ")
	if !ok {
		return p.fail(`"model" and a name, found %s`, quote(line))
	}
	if text := checkToken("the name of a model", model, maxTokenBytes); text != "" {
		return p.problem(text)
	}
	p.file.Model = model
	return p.expectation()
}

// expectation reads the expected verdict, if there is one, and the empty line
// behind it.
func (p *parser) expectation() error {
	const want = `"expect linearizable", "expect not-linearizable" or an empty line`
	line, err := p.line(want)
	if err != nil {
		return err
	}
	switch line {
	case "":
		return nil
	case "expect linearizable":
		p.file.Expect = Linearizable
	case "expect not-linearizable":
		p.file.Expect = NotLinearizable
	default:
		return p.fail("%s, found %s", want, quote(line))
	}
	line, err = p.line("an empty line")
	if err != nil {
		return err
	}
	if line != "" {
		return p.fail("an empty line, found %s", quote(line))
	}
	return nil
}

// operationOrFault reads one line behind the header.
func (p *parser) operationOrFault() error {
	line, err := p.line("an operation or a fault")
	if err != nil {
		return err
	}
	fault, ok := strings.CutPrefix(line, "fault ")
	switch {
	case ok:
		return p.fault(fault)
	case len(p.file.Faults) > 0:
		return p.fail("another fault behind the first, found %s", quote(line))
	}
	return p.operation(line)
}

// fault reads the times and the text of a fault.
func (p *parser) fault(line string) error {
	times, text, _ := strings.Cut(line, " ")
	start, end, _ := strings.Cut(times, "..")
	f := Fault{natural(start), natural(end), text}
	if problem := f.check(); problem != "" {
		return p.fail("a fault like 3..17 and a text, found %s", quote(line))
	}
	p.file.Faults = append(p.file.Faults, f)
	return nil
}

func (p *parser) operation(line string) error {
	words := strings.Split(line, " ")
	if len(words) < 4 {
		return p.fail("a client, call..return, a key and an input, found %s", quote(line))
	}
	var op Operation
	client, ok := strings.CutPrefix(words[0], "c")
	if op.Client = number(client); !ok || op.Client < 1 {
		return p.fail("a client like c1, found %s", quote(words[0]))
	}
	call, end, ok := strings.Cut(words[1], "..")
	if op.Call = natural(call); !ok || op.Call < 0 {
		return p.fail("times like 3..17 or 3..?, found %s", quote(words[1]))
	}
	if end == "?" {
		op.Return = Pending
	} else if op.Return = natural(end); op.Return < 0 || op.Return == Pending {
		return p.fail("times like 3..17 or 3..?, found %s", quote(words[1]))
	}
	op.Key = words[2]
	if err := p.operands(&op, words[3:]); err != nil {
		return err
	}
	if text := op.checkWords(); text != "" {
		return p.problem(text)
	}
	p.file.History = append(p.file.History, op)
	return nil
}

// operands reads the input, the output and the position of op.
func (p *parser) operands(op *Operation, words []string) error {
	if last := words[len(words)-1]; strings.HasPrefix(last, "@") {
		if op.Position = number(last[1:]); op.Position < 1 {
			return p.fail("a position like @1, found %s", quote(last))
		}
		words = words[:len(words)-1]
	}
	input := words
	answered := len(words) >= 2 && words[len(words)-2] == "->"
	if answered {
		op.Output = words[len(words)-1]
		input = words[:len(words)-2]
	}
	if answered == op.Pending() {
		return p.fail(`"-> output" if and only if the operation returned, found %s`,
			quote(strings.Join(words, " ")))
	}
	op.Input = strings.Join(input, " ")
	return nil
}

// number is natural for an int: -1 too if the number is larger.
func number(s string) int {
	if n := natural(s); n <= math.MaxInt {
		return int(n)
	}
	return -1
}

// natural reads a number of digits without zeros in front; -1 if it is none.
func natural(s string) int64 {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || len(s) > 1 && s[0] == '0' {
		return -1
	}
	return int64(n)
}
