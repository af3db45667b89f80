package mutant

import (
	"bytes"
	"go/ast"
	"go/importer"
	goparser "go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	write("b.txt", canonical)
	write("a.txt", canonical)
	write("README.md", "no mutant")
	mutants, err := Read(folder)
	require.NoError(t, err)
	require.Len(t, mutants, 2)
	require.Equal(t, "a", mutants[0].Name)
	require.Equal(t, "b", mutants[1].Name)

	write("c.txt", "no mutant either")
	_, err = Read(folder)
	require.ErrorContains(t, err, "/c.txt:1: ")
}

// checker type-checks packages of this module in which some files are others.
type checker struct {
	files    *token.FileSet
	exports  map[string]string // of each package, the file that the compiler wrote of it
	importer types.Importer
	parsed   map[string]*ast.File // the files as they are
}

// newChecker compiles the packages once that the packages of mutants import.
func newChecker(t *testing.T) *checker {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}",
		"./raft/reference", "./raft/paxos", "./models/...")
	cmd.Dir = root
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s", errs.Bytes())
	c := &checker{files: token.NewFileSet(), exports: map[string]string{}, parsed: map[string]*ast.File{}}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		c.exports[name] = file
	}
	c.importer = importer.ForCompiler(c.files, "gc",
		func(name string) (io.ReadCloser, error) { return os.Open(c.exports[name]) })
	return c
}

// check type-checks each package that has a changed file.
func (c *checker) check(changed map[string][]byte) error {
	var folders []string
	for file := range changed {
		folders = append(folders, path.Dir(file))
	}
	slices.Sort(folders)
	for _, folder := range slices.Compact(folders) {
		files, err := c.parse(folder, changed)
		if err != nil {
			return err
		}
		config := types.Config{Importer: c.importer}
		if _, err := config.Check("raftcheck/"+folder, c.files, files, nil); err != nil {
			return err
		}
	}
	return nil
}

// parse reads the files of a package, those that are not changed only once.
func (c *checker) parse(folder string, changed map[string][]byte) (files []*ast.File, err error) {
	names, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file := path.Join(folder, filepath.Base(name))
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed := c.parsed[file]
		if text, ok := changed[file]; ok {
			parsed, err = goparser.ParseFile(c.files, file, text, goparser.SkipObjectResolution)
		} else if parsed == nil {
			parsed, err = goparser.ParseFile(c.files, name, nil, goparser.SkipObjectResolution)
			c.parsed[file] = parsed
		}
		if err != nil {
			return nil, err
		}
		files = append(files, parsed)
	}
	return files, nil
}

// TestCorpus lists the mutants that no longer fit the code, and those that do not
// compile. It type-checks them, which takes a tenth of the time of building them.
func TestCorpus(t *testing.T) {
	mutants := allMutants(t)
	c := newChecker(t)
	for _, m := range mutants {
		t.Run(m.Name, func(t *testing.T) {
			text, err := os.ReadFile(m.file)
			require.NoError(t, err)
			require.Equal(t, m.String(), string(text), "the file is as String prints it")
			changed, err := m.Apply(source)
			require.NoError(t, err)
			require.NoError(t, c.check(changed))
		})
	}
}

// TestCorpus_check: the check finds the errors of a compiler.
func TestCorpus_check(t *testing.T) {
	c := newChecker(t)
	require.NoError(t, c.check(map[string][]byte{}))
	for _, line := range []string{"undefined()", "x := 1", `import "fmt"`, "}"} {
		log, err := source("raft/reference/assert.go")
		require.NoError(t, err)
		log = append(log, "\nfunc added() {\n"+line+"\n}\n"...)
		require.Error(t, c.check(map[string][]byte{"raft/reference/assert.go": log}), line)
	}
}
