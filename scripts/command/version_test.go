package command

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersion(t *testing.T) {
	code, out, errs := raftcheck(t, "version")
	require.Equal(t, exitHeld, code)
	require.Empty(t, errs)
	require.Contains(t, out, runtime.Version()+" ")

	var text strings.Builder
	printVersion(&text, &debug.BuildInfo{
		GoVersion: "go1.26.0", Main: debug.Module{Path: "example.com/mine", Version: "v1.2.3"},
		Deps: []*debug.Module{
			{Path: "example.com/other", Version: "v9.9.9"},
			{Path: thisModule, Version: "v0.0.0", Replace: &debug.Module{Path: "../raftcheck"}},
		},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "c0ffee"}, {Key: "vcs.modified", Value: "true"},
			{Key: "GOOS", Value: "linux"}, {Key: "GOARCH", Value: "arm64"},
		},
	})
	require.Equal(t, `example.com/mine  v1.2.3
raftcheck         v0.0.0 => ../raftcheck
revision          c0ffee and changes that are not committed
go                go1.26.0 linux/arm64
`, text.String())
}

// TestInvocation: the words that start the program again are right for go run and for an executable.
func TestInvocation(t *testing.T) {
	built := &debug.BuildInfo{Path: "example.com/mine/cmd/check", Main: debug.Module{Path: "example.com/mine"}}
	for executable, want := range map[string]string{
		"/tmp/go-build12/b001/exe/check":          "go run ./cmd/check",
		"/home/a/.cache/go-build/78/78b0-d/check": "go run ./cmd/check",
		"check":       "check",
		"./bin/check": "./bin/check",
	} {
		require.Equal(t, want, invocation(executable, built))
	}
	require.Equal(t, "go-build/check", invocation("go-build/check", nil))
}
