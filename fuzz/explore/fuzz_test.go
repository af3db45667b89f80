package explore

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/services"
)

// FuzzParseCertificate: a parsed certificate prints as the same text, and no text panics.
func FuzzParseCertificate(f *testing.F) {
	files, err := filepath.Glob("../../testdata/explored/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCertificate("fuzz", text, services.All())
		if err == nil && c.String() != string(text) {
			t.Fatalf("read %q, written as %q", text, c)
		}
	})
}
