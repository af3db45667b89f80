package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
)

// TestWrite: the archive has the inputs of all folders, each behind its length.
func TestWrite(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for folder, choices := range map[string]string{one: "abc", two: "\x00\xff"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "goal"), generate.FormatNative([]byte(choices)), 0o644))
	}
	file := filepath.Join(t.TempDir(), "seeds.zip")
	require.NoError(t, write(file, []string{one, two}))
	archive, err := zip.OpenReader(file)
	require.NoError(t, err)
	defer archive.Close()
	got := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		got[f.Name] = string(text)
	}
	require.Equal(t, map[string]string{"0-goal": "\x00\x00\x00\x03abc", "1-goal": "\x00\x00\x00\x02\x00\xff"}, got)
}

// TestWrite_bad: a folder that is missing, or that has another file, writes nothing.
func TestWrite_bad(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "seeds.zip")
	require.ErrorIs(t, write(file, []string{"nowhere"}), os.ErrNotExist)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "goal"), []byte("hello"), 0o644))
	require.ErrorContains(t, write(file, []string{folder}), "goal: expected")
	require.NoFileExists(t, file)
}
