package models

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A trace must follow from its schedule alone. These packages therefore have no clock, no
// randomness and no concurrency, and no input from outside.
var (
	deterministic = []string{"../raft", "../faults", "../models"}
	// These packages drive programs and goroutines that are not ours.
	outside   = map[string]bool{"../raft/pipe": true, "../raft/bubble": true, "../raft/patience": true}
	forbidden = map[string]bool{
		"time": true, "math/rand": true, "math/rand/v2": true, "crypto/rand": true, "hash/maphash": true,
		"os": true, "syscall": true, "net": true, "runtime": true, "unsafe": true,
		"sync": true, "sync/atomic": true, "context": true, "maps": true,
	}
)

func TestImports(t *testing.T) {
	l := linter{fset: token.NewFileSet(), packages: map[string]*types.Package{}}
	linted := 0
	for _, root := range deterministic {
		for _, dir := range packagesBelow(t, root) {
			l.lint(t, dir)
			linted++
		}
	}
	if linted < 6 {
		t.Errorf("linted %d packages only: is one not where it was?", linted)
	}
}

// packagesBelow lists the folders below root that have Go code of this module.
func packagesBelow(t *testing.T, root string) []string {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		_, err = os.Stat(filepath.Join(path, "go.mod"))
		if err == nil || entry.Name() == "testdata" || outside[filepath.ToSlash(path)] {
			return filepath.SkipDir
		}
		if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) > 0 {
			dirs = append(dirs, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func TestImports_findsWhatIsForbidden(t *testing.T) {
	const source = `package p
import "time"
type table map[int]int
func f(m table, c chan int) {
	for range m {}
	go f(m, c)
	select {}
	_ = time.Now()
}`
	l := linter{fset: token.NewFileSet(), packages: map[string]*types.Package{}}
	file, err := parser.ParseFile(l.fset, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := l.check("p", []*ast.File{file})
	got := strings.Join(l.problems(info, file), "\n")
	want := `p.go:2:8: imports time
p.go:4:19: channel
p.go:5:2: ranges over a map
p.go:6:2: starts a goroutine
p.go:7:2: selects`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// linter checks packages from their sources. It treats packages of the standard library as
// empty, which is fast, and knows every type of this module.
type linter struct {
	fset     *token.FileSet
	packages map[string]*types.Package
}

func (l *linter) lint(t *testing.T, dir string) {
	files, err := l.parse(dir)
	if err != nil {
		t.Error(err)
		return
	}
	info, _ := l.check(dir, files)
	for _, file := range files {
		for _, problem := range l.problems(info, file) {
			t.Error(problem)
		}
	}
}

func (l *linter) parse(dir string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(l.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func (l *linter) check(path string, files []*ast.File) (*types.Info, *types.Package) {
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: l, Error: func(error) {}} // the standard library is missing
	p, _ := config.Check(path, l.fset, files, info)
	return info, p
}

// Import is the types.Importer of the packages that are checked.
func (l *linter) Import(path string) (*types.Package, error) {
	if p, ok := l.packages[path]; ok {
		return p, nil
	}
	p := types.NewPackage(path, filepath.Base(path))
	if own, ok := strings.CutPrefix(path, "raftcheck/"); ok {
		files, err := l.parse(filepath.Join("..", own))
		if err != nil {
			return nil, err
		}
		_, p = l.check(path, files)
	}
	p.MarkComplete()
	l.packages[path] = p
	return p, nil
}

// problems lists the forbidden imports and statements of a file, in order.
func (l *linter) problems(info *types.Info, file *ast.File) []string {
	var list []string
	add := func(n ast.Node, text string) { list = append(list, l.fset.Position(n.Pos()).String()+": "+text) }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			if path, err := strconv.Unquote(n.Path.Value); err != nil || forbidden[path] {
				add(n, "imports "+path)
			}
		case *ast.GoStmt:
			add(n, "starts a goroutine")
		case *ast.SelectStmt:
			add(n, "selects")
		case *ast.ChanType:
			add(n, "channel")
		case *ast.RangeStmt:
			if of := info.TypeOf(n.X); of != nil {
				if _, ok := of.Underlying().(*types.Map); ok {
					add(n, "ranges over a map")
				}
			}
		}
		return true
	})
	return list
}
