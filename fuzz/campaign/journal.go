package campaign

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"raftcheck/fuzz/trial"
)

// A journal is the file of one process, to which it appends a line for each block that it
// did. A line is the checksum of its JSON, a blank, and the JSON. The first line is
// an [Asked], the others are a tally each.
type journal struct{ file *os.File }

// createJournal creates a journal for a shard, under a name that no other has.
func createJournal(folder, shard string, asked Asked) (*journal, error) {
	var random [8]byte
	rand.Read(random[:])
	name := filepath.Join(folder, "done", shard+"."+hex.EncodeToString(random[:])+".log")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(asked)
	if err != nil {
		panic(fmt.Sprintf("numbers and names: %v", err))
	}
	j := &journal{f}
	if err := j.append(text); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return j, nil
}

// append appends a line. After an error the journal must not be used: its last line may
// be there in part.
func (j *journal) append(text []byte) error {
	_, err := j.file.Write(sealed(text))
	return err
}

// sealed is a line with its checksum and its end.
func sealed(text []byte) []byte {
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(text), text)
}

// close makes the journal durable.
func (j *journal) close() error { return errors.Join(j.file.Sync(), j.file.Close()) }

// entries is the lines of a journal that are whole.
type entries struct {
	file  string
	lines [][]byte // the JSON of each, without the first line
}

// readJournals reads the journals of a folder, in the order of their names.
func readJournals(folder string, asked Asked) (all []entries, err error) {
	files, err := filepath.Glob(filepath.Join(escaped(folder), "done", "*.log")) // sorted
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := trial.ReadFile(file, maxFileBytes)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // merged meanwhile
		case err != nil:
			return nil, err
		}
		one, err := parseJournal(file, text, asked)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// escaped makes a name a pattern of itself.
func escaped(name string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(name)
}

// parseJournal splits a journal into its lines and ignores a last one that is there in
// part. Any other line that is not as it was written is an error.
func parseJournal(file string, text []byte, asked Asked) (entries, error) {
	all := entries{file: file}
	for number := 1; len(text) > 0; number++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			break // the process was killed, or the disk was full
		}
		sum, body, _ := bytes.Cut(line, []byte(" "))
		if want := fmt.Sprintf("%08x", crc32.ChecksumIEEE(body)); want != string(sum) {
			return all, fmt.Errorf("%s:%d: expected the checksum %s, found %q: the line was changed or damaged",
				trial.ShownName(file), number, want, head(sum))
		}
		text = rest
		if number > 1 {
			all.lines = append(all.lines, body)
			continue
		}
		was, err := parseAsked(string(body))
		if err == nil {
			err = was.Differs(asked)
		}
		if err != nil {
			return all, fmt.Errorf("%s:1: %w", trial.ShownName(file), err)
		}
	}
	return all, nil
}

// head is the beginning of a text that an error quotes.
func head(text []byte) []byte { return text[:min(len(text), 40)] }

// tally reads a line.
func (e *entries) tally(i int) (*Tally, error) {
	t := &Tally{}
	err := strictly(string(e.lines[i]), t)
	if err == nil {
		err = t.valid()
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", trial.ShownName(e.file), i+2, err)
	}
	return t, nil
}
