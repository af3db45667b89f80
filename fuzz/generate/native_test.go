package generate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadNative_error: a file of another form is an error with the file's name.
func TestReadNative_error(t *testing.T) {
	for _, text := range []string{
		"", "go test fuzz v1\n[]byte(\"a\")", "go test fuzz v1\nint(1)\n", "go test fuzz v1\n[]byte(a)\n",
		"[]byte(\"a\")\n",
		"go test fuzz v1\n[]byte(\"a\")\nint(1)\n",
	} {
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "input"), []byte(text), 0o644))
		_, err := ReadNative(folder)
		require.ErrorContains(t, err, "input: expected \"go test fuzz v1", text)
	}
	_, err := ReadNative("nowhere")
	require.Error(t, err)
}
