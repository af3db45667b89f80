package mutant

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"raftcheck/fuzz/trial"
)

// maxSourceBytes is the size of the largest source file that is read.
const maxSourceBytes = 1 << 24

// Builder builds a program of this module with one mutant in it. It is safe for
// concurrent use; at most GOMAXPROCS builds run at the same time.
type Builder struct {
	Root    string // the folder of the module
	Program string // the package, such as ./scripts/raftcheck
	// Folder is that of the built programs, which run: only this user may be able to write
	// to it. It is created if it is missing.
	Folder string

	once sync.Once
	free chan struct{} // has room for each build that may run
}

// flags are the fastest that were measured, at half a second for a mutant: go build
// does not query version control and writes no debug information. With -trimpath it
// was not faster.
var flags = []string{"-buildvcs=false", "-ldflags=-s -w"}

// Build returns the file of the program with the mutant in it, or without any if m is
// nil. It reuses a program that was built of the same mutant and the same source. The
// error names the mutant and quotes the compiler. When ctx ends, the build ends.
func (b *Builder) Build(ctx context.Context, m *Mutant) (string, error) {
	if m == nil {
		m = &Mutant{Name: "none"}
	}
	b.once.Do(func() { b.free = make(chan struct{}, runtime.GOMAXPROCS(0)) })
	select {
	case b.free <- struct{}{}:
		defer func() { <-b.free }()
	case <-ctx.Done():
		return "", fmt.Errorf("mutant %s: %w", m.Name, ctx.Err())
	}
	changed, err := m.Apply(func(path string) ([]byte, error) {
		return trial.ReadFile(filepath.Join(b.Root, path), maxSourceBytes)
	})
	if err != nil {
		return "", err
	}
	program, err := b.build(ctx, m.Name, changed)
	if err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	return program, nil
}

// build builds the program with changed files, unless it exists.
func (b *Builder) build(ctx context.Context, name string, changed map[string][]byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	root, err := filepath.Abs(b.Root)
	if err != nil {
		return "", err
	}
	folder, err := filepath.Abs(b.Folder)
	if err != nil {
		return "", err
	}
	sum, err := b.sum(root, changed)
	if err != nil {
		return "", err
	}
	if err := private(folder); err != nil {
		return "", err
	}
	program := filepath.Join(folder, fmt.Sprintf("%s-%.16x", name, sum))
	if isWhole(program) {
		return program, use(program, time.Now())
	}
	if err := sweep(folder, time.Now()); err != nil {
		return "", err
	}
	scratch, err := os.MkdirTemp(folder, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	overlay, err := writeOverlay(scratch, root, changed)
	if err != nil {
		return "", err
	}
	built := filepath.Join(scratch, "program")
	if err := b.compile(ctx, root, "-overlay="+overlay, "-o", built, b.Program); err != nil {
		return "", err
	}
	if err := os.WriteFile(program+sumSuffix, contentSum(built), 0o600); err != nil {
		return "", err
	}
	return program, os.Rename(built, program) // the file appears whole or not at all
}

// compile runs go build. Go's cache has the packages that the mutant does not change.
func (b *Builder) compile(ctx context.Context, root string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"build"}, flags...), args...)...)
	cmd.Dir = root
	// An interrupt lets go end its compilers; a kill would leave them running.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 5 * time.Second
	output, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(output))
	}
	return nil
}

// writeOverlay writes the changed files and the overlay file of go build that names
// them. It returns the overlay file.
func writeOverlay(folder, root string, changed map[string][]byte) (string, error) {
	replace := map[string]string{}
	for path, text := range changed {
		file := filepath.Join(folder, strings.ReplaceAll(path, "/", "-"))
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return "", err
		}
		replace[filepath.Join(root, filepath.FromSlash(path))] = file
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "overlay.json")
	return file, os.WriteFile(file, overlay, 0o644)
}

// sum returns a hash of everything that determines the program: the toolchain, the
// flags, and every source file of the module with the mutant's changes.
func (b *Builder) sum(root string, changed map[string][]byte) ([]byte, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s/%s %q %q %q\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, os.Getenv("GOFLAGS"), flags, b.Program)
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || file != root && d.Name()[0] == '.'):
			return filepath.SkipDir // go build ignores these folders too
		case d.IsDir() || !isSource(d.Name()):
			return nil
		}
		path, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return hashSource(h, file, filepath.ToSlash(path), changed)
	})
	return h.Sum(nil), err
}

// isSource reports whether a file of this name can affect the program.
func isSource(name string) bool {
	return slices.Contains([]string{"go.mod", "go.sum"}, name) ||
		strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
}

// hashSource writes the name and the text of a source file to h.
func hashSource(h hash.Hash, file, path string, changed map[string][]byte) error {
	text, ok := changed[path]
	if !ok {
		var err error
		if text, err = trial.ReadFile(file, maxSourceBytes); err != nil {
			return err
		}
	}
	fmt.Fprintf(h, "%s %d\n", path, len(text))
	h.Write(text)
	return nil
}
