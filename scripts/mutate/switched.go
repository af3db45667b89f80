package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// variable is the name of the number of the mutant that a program is, 0 for none.
	variable = "numberOfTheMutant"
	// environment is the environment variable that has the number.
	environment = "RAFTCHECK_MUTANT"
)

// switchFile is a file of the package that reads the number when a program starts.
const switchFile = `package %s

import (
	numberOS "os"
	numberText "strconv"
)

var %s = func() int { n, _ := numberText.Atoi(numberOS.Getenv(%q)); return n }()
`

// insertion is a text that comes before a byte of a source.
type insertion struct {
	at, order int // at one place, those of a lower order come first
	text      string
}

// switched returns the source with every site in it; numbers has the number of each. What
// the program does is that of the source, but at the site whose number it has.
func switched(src string, sites []*site, numbers map[*site]int) string {
	var list []insertion
	for _, s := range sites {
		open, end := fmt.Sprintf("if %s != %d { ", variable, numbers[s]), " }"
		if s.instead != "" {
			open = fmt.Sprintf("(%s == %d && (%s) || %[1]s != %[2]d && (", variable, numbers[s], s.instead)
			end = "))"
		}
		// Of two sites at one place the wider one opens first and closes last.
		list = append(list, insertion{s.start, len(src) - s.end, open}, insertion{s.end, -1 - s.start, end})
	}
	slices.SortStableFunc(list, func(a, b insertion) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order))
	})
	var b strings.Builder
	at := 0
	for _, in := range list {
		b.WriteString(src[at:in.at])
		b.WriteString(in.text)
		at = in.at
	}
	b.WriteString(src[at:])
	return b.String()
}

// writeOverlay writes the switched files of a package to a folder, and the overlay file of
// the go command that names them. It returns the overlay file.
func writeOverlay(scratch, folder string, files map[string]string, drawn []*site) (string, error) {
	numbers := map[*site]int{}
	byFile := map[string][]*site{}
	for i, s := range drawn {
		numbers[s] = i + 1
		byFile[s.file] = append(byFile[s.file], s)
	}
	replace := map[string]string{}
	write := func(name, text string) error {
		file := filepath.Join(scratch, name)
		replace[filepath.Join(folder, name)] = file
		return os.WriteFile(file, []byte(text), 0o644)
	}
	name := ""
	for file, sites := range byFile {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, files[file], parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		name = parsed.Name.Name
		if err := write(file, switched(files[file], sites, numbers)); err != nil {
			return "", err
		}
	}
	text := fmt.Sprintf(switchFile, name, variable, environment)
	if err := write("number_of_the_mutant.go", text); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(scratch, "overlay.json")
	return file, os.WriteFile(file, overlay, 0o644)
}
