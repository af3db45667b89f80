package reference

import (
	"embed"
	"io/fs"
)

//go:embed *.go
var source embed.FS

// Source returns the source code of this package. A certificate has its
// fingerprint, as the code that was explored.
func (System) Source() fs.FS { return source }
