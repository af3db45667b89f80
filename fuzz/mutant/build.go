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
)

// Builder builds a program of this module with one mutant in it. It may be used
// from several goroutines; as many builds as there are cores run at once.
type Builder struct {
	Root    string // the module's folder
	Program string // the package, such as ./scripts/raftcheck
	Folder  string // where programs are kept, and found again; it is made if it is not there

	once sync.Once
	free chan struct{} // a place for each build that may run
}

// flags are what made builds fastest when it was measured (half a second a
// mutant): the version control system is not asked, and nothing is written for
// debuggers. With -trimpath it took no less.
var flags = []string{"-buildvcs=false", "-ldflags=-s -w"}

// Build returns the file of the program with the mutant in it; without one, nil,
// it is the program as it is. What was built before of the same mutant and the
// same source is taken as it is. What the compiler has against a mutant is an
// error that names it. When ctx ends, so does the build.
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
	changed, err := m.Apply(func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(b.Root, path)) })
	if err != nil {
		return "", err
	}
	program, err := b.build(ctx, m.Name, changed)
	if err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	return program, nil
}

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
	program := filepath.Join(folder, fmt.Sprintf("%s-%.16x", name, sum))
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
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
	return program, os.Rename(built, program) // it is there whole or not at all
}

// compile runs go build. Go's own cache has what mutants do not change.
func (b *Builder) compile(ctx context.Context, root string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"build"}, flags...), args...)...)
	cmd.Dir = root
	// Interrupted, go ends its compilers; killed, it would leave them behind.
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

// writeOverlay writes the changed files and what tells go build of them, and returns the latter.
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

// sum is a hash of what decides the program: the toolchain, how it is built, and
// every source of the module as the mutant has it.
func (b *Builder) sum(root string, changed map[string][]byte) ([]byte, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s/%s %q %q %q\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, os.Getenv("GOFLAGS"), flags, b.Program)
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || file != root && d.Name()[0] == '.'):
			return filepath.SkipDir // go build does not look there either
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

func isSource(name string) bool {
	return slices.Contains([]string{"go.mod", "go.sum"}, name) ||
		strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
}

func hashSource(h hash.Hash, file, path string, changed map[string][]byte) error {
	text, ok := changed[path]
	if !ok {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return err
		}
	}
	fmt.Fprintf(h, "%s %d\n", path, len(text))
	h.Write(text)
	return nil
}
