package campaign

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
)

// Build names the program that runs: its version or commit, and the beginning of the
// SHA-256 of its executable. It is the version of the system under test.
func Build() (string, error) {
	file, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return version() + " " + hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// version is the commit that the program was built from, or else the version of its module.
func version() string {
	built, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	settings := map[string]string{}
	for _, s := range built.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return built.Main.Version
	}
	if settings["vcs.modified"] == "true" {
		return commit[:min(12, len(commit))] + "+"
	}
	return commit[:min(12, len(commit))]
}
