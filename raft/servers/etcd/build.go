package etcd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// buildTime bounds the build of a release; it takes two minutes on two cores.
const buildTime = 20 * time.Minute

// module is the module of the server, whose main package has the same path.
const module = "go.etcd.io/etcd/server/v3"

// program is the file of the server's program.
func (s Server) program() (string, error) {
	if s.Release == "debian" {
		return exec.LookPath("etcd")
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "raftcheck", "etcd-"+s.Release), err
}

// Prepare finds the program, or builds it, and returns its version.
func (s Server) Prepare(ctx context.Context) (version string, err error) {
	program, err := s.program()
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("expected etcd, found none: apt-get install etcd-server: %w", err)
	}
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(program); errors.Is(err, os.ErrNotExist) {
		if err := s.build(ctx, program); err != nil {
			return "", fmt.Errorf("the build of etcd %s: %w", s.Release, err)
		}
	}
	return versionOf(ctx, program)
}

var versionLine = regexp.MustCompile(`etcd Version: (\S+)`)

func versionOf(ctx context.Context, program string) (string, error) {
	output, err := exec.CommandContext(ctx, program, "--version").CombinedOutput()
	found := versionLine.FindSubmatch(output)
	if err != nil || found == nil {
		return "", fmt.Errorf("expected the version of %s, found %q: %w", program, output, err)
	}
	return "etcd " + string(found[1]), nil
}

// build builds the release with the Go that is installed, in a module of its own. The
// program appears whole or not at all.
func (s Server) build(ctx context.Context, program string) error {
	ctx, stop := context.WithTimeout(ctx, buildTime)
	defer stop()
	dir, err := os.MkdirTemp("", "raftcheck-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return err
	}
	built := fmt.Sprintf("%s.%d", program, os.Getpid())
	defer os.Remove(built)
	for _, args := range [][]string{
		{"mod", "init", "build"},
		{"get", "-tool", module + "@v" + s.Release},
		{"build", "-o", built, module},
	} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		if output, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go %v: %w: %s", args, err, output)
		}
	}
	return os.Rename(built, program)
}
