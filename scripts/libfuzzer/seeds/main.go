// Command seeds makes the seed corpus of a libFuzzer target from corpora of Go's fuzzer, such as
// the folder corpus/FuzzSchedule of a campaign:
//
//	go run ./scripts/libfuzzer/seeds ZIP FOLDER...
//
// An input of a target with one []byte is four bytes with its length, the highest first, and the
// bytes themselves. So the module github.com/AdaLogics/go-fuzz-headers reads it in GetBytes, by
// which go-118-fuzz-build hands it to the target.
package main

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"raftcheck/fuzz/generate"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: seeds ZIP FOLDER...")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "seeds:", err)
		os.Exit(1)
	}
}

// write writes the zip file of the inputs of corpora.
func write(file string, folders []string) error {
	var all []generate.NativeInput
	for _, folder := range folders {
		inputs, err := generate.ReadNative(folder)
		if err != nil {
			return err
		}
		all = append(all, inputs...)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(pack(out, all), out.Close())
}

// pack writes a zip archive that has each input as a file.
func pack(w io.Writer, inputs []generate.NativeInput) error {
	archive := zip.NewWriter(w)
	for i, input := range inputs {
		entry, err := archive.Create(fmt.Sprintf("%d-%s", i, input.Name)) // two corpora may share a name
		if err != nil {
			return err
		}
		length := binary.BigEndian.AppendUint32(nil, uint32(len(input.Choices)))
		if _, err := entry.Write(append(length, input.Choices...)); err != nil {
			return err
		}
	}
	return archive.Close()
}
